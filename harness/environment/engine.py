"""Where this machine's Docker Engine is, and clients for it."""

import logging
import os
import shutil
import socket as sockets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import requests
from docker.context import ContextAPI
from docker.errors import DockerException

from ..errors import EnvironmentMissing, HarnessError
from ..settings import Settings
from ..standin.run_directory import RunDirectory
from .patience import CALL

logger = logging.getLogger(__name__)
DEFAULT_HOST = "unix:///var/run/docker.sock"


def socket(settings: Settings) -> Path:
    """The engine's socket, as ``DOCKER_HOST`` or the docker command's context says.

    :raises EnvironmentMissing: the engine is not behind a unix socket
    """
    host = settings.docker_host or _of_context() or DEFAULT_HOST
    scheme, _, path = host.partition("://")
    if scheme != "unix":
        raise EnvironmentMissing(
            f"The Docker Engine is at {host}: the harness can only use one of this "
            "machine, behind a unix socket, because workers share directories with it.",
            "Set DOCKER_HOST to unix:///path/of/docker.sock, or unset it; `docker "
            "context ls` shows what else may name an engine.",
        )
    return Path(path)


def _of_context() -> str:
    """The host of the docker command's current context; "" for its default one.

    Docker Desktop and rootless engines are found by one.
    """
    try:
        current = ContextAPI.get_current_context()
    except Exception as error:  # whatever that file may hold
        logger.warning("The docker command's context can't be read: %s", error)
        return ""
    if current is None or current.Name == "default":
        return ""
    return str(current.Host or "")


def socket_of(client: docker.DockerClient) -> Path:
    """The socket that a client talks to."""
    adapter: Any = client.api.get_adapter(client.api.base_url)
    return Path(str(adapter.socket_path))


def connect(settings: Settings) -> docker.DockerClient:
    """A client that has spoken to the engine.

    :raises EnvironmentMissing: there is none, or it can't be used, and why
    """
    path = socket(settings)
    try:
        with sockets.socket(sockets.AF_UNIX) as attempt:
            attempt.connect(str(path))
    except OSError as error:
        raise unreachable(path, error) from error
    client = docker.DockerClient(base_url=f"unix://{path}", timeout=int(CALL.seconds))
    try:
        client.ping()
    except (DockerException, requests.RequestException, OSError) as error:
        client.close()
        raise unreachable(path, error) from error
    return client


def missing(settings: Settings) -> str:
    """Why there is no engine to use; "" if there is one."""
    try:
        connect(settings).close()
    except EnvironmentMissing as error:
        return error.message
    return ""


def lost(settings: Settings) -> str:
    """What to say of an engine that went away in the middle; "" if it is there."""
    try:
        connect(settings).close()
    except EnvironmentMissing as error:
        return f"The Docker Engine was lost in the middle of the run. {error}"
    return ""


@contextmanager
def leaving(run: RunDirectory) -> Iterator[None]:
    """What can't be removed at a run's end is left to ``gc``, and said."""
    try:
        yield
    except (DockerException, requests.RequestException, HarnessError, OSError) as error:
        run.left = True
        logger.warning(
            "Not all of run %s could be removed: %s\n  qfc-harness gc will.",
            run.run_id,
            error,
        )


def check_room(client: docker.DockerClient, needed: int, what: str) -> None:
    """Find out now what would fail half-way, in worse words.

    :raises EnvironmentMissing: the engine's disk has too little room
    """
    root = str(client.info().get("DockerRootDir", ""))
    try:
        free = shutil.disk_usage(root).free
    except OSError:
        return  # not a directory of this machine, or not ours to look at
    if free < needed:
        raise EnvironmentMissing(
            f"There is too little room in {root}: {free // 1024**2} MiB are free, "
            f"{what} needs {needed // 1024**2}.",
            "Make room there: `docker system df` says what takes it.",
        )


def unreachable(path: Path, error: Exception) -> EnvironmentMissing:
    """What to say of an engine that doesn't answer."""
    if not path.exists():
        return EnvironmentMissing(
            f"There is no Docker Engine: {path} doesn't exist.",
            "Install and start Docker, or set DOCKER_HOST to its socket.",
        )
    if not os.access(path, os.R_OK | os.W_OK):
        return EnvironmentMissing(
            f"This user may not use the Docker Engine at {path}: permission denied.",
            "Add the user to the group docker and log in again, or set DOCKER_HOST to "
            "the socket of a rootless engine.",
        )
    words = str(error).splitlines()[0][:300]
    return EnvironmentMissing(
        f"The Docker Engine at {path} doesn't answer: {words}",
        "Is it running? `docker version` and `journalctl -u docker` say more.",
    )
