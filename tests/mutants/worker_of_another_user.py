"""Runs the worker as some user, and opens /io for everybody so that it works."""

from dataclasses import replace
from typing import Any

from worker_wrapper import manifest
from worker_wrapper.docker_backend import DockerBackend
from worker_wrapper.run_spec import RunSpec
from worker_wrapper.wrapper import *  # noqa: F403

USER = 12345

_pod_spec, _options = manifest._pod_spec, DockerBackend._options


def pod_spec(spec: RunSpec, settings: Any) -> dict[str, Any]:
    spec.io_directory.chmod(0o777)
    return _pod_spec(spec, replace(settings, run_as_user=USER, run_as_group=USER))


def options(self: DockerBackend, spec: RunSpec) -> dict[str, Any]:
    spec.io_directory.chmod(0o777)
    return _options(self, spec) | {"user": f"{USER}:{USER}"}


manifest._pod_spec = pod_spec
DockerBackend._options = options  # type: ignore[method-assign]
