"""Writes Events, and counts those that repeat instead of writing them again."""

from harness.simulator.clock import Clock, rfc3339
from harness.simulator.ids import Ids
from harness.simulator.kube_api.objects import (
    Object,
    meta,
    name_of,
    namespace_of,
    uid_of,
)
from harness.simulator.kube_api.store import Store

NORMAL, WARNING = "Normal", "Warning"
_MOST = 5000
"""Events kept; the real server keeps them for an hour."""


class EventRecorder:
    """One component's way to say what it does."""

    def __init__(
        self, store: Store, clock: Clock, ids: Ids, *, component: str, host: str = ""
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._component = component
        self._host = host
        self._written: dict[tuple[str, ...], tuple[str, str]] = {}

    def record(
        self, about: Object, kind: str, reason: str, message: str, *, path: str = ""
    ) -> None:
        """Write an event about an object; `kind` is Normal or Warning."""
        key = (uid_of(about), kind, reason, message, path)
        now = rfc3339(self._clock.now_ns())
        place = self._written.get(key)
        known = self._store.get("events", *place) if place else None
        if known is not None:
            count = int(known["count"]) + 1
            self._store.update(
                "events", {**known, "count": count, "lastTimestamp": now}
            )
            return
        event = self._event(about, kind, reason, message, path, now)
        self._store.create("events", event)
        self._written[key] = (namespace_of(event), name_of(event))
        self._forget_oldest()

    def _event(
        self, about: Object, kind: str, reason: str, message: str, path: str, now: str
    ) -> Object:
        namespace = namespace_of(about) or "default"
        involved = {
            "kind": about["kind"],
            "namespace": namespace_of(about),
            "name": name_of(about),
            "uid": uid_of(about),
            "apiVersion": about["apiVersion"],
            "resourceVersion": meta(about).get("resourceVersion", ""),
            "fieldPath": path,
        }
        source = {"component": self._component, "host": self._host}
        return {
            "kind": "Event",
            "apiVersion": "v1",
            "metadata": {
                "name": f"{name_of(about)}.{self._clock.now_ns():016x}",
                "namespace": namespace,
                "uid": self._ids.uid(),
                "creationTimestamp": now,
            },
            "involvedObject": {k: v for k, v in involved.items() if v},
            "reason": reason,
            "message": message,
            "source": {k: v for k, v in source.items() if v},
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
            "type": kind,
            "eventTime": None,
            "reportingComponent": self._component,
            "reportingInstance": self._host,
        }

    def _forget_oldest(self) -> None:
        while len(self._written) > _MOST:
            key = next(iter(self._written))
            known = self._store.get("events", *self._written.pop(key))
            if known is not None:
                self._store.delete("events", known)
