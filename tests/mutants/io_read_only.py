"""Mounts the job's directory so that the worker can't write to it."""

from typing import Any

from worker_wrapper import manifest
from worker_wrapper.docker_backend import DockerBackend
from worker_wrapper.wrapper import *  # noqa: F403

_mounts, _options = manifest._mounts, DockerBackend._options


def mounts(*args: Any) -> list[dict[str, Any]]:
    return [one | {"readOnly": True} for one in _mounts(*args)]


def options(self: DockerBackend, *args: Any) -> dict[str, Any]:
    made = _options(self, *args)
    for mount in made["mounts"]:
        mount["ReadOnly"] = True
    return made


manifest._mounts = mounts
DockerBackend._options = options  # type: ignore[method-assign]
