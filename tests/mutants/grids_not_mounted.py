"""Forgets the volume of the transformation grids."""

from typing import Any

from worker_wrapper import manifest
from worker_wrapper.docker_backend import DockerBackend
from worker_wrapper.run_spec import GRIDS_TARGET
from worker_wrapper.wrapper import *  # noqa: F403

_mounts, _options = manifest._mounts, DockerBackend._options


def mounts(*args: Any) -> list[dict[str, Any]]:
    return [one for one in _mounts(*args) if one["mountPath"] != GRIDS_TARGET]


def options(self: DockerBackend, *args: Any) -> dict[str, Any]:
    made = _options(self, *args)
    kept = [mount for mount in made["mounts"] if mount["Target"] != GRIDS_TARGET]
    return made | {"mounts": kept}


manifest._mounts = mounts
DockerBackend._options = options  # type: ignore[method-assign]
