"""What chance decides (ids, names, times, addresses) becomes what it stands for."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ..environment.seen import WorkerSeen
from ..replay.observation import Observation

_SUFFIX = r"(?:[bcdfghjklmnpqrstvwxz2456789]{5})"
"""What Kubernetes adds to a generated name."""
_LONGEST_STEM = 58
SHORTEST = 6
"""A shorter name (``qgis``) would be found where it isn't meant."""
_GENERAL: tuple[tuple[str, str], ...] = (
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|\+00:?00)?", "<time>"),
    (r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", "<uuid>"),
    (r"[0-9a-f]{8}_(?:[0-9a-f]{4}_){3}[0-9a-f]{12}", "<uuid of a layer>"),
    (r"\b[0-9a-f]{64}\b", "<hex 64>"),
    (r"0x[0-9a-f]{6,16}\b", "<pointer>"),
    (r"https?://[\w.-]+(?::\d+)?(?=/api/v1/)", "<stand-in>"),
    (r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b", "<address>"),
    (r"\b\d+(?:\.\d+)? ?(?:ms|s|seconds)\b", "<seconds>"),
    (r"/tmp/[\w./-]*(?<![./])", "<temporary>"),  # noqa: S108 (a pattern)
    (r"\bport=\d+", "port=<port>"),
    (r"\b0/\d+ nodes are", "0/<n> nodes are"),
    (r"\bused: \d+, capacity: \d+", "used: <n>, capacity: <n>"),
)
"""By shape alone, after all that is known by its value."""


class Tokens:
    """Replaces, in any text of one cell, what only this cell has."""

    def __init__(self, seen: Observation) -> None:
        known = {value: name for value, name in _known(seen) if len(value) >= SHORTEST}
        self._values = sorted(known.items(), key=lambda one: -len(one[0]))
        self._pods = [re.compile(shape) for shape in _pods(seen)]
        self._shapes = [(re.compile(shape), name) for shape, name in _shapes(seen)]

    def __call__(self, text: str) -> str:
        """The text as another run of the cell would have it."""
        for pod in self._pods:  # also of one that was refused: nobody saw its object
            text = pod.sub("<pod>", text)
        for value, name in self._values:
            text = text.replace(value, name)
        for shape, name in self._shapes:
            text = shape.sub(name, text)
        return text

    def all(self, value: Any) -> Any:
        """The same in each text of some data."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {self(str(key)): self.all(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.all(item) for item in value]
        if isinstance(value, datetime):
            return "<time>"
        return value


def _known(seen: Observation) -> Iterable[tuple[str, str]]:
    arranged = seen.arranged
    if seen.probe is not None:
        yield seen.probe["env"].get("QFIELDCLOUD_TOKEN") or "\0", "<token>"
    yield arranged.token, "<user's token>"
    for worker in seen.workers:
        yield from _of_worker(worker)
    for name, value in seen.environ.items():
        if name in _NAMES and value:
            yield value, f"<{_NAMES[name]}>"
    yield arranged.job_id, "<job>"
    yield arranged.project_id, "<project>"
    yield arranged.neighbour_job_id, "<neighbour>"


_NAMES = {
    "ENVIRONMENT": "environment",
    "QFIELDCLOUD_K8S_NAMESPACE": "namespace",
    "QFIELDCLOUD_QGIS_IMAGE_NAME": "image",
    "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL": "API",
}


def _of_worker(worker: WorkerSeen) -> Iterable[tuple[str, str]]:
    if worker.backend == "docker":
        yield worker.id, "<container>"
        yield worker.id[:12], "<container>"
    else:
        yield worker.id, "<Job's UID>"
    for thing in worker.objects:
        metadata = thing.get("metadata") or {}
        if metadata.get("uid", worker.id) != worker.id:
            yield metadata["uid"], "<pod's UID>"
            yield metadata["name"], "<pod>"
    if worker.name:
        yield worker.name, "<worker>"


def _pods(seen: Observation) -> Iterable[str]:
    for worker in seen.workers:
        if worker.backend == "kubernetes" and worker.name:
            stem = re.escape(worker.name[:_LONGEST_STEM])
            yield rf"{stem}-?{_SUFFIX}(?![\w-])"


def _shapes(seen: Observation) -> Iterable[tuple[str, str]]:
    for worker in seen.workers:
        if worker.backend == "kubernetes" and worker.name:
            yield rf"<worker>-?{_SUFFIX}\b", "<pod>"
    yield from _GENERAL
