"""What becomes of a node that nothing is heard of: it is Unknown, then tainted.

Real nodes renew a Lease, and after the node monitor's grace period without one the
controller acts. Here a node is told to be lost, and the same time passes.
"""

from typing import Any

from harness.simulator.clock import rfc3339
from harness.simulator.kube_api.cluster import Cluster
from harness.simulator.kube_api.controllers.loop import Loop
from harness.simulator.kube_api.event_recorder import WARNING, EventRecorder
from harness.simulator.kube_api.objects import Object, condition_of, name_of
from harness.simulator.kube_api.pauses import scaled

GRACE_S = 50.0
UNREACHABLE = "node.kubernetes.io/unreachable"
_UNKNOWN = {
    "status": "Unknown",
    "reason": "NodeStatusUnknown",
    "message": "Kubelet stopped posting node status.",
}


class NodeLifecycle:
    """Looks at a node when it is lost, when its time is over, when it is back."""

    def __init__(self, cluster: Cluster) -> None:
        self._store = cluster.store
        self._clock = cluster.world.clock
        self._lost = cluster.world.lost_nodes
        self._since: dict[str, float] = {}
        self._before: dict[str, list[Object]] = {}
        self._events = EventRecorder(
            cluster.store,
            self._clock,
            cluster.ids.stream("node-controller"),
            component="node-controller",
        )
        self.loop: Loop[str] = Loop("node lifecycle", self.sync, self._clock)
        self._lost.listen(self.loop.add)

    def sync(self, name: str) -> None:
        """Mark the node, or take the marks away."""
        node = self._store.get("nodes", "", name)
        if node is None:
            self._since.pop(name, None)
            self._before.pop(name, None)
        elif name not in self._lost:
            self._since.pop(name, None)
            self._recover(node)
        else:
            since = self._since.setdefault(name, self._clock.monotonic())
            left = since + scaled(self._clock, GRACE_S) - self._clock.monotonic()
            if left > 0:
                self.loop.add_after(name, left)
            elif name not in self._before:
                self._mark(node)

    def _mark(self, node: Object) -> None:
        name, now = name_of(node), rfc3339(self._clock.now_ns())
        conditions = (node.get("status") or {}).get("conditions") or []
        self._before[name] = conditions
        unknown = [{**c, **_UNKNOWN, "lastTransitionTime": now} for c in conditions]
        taints: list[dict[str, Any]] = [
            {"key": UNREACHABLE, "effect": effect, "timeAdded": now}
            for effect in ("NoSchedule", "NoExecute")
        ]
        kept = [t for t in node["spec"].get("taints") or () if t["key"] != UNREACHABLE]
        self._store.update("nodes", _with(node, unknown, [*kept, *taints]))
        for pod in self._store.all("pods"):
            if pod["spec"].get("nodeName") == name:
                self._say_not_ready(pod, now)

    def _say_not_ready(self, pod: Object, now: str) -> None:
        ready = condition_of(pod, "Ready")
        if ready is None or ready["status"] != "True":
            return
        status = pod["status"]
        others = [c for c in status["conditions"] if c["type"] != "Ready"]
        changed = {**ready, "status": "False", "lastTransitionTime": now}
        status = {**status, "conditions": [*others, changed]}
        self._store.update("pods", {**pod, "status": status})
        self._events.record(pod, WARNING, "NodeNotReady", "Node is not ready")

    def _recover(self, node: Object) -> None:
        before = self._before.pop(name_of(node), None)
        if before is None:
            return
        kept = [t for t in node["spec"].get("taints") or () if t["key"] != UNREACHABLE]
        self._store.update("nodes", _with(node, before, kept))


def _with(node: Object, conditions: list[Object], taints: list[Any]) -> Object:
    status = {**(node.get("status") or {}), "conditions": conditions}
    spec = {k: v for k, v in node["spec"].items() if k != "taints"}
    return {
        **node,
        "spec": {**spec, "taints": taints} if taints else spec,
        "status": status,
    }
