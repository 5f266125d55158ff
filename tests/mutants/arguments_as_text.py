"""Makes one text of the arguments (Docker), and escapes nothing (Kubernetes)."""

from typing import Any

from worker_wrapper import manifest
from worker_wrapper.docker_backend import DockerBackend
from worker_wrapper.run_spec import RunSpec
from worker_wrapper.wrapper import *  # noqa: F403

_container, _options = manifest._container, DockerBackend._options


def container(spec: RunSpec, settings: Any) -> dict[str, Any]:
    return _container(spec, settings) | {"args": list(spec.args)}


def options(self: DockerBackend, spec: RunSpec) -> dict[str, Any]:
    return _options(self, spec) | {"command": " ".join(spec.args)}


manifest._container = container
DockerBackend._options = options  # type: ignore[method-assign]
