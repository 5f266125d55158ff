"""Which backend runs the workers: made once for each process and setting."""

import functools

from django.conf import settings as django_settings

from .run_spec import Backend
from .settings import WorkerSettings, load


def worker_settings() -> WorkerSettings:
    """The wrapper's settings, validated.

    :raises settings.WorkerSettingsError: with a line for each that is wrong
    """
    return load(django_settings)


def get(name: str | None = None) -> Backend:
    """The backend of this name, or the one of ``QFIELDCLOUD_WORKER_BACKEND``."""
    settings = worker_settings()
    return _make(name or settings.backend, _Hashable(settings))


class _Hashable:
    """Settings as a cache key: equal where their contents are."""

    def __init__(self, settings: WorkerSettings) -> None:
        self.settings = settings
        self._key = repr(settings)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashable) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@functools.lru_cache(maxsize=4)
def _make(name: str, key: _Hashable) -> Backend:
    # each client library is needed only where its backend is chosen
    if name == "kubernetes":
        from .kubernetes_backend import KubernetesBackend

        return KubernetesBackend(key.settings)
    from .docker_backend import DockerBackend

    return DockerBackend(key.settings)
