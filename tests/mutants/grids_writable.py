"""Lets the worker write to the volume of the transformation grids."""

from typing import Any

from worker_wrapper import manifest
from worker_wrapper.docker_backend import DockerBackend
from worker_wrapper.wrapper import *  # noqa: F403

_claim, _mounts, _options = manifest._claim, manifest._mounts, DockerBackend._options


def claim(name: str, claim: str, *_read_only: bool) -> dict[str, Any]:
    return _claim(name, claim)


def mounts(*args: Any) -> list[dict[str, Any]]:
    return [one | {"readOnly": False} for one in _mounts(*args)]


def options(self: DockerBackend, *args: Any) -> dict[str, Any]:
    made = _options(self, *args)
    for mount in made["mounts"]:
        mount["ReadOnly"] = False
    return made


manifest._claim = claim
manifest._mounts = mounts
DockerBackend._options = options  # type: ignore[method-assign]
