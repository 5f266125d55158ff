"""Mounts the place of all jobs' directories at ``/io``, and not this job's alone."""

from typing import Any

from docker.types import Mount

from worker_wrapper import manifest
from worker_wrapper.docker_backend import DockerBackend
from worker_wrapper.run_spec import IO_TARGET, RunSpec
from worker_wrapper.wrapper import *  # noqa: F403

_mounts, _options = manifest._mounts, DockerBackend._options


def mounts(*args: Any) -> list[dict[str, Any]]:
    made = _mounts(*args)
    for mount in made:
        mount.pop("subPath", None)
    return made


def options(self: DockerBackend, spec: RunSpec) -> dict[str, Any]:
    made = _options(self, spec)
    parent = str(spec.io_directory.parent.parent)
    others = [mount for mount in made["mounts"] if mount["Target"] != IO_TARGET]
    made["mounts"] = [Mount(IO_TARGET, parent, type="bind"), *others]
    return made


manifest._mounts = mounts
DockerBackend._options = options  # type: ignore[method-assign]
