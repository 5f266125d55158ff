"""Replaces the ENTRYPOINT: ``command`` on Kubernetes, ``entrypoint`` on Docker."""

from typing import Any

from worker_wrapper import manifest
from worker_wrapper.docker_backend import DockerBackend
from worker_wrapper.wrapper import *  # noqa: F403

_container, _options = manifest._container, DockerBackend._options


def container(*args: Any) -> dict[str, Any]:
    made = _container(*args)
    made["command"] = made.pop("args")
    return made


def options(self: DockerBackend, *args: Any) -> dict[str, Any]:
    made = _options(self, *args)
    made["entrypoint"] = made.pop("command")
    return made


manifest._container = container
DockerBackend._options = options  # type: ignore[method-assign]
