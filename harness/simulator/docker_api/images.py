"""The engine's images: those that are registered and can be pulled are here.

Other names and removals are the engine's own; what an image holds is the registry's.
"""

import fnmatch
from dataclasses import dataclass, field

from harness.simulator.clock import Clock
from harness.simulator.docker_api.errors import (
    ApiError,
    ConflictError,
    InvalidError,
    NotFoundError,
)
from harness.simulator.docker_api.events import Events
from harness.simulator.runtime import Image, Images, InvalidReferenceError, Pull
from harness.simulator.runtime.images import canonical, familiar


@dataclass(slots=True)
class LocalImage:
    """An image of this engine, with its names here."""

    image: Image
    created_ns: int
    names: list[str] = field(default_factory=list)
    """In the short form: ``debian:latest``."""


class LocalImages:
    """What ``docker images`` lists."""

    def __init__(self, registry: Images, clock: Clock, events: Events) -> None:
        self._registry = registry
        self._clock = clock
        self._events = events
        self._local: dict[str, LocalImage] = {}
        self._seen: dict[str, Image] = {}

    def all(self) -> list[LocalImage]:
        """Every image, newest first; what was registered since is among them."""
        for image in self._registry:
            if image.pull is Pull.OK and self._seen.get(image.name) is not image:
                self._add(image)
        return sorted(self._local.values(), key=lambda i: i.created_ns, reverse=True)

    def get(self, reference: str) -> LocalImage:
        """By name, id or the beginning of an id.

        Raises NotFoundError, or InvalidError for what is no name, in the words of
        ``create``.
        """
        images = self.all()
        bare = reference.removeprefix("sha256:")
        for local in images:
            if local.image.id == f"sha256:{bare}":
                return local
        try:
            name = familiar(reference)
        except InvalidReferenceError as error:
            raise InvalidError(str(error)) from error
        for local in images:
            if name in local.names:
                return local
        matching = [i for i in images if i.image.id[7:].startswith(bare)]
        if len(matching) == 1 and bare:
            return matching[0]
        missing = reference if reference.startswith("sha256:") else name
        raise NotFoundError(f"No such image: {missing}")

    def pull(self, reference: str) -> Image | ApiError:
        """The image a registry has under that name, now here; else its error."""
        try:
            name = familiar(reference)
        except InvalidReferenceError as error:
            return InvalidError(str(error))
        image = self._registry.get(reference)
        kind = Pull.MISSING if image is None else image.pull
        if image is None or kind in (Pull.MISSING, Pull.DENIED):
            repository = canonical(name).split("/", 1)[1].rsplit(":", 1)[0]
            return NotFoundError(
                f"pull access denied for {repository.removeprefix('library/')}, "
                "repository does not exist or may require 'docker login': denied: "
                "requested access to the resource is denied"
            )
        if kind is Pull.UNREACHABLE:
            host = canonical(name).split("/", 1)[0]
            host = "registry-1.docker.io" if host == "docker.io" else host
            return ApiError(
                f'Get "https://{host}/v2/": dial tcp: lookup {host} on 127.0.0.53:53: '
                "no such host"
            )
        self._add(image)
        self._tell("pull", image, name)
        return image

    def tag(self, reference: str, repo: str, tag: str) -> None:
        """Another name for an image."""
        local = self.get(reference)
        try:
            name = familiar(f"{repo}:{tag}" if tag else repo)
        except InvalidReferenceError as error:
            raise ApiError(str(error)) from error
        for other in self.all():
            if name in other.names:
                other.names.remove(name)
        local.names.append(name)
        self._tell("tag", local.image, name)

    def remove(
        self, reference: str, users: dict[str, str], *, force: bool
    ) -> list[dict[str, str]]:
        """Take a name away, and the image with its last name.

        ``users`` maps ids of containers to the id of the image they were made of.
        """
        local = self.get(reference)
        using = [c for c, image in users.items() if image == local.image.id]
        short = local.image.id.removeprefix("sha256:")[:12]
        bare = reference.removeprefix("sha256:")
        by_id = local.image.id.removeprefix("sha256:").startswith(bare)
        names = list(local.names) if by_id else [familiar(reference)]
        last = len(names) == len(local.names)
        if last and using and not force:
            if by_id:
                raise ConflictError(
                    f"conflict: unable to delete {short} (must be forced) - image is "
                    f"being used by stopped container {using[0][:12]}"
                )
            raise ConflictError(
                f'conflict: unable to remove repository reference "{reference}" '
                f"(must force) - container {using[0][:12]} is using its referenced "
                f"image {short}"
            )
        report = []
        for name in names:
            local.names.remove(name)
            self._tell("untag", local.image, name)
            report.append({"Untagged": name})
        if not local.names and not using:
            del self._local[local.image.id]
            self._tell("delete", local.image, local.image.id)
            report.append({"Deleted": local.image.id})
        return report

    def _add(self, image: Image) -> None:
        name = familiar(image.name)
        for other in self._local.values():
            if name in other.names:
                other.names.remove(name)  # registered again, as something else
        self._seen[image.name] = image
        local = self._local.setdefault(
            image.id, LocalImage(image, self._clock.now_ns())
        )
        if name not in local.names:
            local.names.append(name)

    def _tell(self, action: str, image: Image, name: str) -> None:
        attributes = {**image.labels, "name": name}
        self._events.tell("image", action, image.id, attributes)


def matches_reference(names: list[str], pattern: str) -> bool:
    """As ``docker images PATTERN``: with or without a tag, ``*`` as in a shell."""
    for name in names:
        repository = name.rsplit(":", 1)[0]
        if fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(
            repository, pattern
        ):
            return True
    return False
