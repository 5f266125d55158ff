"""Deletes pods from nodes whose NoExecute taints they don't tolerate (any longer)."""

from harness.simulator.clock import rfc3339
from harness.simulator.kube_api import resources
from harness.simulator.kube_api.auth.user import system
from harness.simulator.kube_api.cluster import Cluster
from harness.simulator.kube_api.controllers.loop import Loop
from harness.simulator.kube_api.deleter import DeleteOptions
from harness.simulator.kube_api.event_recorder import NORMAL, EventRecorder
from harness.simulator.kube_api.objects import (
    Object,
    is_deleting,
    meta,
    name_of,
    namespace_of,
    uid_of,
)
from harness.simulator.kube_api.scheduler.filters import matches
from harness.simulator.kube_api.store import Change
from harness.simulator.kube_api.writer import Caller

_POD = resources.by_plural("pods")
Key = tuple[str, str]


class TaintEviction:
    """Looks at each pod of a node that has such a taint."""

    def __init__(self, cluster: Cluster) -> None:
        self._store = cluster.store
        self._clock = cluster.world.clock
        self._deleter = cluster.deleter
        self._since: dict[str, float] = {}
        self._events = EventRecorder(
            cluster.store,
            self._clock,
            cluster.ids.stream("taint-eviction-controller"),
            component="taint-eviction-controller",
        )
        self.loop: Loop[Key] = Loop("taint eviction", self.sync, self._clock)
        self._store.listen(self._notice)

    def _notice(self, change: Change) -> None:
        new = change.new
        if new is None:
            self._since.pop(uid_of(change.last), None)
        elif change.resource == "nodes":
            before = (change.old or {}).get("spec") or {}
            if new["spec"].get("taints") != before.get("taints"):
                for pod in self._store.all("pods"):
                    if pod["spec"].get("nodeName") == name_of(new):
                        self.loop.add((namespace_of(pod), name_of(pod)))
        elif change.resource == "pods" and new["spec"].get("nodeName"):
            old = change.old
            if old is None or old["spec"] != new["spec"]:
                self.loop.add((namespace_of(new), name_of(new)))

    def sync(self, key: Key) -> None:
        """Delete the pod, or come back when its toleration is over."""
        pod = self._store.get(_POD.key, *key)
        if pod is None or is_deleting(pod):
            return
        node = self._store.get("nodes", "", pod["spec"].get("nodeName", ""))
        taints = [
            taint
            for taint in ((node or {}).get("spec") or {}).get("taints") or ()
            if taint["effect"] == "NoExecute"
        ]
        seconds = tolerated_s(pod, taints)
        if seconds is None:
            self._since.pop(uid_of(pod), None)
            return
        now = self._clock.monotonic()
        left = self._since.setdefault(uid_of(pod), now) + seconds - now
        if left > 0:
            self.loop.add_after(key, left)
        else:
            self._evict(pod)

    def _evict(self, pod: Object) -> None:
        condition = {
            "type": "DisruptionTarget",
            "observedGeneration": meta(pod).get("generation"),
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": rfc3339(self._clock.now_ns()),
            "reason": "DeletionByTaintManager",
            "message": "Taint manager: deleting due to NoExecute taint",
        }
        where = (namespace_of(pod), name_of(pod))
        text = f"Marking for deletion Pod {where[0]}/{where[1]}"
        self._events.record(pod, NORMAL, "TaintManagerEviction", text)
        status = pod.get("status") or {}
        others = [
            c for c in status.get("conditions") or () if c["type"] != condition["type"]
        ]
        status = {**status, "conditions": [*others, condition]}
        self._store.update("pods", {**pod, "status": status})
        caller = Caller(user=system("serviceaccount:kube-system:node-controller"))
        self._deleter.delete(_POD, *where, DeleteOptions(), caller)


def tolerated_s(pod: Object, taints: list[Object]) -> float | None:
    """Return for how many seconds the pod may stay; None for ever."""
    shortest: float | None = None
    for taint in taints:
        found = [
            item
            for item in pod["spec"].get("tolerations") or ()
            if matches(item, taint)
        ]
        if not found:
            return 0
        for item in found:
            seconds = item.get("tolerationSeconds")
            if seconds is not None and (shortest is None or seconds < shortest):
                shortest = max(seconds, 0)
    return shortest
