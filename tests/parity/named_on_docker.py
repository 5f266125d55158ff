"""Gives the worker a host name of its own on Docker, and none on Kubernetes."""

from typing import Any

from worker_wrapper.docker_backend import DockerBackend
from worker_wrapper.wrapper import *  # noqa: F403

_options: Any = DockerBackend._options


def options(self: DockerBackend, *args: Any) -> dict[str, Any]:
    return _options(self, *args) | {"hostname": "qgis"}


DockerBackend._options = options  # type: ignore[method-assign]
