"""Never removes a container or Job."""

from typing import Any

from worker_wrapper.docker_backend import DockerBackend
from worker_wrapper.kubernetes_backend import KubernetesBackend
from worker_wrapper.wrapper import *  # noqa: F403


def remove(self: Any, worker: Any) -> None:
    """Do nothing."""


DockerBackend.remove = remove  # type: ignore[method-assign]
KubernetesBackend.remove = remove  # type: ignore[method-assign]
