"""What the harness makes on a Docker Engine through testcontainers.

testcontainers reads its variables (``TESTCONTAINERS_…``) when it is imported, and picks
an engine of its own: so it is imported here alone, when it is needed, and told which
engine is meant. `gc` clears up after runs that were killed, by the labels given here;
Ryuk, testcontainers' own reaper, helps where its image is on the machine.
"""

import importlib.util
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, ImageNotFound

from ..errors import EnvironmentMissing
from .patience import CALL

LOOPBACK = "127.0.0.1"
INSTALL = "pip install 'qfieldcloud-worker-harness[docker]'"


def missing() -> str:
    """Why nothing can be made; "" if it can."""
    if importlib.util.find_spec("testcontainers") is None:
        return f"the package testcontainers is not installed: {INSTALL}"
    return ""


def ryuk(client: docker.DockerClient) -> str:
    """Decide on Ryuk; what a user should know of that, "" for nothing.

    Its image is used if it is there; it is never pulled behind the user's back.
    ``TESTCONTAINERS_RYUK_DISABLED`` says no to it.

    :raises EnvironmentMissing: testcontainers can't be used, and why
    """
    with _importing():
        from testcontainers.core.config import testcontainers_config as known
    if known.ryuk_disabled:
        return ""
    try:
        client.images.get(known.ryuk_image)
    except ImageNotFound:
        known.ryuk_disabled = True
        return (
            f"testcontainers' Ryuk is not used, for its image {known.ryuk_image} is "
            "not on this machine, and the harness pulls nothing unasked: "
            "`qfc-harness gc` clears up after a run that is killed. "
            "TESTCONTAINERS_RYUK_DISABLED=true silences this"
        )
    return ""


@contextmanager
def network(socket: Path, name: str, labels: Mapping[str, str]) -> Iterator[Any]:
    """A network of this name, removed at the end; containers can be connected to it."""
    with _importing():
        from testcontainers.core.network import Network
    made = Network(
        docker_client_kw=_engine(socket), docker_network_kw={"labels": dict(labels)}
    )
    made.name = name
    with closing(made._docker.client):  # the class leaves its connections open
        made.create()
        try:
            yield made
        finally:
            with suppress(APIError):  # something that nobody knows is still in it
                made.remove()


def build(socket: Path, root: Path, name: str, arguments: Mapping[str, str]) -> None:
    """Build an image of a folder with a Dockerfile; it stays.

    :raises docker.errors.DockerException: it can't be built
    """
    with _importing():
        from testcontainers.core.image import DockerImage
    image = DockerImage(
        root,
        docker_client_kw=_engine(socket, timeout=None),
        tag=name,
        clean_up=False,
        buildargs=dict(arguments),
        forcerm=True,
    )
    try:
        image.build()
    finally:
        image.get_docker_client().client.close()


@contextmanager
def container(
    socket: Path, image: str, labels: Mapping[str, str], **more: Any
) -> Iterator[Any]:
    """A container that runs until the end; its image has to be there.

    :param more: as docker-py's ``run`` takes it; ``ports`` (of TCP) are published on
        this machine's loopback
    """
    ports = more.pop("ports", ())
    with _importing():
        from testcontainers.core.container import DockerContainer
    made = DockerContainer(
        image, docker_client_kw=_engine(socket), labels=dict(labels), **more
    )
    made.image = image  # without TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX: it is local
    made.ports = {f"{port}/tcp": (LOOPBACK,) for port in ports}
    with made:
        yield made


def published(running: Any, port: int) -> tuple[str, int]:
    """Where a container's port is on this machine.

    The engine is always this machine's; testcontainers takes the file ``/.dockerenv``,
    which only says that we are in a container too, for the opposite.
    """
    found = running.get_docker_client().port(running.get_container_id(), port)
    return LOOPBACK, int(found)


def _engine(socket: Path, timeout: float | None = CALL.seconds) -> dict[str, Any]:
    """How testcontainers is told which engine: not by the process's environment."""
    limit = {"timeout": int(timeout)} if timeout else {}
    return {"environment": {"DOCKER_HOST": f"unix://{socket}"}, **limit}


@contextmanager
def _importing() -> Iterator[None]:
    """Around each import of testcontainers.

    :raises EnvironmentMissing: it isn't installed, or a variable of its is wrong
    """
    wrong = missing()
    if wrong:
        raise EnvironmentMissing(wrong, INSTALL)
    try:
        yield
    except ValueError as error:
        raise EnvironmentMissing(
            f"testcontainers can't be used: {error}",
            "Mend the variable TESTCONTAINERS_… or TC_… that it tells of.",
        ) from error
