"""Replaces the container that its own lost try made, as if it were somebody else's."""

from worker_wrapper.docker_backend import DockerBackend
from worker_wrapper.run_spec import RunSpec
from worker_wrapper.wrapper import *  # noqa: F403


def made_for(self: DockerBackend, name: str, spec: RunSpec) -> str:
    """None."""
    return ""


DockerBackend._made_for = made_for  # type: ignore[method-assign]
