"""The images of worker and probe for real engines: built from ``fixtures``, once each.

The worker's may also be one that somebody else made: QFieldCloud's own.

A tag holds the hash of what an image is built from, so that an image that is there
already needs no build.
"""

import fcntl
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
from docker.errors import BuildError, DockerException, ImageNotFound

from .. import resources
from ..errors import EnvironmentMissing
from . import containers, engine
from .place import NO_PROGRAM

BASE = "debian:bookworm-slim"


def build(client: docker.DockerClient, folder: str) -> str:
    """The name of the image of ``fixtures/<folder>``; it is built if need be.

    :raises EnvironmentMissing: the build fails
    """
    root, name = resources.fixture(folder), name_of(folder)
    with _alone(folder):
        try:
            client.images.get(name)
        except ImageNotFound:
            _build(client, root, name)
    return name


def name_of(folder: str) -> str:
    """The name that the image of ``fixtures/<folder>`` has, built or not."""
    return f"qfc-harness/{folder}:{_digest(resources.fixture(folder))}"


def broken_name() -> str:
    """The name of the image whose ENTRYPOINT isn't there, built or not."""
    return f"qfc-harness/broken:{_digest(resources.fixture('probe'))}"


def broken(client: docker.DockerClient) -> str:
    """The probe's image with an ENTRYPOINT that isn't there."""
    name, text = broken_name(), f"FROM {build(client, 'probe')}\n"
    text += f'ENTRYPOINT ["{NO_PROGRAM}"]\n'
    with _alone("probe"):
        client.images.build(fileobj=io.BytesIO(text.encode()), tag=name, rm=True)
    return name


def worker_name(given: str = "") -> str:
    """The name of the worker's image, there or not."""
    return given or name_of("worker")


def worker(client: docker.DockerClient, given: str = "") -> str:
    """The name of the worker's image: the one given, pulled if need be, or ours.

    :raises EnvironmentMissing: it can't be pulled, or built
    """
    if not given:
        return build(client, "worker")
    with _alone("worker"):
        try:
            client.images.get(given)
        except ImageNotFound:
            try:
                client.images.pull(*_repository_and_tag(given))
            except DockerException as error:
                raise EnvironmentMissing(
                    f"The worker's image {given} is not on this machine, and can't be "
                    f"pulled: {error}",
                    "Load it (docker load), or leave --worker-image out for the one "
                    "that is built from fixtures/worker.",
                ) from error
    return given


@contextmanager
def _alone(folder: str) -> Iterator[None]:
    """One builds, whoever else needs the image finds it built; across processes."""
    descriptor = os.open(resources.fixture(folder), os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _repository_and_tag(name: str) -> tuple[str, str | None]:
    """A name without a tag would pull every tag there is."""
    last = name.rsplit("/", 1)[-1]
    return (name, None) if ":" in last or "@" in last else (name, "latest")


def _build(client: docker.DockerClient, root: Path, name: str) -> None:
    try:
        containers.build(engine.socket_of(client), root, name, {"BASE": BASE})
    except BuildError as error:
        words = [
            str(line.get("stream", line.get("error", ""))) for line in error.build_log
        ]
        last = "".join(words).strip().splitlines()[-8:]
        raise EnvironmentMissing(
            f"The image of {root} can't be built: {error.msg}\n    "
            + "\n    ".join(last),
            f"It is built on {BASE} with Debian's packages: is there a way to both?",
        ) from error
    except DockerException as error:
        raise EnvironmentMissing(
            f"The image of {root} can't be built: {error}"
        ) from error


def _digest(root: Path) -> str:
    digest = hashlib.sha256(BASE.encode())
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix not in (".pyc", ".md"):
            digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]
