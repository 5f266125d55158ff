"""Keeps the status of ResourceQuotas: what is allowed, and what is used."""

from harness.simulator.kube_api import quantity, quota_usage, resources
from harness.simulator.kube_api.cluster import Cluster
from harness.simulator.kube_api.controllers.loop import Loop
from harness.simulator.kube_api.objects import namespace_of
from harness.simulator.kube_api.quota_usage import Usage
from harness.simulator.kube_api.store import Change

_ROWS = {
    row.key: row
    for row in resources.TABLE
    if row.namespaced and not row.stored_in and "list" in row.verbs
}
_LAG_S = 0.1


class QuotaController:
    """Recounts a namespace when something in it is gone, or a quota is new."""

    def __init__(self, cluster: Cluster) -> None:
        self._store = cluster.store
        self.loop: Loop[str] = Loop("quota controller", self.sync, cluster.world.clock)
        self._store.listen(self._notice)

    def _notice(self, change: Change) -> None:
        namespace = namespace_of(change.last)
        if change.resource == "resourcequotas" and change.new is not None:
            if (change.old or {}).get("spec") != change.new.get("spec"):
                self.loop.add_lagging(namespace, _LAG_S)
        elif change.resource in _ROWS and (change.new is None or _has_ended(change)):
            self.loop.add_lagging(namespace, _LAG_S)

    def sync(self, namespace: str) -> None:
        """Write the status of a namespace's quotas."""
        for quota in self._store.all("resourcequotas", namespace):
            hard = (quota.get("spec") or {}).get("hard") or {}
            used: Usage = {name: quantity.parse("0") for name in hard}
            for row in _ROWS.values():
                for obj in self._store.all(row.key, namespace):
                    if not quota_usage.matches(quota, row, obj):
                        continue
                    usage = quota_usage.of_object(row, obj)
                    counted = {name: usage[name] for name in usage if name in hard}
                    used = quota_usage.add(used, counted)
            status = {
                "hard": dict(hard),
                "used": {name: str(amount) for name, amount in used.items()},
            }
            self._store.update("resourcequotas", {**quota, "status": status})


def _has_ended(change: Change) -> bool:
    if change.resource != "pods" or change.old is None or change.new is None:
        return False
    return quota_usage.is_ended(change.new) and not quota_usage.is_ended(change.old)
