"""Makes a limit of the CPU weight."""

from typing import Any

from worker_wrapper import manifest
from worker_wrapper.docker_backend import DockerBackend
from worker_wrapper.run_spec import RunSpec
from worker_wrapper.wrapper import *  # noqa: F403

_resources, _options = manifest._resources, DockerBackend._options


def resources(*args: Any) -> dict[str, Any]:
    made = _resources(*args)
    made["limits"]["cpu"] = made["requests"]["cpu"]
    return made


def options(self: DockerBackend, spec: RunSpec) -> dict[str, Any]:
    return _options(self, spec) | {"nano_cpus": spec.cpu_shares * 10**9 // 1024}


manifest._resources = resources
DockerBackend._options = options  # type: ignore[method-assign]
