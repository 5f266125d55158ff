"""Watches what becomes of Jobs, pods and their events, whoever answers for the API.

A wrapper deletes its Job when it is done, so each version of each object is kept as the
watch shows it, and logs are followed from their container's start on.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ..errors import EnvironmentMissing
from .kube_api import BROKEN, KubeApi, KubeRefused
from .logs import FollowedLog
from .seen import WorkerSeen
from .worker_of_job import container_state, worker_of

SETTLE_S = 5.0
AGAIN_S = 0.2
WATCHED = ("Job", "Pod", "Event", "Secret", "ConfigMap", "PersistentVolumeClaim")


@dataclass(frozen=True, slots=True)
class Change:
    """One event of a watch."""

    at: datetime
    type: str
    kind: str
    object: Mapping[str, Any]


class KubeObserver:
    """Watches from its making on.

    :param namespace: the only one it may look into; "" for all
    """

    def __init__(self, api: KubeApi, namespace: str = "") -> None:
        self._api = api
        self._scope = namespace
        self._history: dict[str, list[Change]] = defaultdict(list)
        self._logs: dict[str, FollowedLog] = {}
        self._changed = threading.Condition()
        self._over = threading.Event()
        self._forgotten: set[str] = set()
        for kind in WATCHED:
            threading.Thread(
                target=self._watch, args=(kind,), daemon=True, name=f"watch-{kind}"
            ).start()

    def _watch(self, kind: str) -> None:
        version = ""
        while not self._over.is_set():
            try:
                for event in self._api.watch(kind, self._scope, version):
                    if event["type"] == "ERROR":
                        version = ""
                        break
                    version = event["object"]["metadata"]["resourceVersion"]
                    if event["type"] != "BOOKMARK":
                        self._take(kind, event)
            except KubeRefused:
                return  # not allowed to look: what can't be seen is not proven
            except BROKEN:
                continue  # a watch that broke is opened again
            except EnvironmentMissing:
                self._over.wait(AGAIN_S)  # the API may come back, or its end is ours

    def _take(self, kind: str, event: Mapping[str, Any]) -> None:
        found = event["object"]
        concerned = str((found.get("involvedObject") or {}).get("uid"))
        if {_uid(found), concerned} & self._forgotten:
            return
        namespace = found["metadata"].get("namespace", "")
        change = Change(datetime.now(timezone.utc), event["type"], kind, found)
        if kind == "Pod":
            self._follow_log(namespace, found)
        with self._changed:
            self._history[namespace].append(change)
            self._changed.notify_all()

    def _follow_log(self, namespace: str, pod: Mapping[str, Any]) -> None:
        uid = pod["metadata"]["uid"]
        state = container_state(pod)
        if uid in self._logs or not ({"running", "terminated"} & set(state)):
            return
        name = pod["metadata"]["name"]
        container = pod["spec"]["containers"][0]["name"]
        stream = self._api.log(namespace, name, container)
        self._logs[uid] = FollowedLog(stream, f"log-{name}")

    def wait_for(
        self,
        namespace: str,
        test: Callable[[Mapping[str, Any]], bool],
        timeout_s: float,
    ) -> Mapping[str, Any] | None:
        """Wait for a pod that passes the test; None if none does in time."""

        def look() -> Mapping[str, Any] | None:
            for change in self._history[namespace]:
                if change.kind == "Pod" and test(change.object):
                    return change.object
            return None

        with self._changed:
            return self._changed.wait_for(look, timeout_s) or None

    def wait_for_more(self, namespace: str, known: int, timeout_s: float) -> None:
        """Wait until more than the known changes of a namespace were seen."""
        with self._changed:
            self._changed.wait_for(
                lambda: len(self._history[namespace]) > known, timeout_s
            )

    def forget(self, namespace: str) -> None:
        """Drop what is known of a namespace, and what is still told of it later."""
        with self._changed:
            for change in self._history.pop(namespace, []):
                uid = _uid(change.object)
                self._forgotten.add(uid)
                self._logs.pop(uid, None)

    def close(self) -> None:
        """Stop watching."""
        self._over.set()

    def history(self, namespace: str) -> list[Change]:
        """All changes seen in a namespace, in their order."""
        with self._changed:
            return list(self._history[namespace])

    def workers(self, namespace: str, ours: Iterable[str] = ()) -> list[WorkerSeen]:
        """All that was seen of a namespace's workers, in the order of their making.

        :param ours: UIDs of Jobs and pods that the harness made itself
        """
        self._settle(namespace)
        changes = self.history(namespace)
        latest: dict[str, Change] = {}
        owners: dict[str, str] = {}
        for change in changes:
            uid = _uid(change.object)
            latest[uid] = change
            # the first: a pod that is orphaned has none any more
            owners[uid] = owners.get(uid) or _owner(change.object)
        skip = set(ours)
        found = []
        for uid, change in latest.items():
            if change.kind not in ("Job", "Pod") or uid in skip:
                continue
            if change.kind == "Pod" and owners[uid] in latest:
                continue
            pods = [
                one
                for one in latest.values()
                if one.kind == "Pod"
                and uid in (owners[_uid(one.object)], _uid(one.object))
            ]
            found.append(self._worker(change, pods, changes))
        return found

    def _settle(self, namespace: str) -> None:
        """Let the pods whose Job is gone reach their end too."""

        def settled() -> bool:
            last: dict[str, str] = {}
            owners: dict[str, str] = {}
            for change in self._history[namespace]:
                uid = _uid(change.object)
                last[uid] = change.type
                if change.kind == "Pod":
                    owners[uid] = _owner(change.object)
            return not any(
                last.get(job) == "DELETED" and last[pod] != "DELETED"
                for pod, job in owners.items()
            )

        with self._changed:
            self._changed.wait_for(settled, SETTLE_S)

    def _worker(
        self, change: Change, pods: list[Change], changes: list[Change]
    ) -> WorkerSeen:
        uids = {_uid(change.object), *(_uid(pod.object) for pod in pods)}
        concerned = [
            one
            for one in changes
            if _uid(one.object) in uids
            or one.object.get("involvedObject", {}).get("uid") in uids
        ]
        known = (self._logs.get(_uid(pod.object)) for pod in pods)
        logs = [log for log in known if log is not None]
        return worker_of(
            [(one.at, one.type, one.kind, one.object) for one in concerned],
            removed=all(one.type == "DELETED" for one in (change, *pods)),
            log=logs[-1].seen(SETTLE_S) if logs else None,
        )


def _uid(found: Mapping[str, Any]) -> str:
    return str(found["metadata"]["uid"])


def _owner(found: Mapping[str, Any]) -> str:
    owners = found["metadata"].get("ownerReferences") or [{}]
    return str(owners[0].get("uid", ""))
