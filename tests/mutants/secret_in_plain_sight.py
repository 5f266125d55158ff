"""Puts the worker's secrets where everybody can read them: Job and labels."""

from typing import Any

from worker_wrapper import manifest
from worker_wrapper.docker_backend import DockerBackend
from worker_wrapper.run_spec import RunSpec
from worker_wrapper.wrapper import *  # noqa: F403

_container, _options = manifest._container, DockerBackend._options


def container(spec: RunSpec, settings: Any) -> dict[str, Any]:
    made = _container(spec, settings)
    made["env"] += [{"name": k, "value": v} for k, v in spec.secret_env.items()]
    return made


def options(self: DockerBackend, spec: RunSpec) -> dict[str, Any]:
    made = _options(self, spec)
    made["labels"] = {**made["labels"], "token": spec.secret_env["QFIELDCLOUD_TOKEN"]}
    return made


manifest._container = container
DockerBackend._options = options  # type: ignore[method-assign]
