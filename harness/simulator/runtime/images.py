"""Images: what a container runs, described instead of stored.

The harness registers them over the control API. A name is compared in its canonical
form (``docker.io/library/debian:latest``), so ``debian`` finds the same image.
"""

import enum
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_DOMAIN = "docker.io"
_TAG = re.compile(r"[\w][\w.-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PATH = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*")
_DOMAIN = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9.-]*(?::[0-9]+)?")


class Pull(enum.Enum):
    """What a registry answers when asked for an image."""

    OK = "ok"
    MISSING = "missing"
    DENIED = "denied"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """What a Dockerfile would say, and the folder that holds the program."""

    name: str
    """As registered; see `canonical` for comparing."""
    root: Path | None = None
    """Its content is what the working directory holds; None for an empty one."""
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    python: tuple[Path, ...] = ()
    """Further prefixes bound read-only, for an interpreter of its own."""
    pull: Pull = Pull.OK
    pull_s: float = 0.0

    @property
    def id(self) -> str:
        """``sha256:…``; made from the description, so the same for the same image."""
        described = repr((canonical(self.name), self.root, self.entrypoint, self.cmd))
        described += repr((sorted(self.env.items()), self.workdir, self.user))
        described += repr(sorted(self.labels.items()))
        return "sha256:" + hashlib.sha256(described.encode()).hexdigest()


class InvalidReferenceError(ValueError):
    """Not the name of an image; the text is the one of Docker 20.10.

    :param repository: the part of the name that a newer library, the kubelet's, names
    """

    def __init__(self, message: str, repository: str = "") -> None:
        super().__init__(message)
        self.repository = repository


def canonical(reference: str) -> str:
    """Domain, path and tag (or digest) in full.

    Raises InvalidReferenceError, in the words of the distribution library.
    """
    name, _, digest = reference.partition("@")
    if digest and not _DIGEST.fullmatch(digest):
        raise InvalidReferenceError("invalid reference format")
    tag = ""
    colon = name.rfind(":")
    if colon > name.rfind("/"):
        name, tag = name[:colon], name[colon + 1 :]
        if not _TAG.fullmatch(tag):
            raise InvalidReferenceError("invalid reference format")
    domain, slash, path = name.partition("/")
    is_domain = "." in domain or ":" in domain or domain == "localhost"
    if not slash or not (is_domain or domain.lower() != domain):
        domain, path = DEFAULT_DOMAIN, name
    if domain == DEFAULT_DOMAIN and "/" not in path:
        path = f"library/{path}"
    if path.lower() != path and _DOMAIN.fullmatch(domain):
        raise InvalidReferenceError(
            "invalid reference format: repository name must be lowercase", path
        )
    if not _DOMAIN.fullmatch(domain) or not all(
        _PATH.fullmatch(part) for part in path.split("/")
    ):
        raise InvalidReferenceError("invalid reference format")
    if digest:
        return f"{domain}/{path}@{digest}"
    return f"{domain}/{path}:{tag or 'latest'}"


def familiar(reference: str) -> str:
    """The short form that Docker shows: ``debian:latest``."""
    name = canonical(reference).removeprefix(f"{DEFAULT_DOMAIN}/")
    return name.removeprefix("library/")


class Images:
    """Every image there is: what the registries would have."""

    def __init__(self) -> None:
        self._by_name: dict[str, Image] = {}

    def __iter__(self) -> Iterator[Image]:
        return iter(list(self._by_name.values()))

    def register(self, image: Image) -> None:
        """Add, or replace the one of the same canonical name."""
        self._by_name[canonical(image.name)] = image

    def get(self, reference: str) -> Image | None:
        """By name or id; None where it was never registered (or isn't a name)."""
        for image in self._by_name.values():
            if reference in (image.id, image.id.removeprefix("sha256:")):
                return image
        try:
            return self._by_name.get(canonical(reference))
        except InvalidReferenceError:
            return None
