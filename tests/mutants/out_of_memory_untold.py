"""Says of every worker that was killed that somebody killed it."""

from dataclasses import replace
from typing import Any

from worker_wrapper import failures
from worker_wrapper.docker_backend import DockerBackend
from worker_wrapper.failures import Failure
from worker_wrapper.kubernetes_backend import KubernetesBackend
from worker_wrapper.run_spec import Ended
from worker_wrapper.wrapper import *  # noqa: F403

_docker, _kubernetes = DockerBackend._ended, KubernetesBackend._ended


def blamed(ended: Ended, kind: Any) -> Ended:
    if ended.exit_code != 137:
        return ended
    return replace(ended, failure=Failure(kind, "The worker's container was killed."))


def by_docker(self: DockerBackend, *args: Any) -> Ended:
    return blamed(_docker(self, *args), failures.DOCKER_SIGKILL)


def by_kubernetes(self: KubernetesBackend, *args: Any) -> Ended:
    return blamed(_kubernetes(self, *args), failures.KUBERNETES_SIGKILL)


DockerBackend._ended = by_docker  # type: ignore[method-assign]
KubernetesBackend._ended = by_kubernetes  # type: ignore[method-assign]
