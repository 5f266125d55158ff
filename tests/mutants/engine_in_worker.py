"""Hands the engine's socket on to the worker."""

from typing import Any

from docker.types import Mount

from worker_wrapper.docker_backend import DockerBackend
from worker_wrapper.wrapper import *  # noqa: F403

SOCKET = "/var/run/docker.sock"

_options = DockerBackend._options


def options(self: DockerBackend, *args: Any) -> dict[str, Any]:
    made = _options(self, *args)
    return made | {"mounts": [*made["mounts"], Mount(SOCKET, SOCKET, type="bind")]}


DockerBackend._options = options  # type: ignore[method-assign]
