"""Gives the worker no CPU weight, so that it has the same as all else."""

from typing import Any

from worker_wrapper import manifest
from worker_wrapper.docker_backend import DockerBackend
from worker_wrapper.wrapper import *  # noqa: F403

_resources, _options = manifest._resources, DockerBackend._options


def resources(*args: Any) -> dict[str, Any]:
    made = _resources(*args)
    del made["requests"]["cpu"]
    return made


def options(self: DockerBackend, *args: Any) -> dict[str, Any]:
    made = _options(self, *args)
    del made["cpu_shares"]
    return made


manifest._resources = resources
DockerBackend._options = options  # type: ignore[method-assign]
