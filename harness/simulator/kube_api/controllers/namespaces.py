"""Namespaces: what each is born with, and how one that ends is emptied."""

from pathlib import Path

from harness.simulator.kube_api import resources
from harness.simulator.kube_api.auth.user import system
from harness.simulator.kube_api.cluster import Cluster
from harness.simulator.kube_api.controllers.loop import Loop
from harness.simulator.kube_api.deleter import DeleteOptions
from harness.simulator.kube_api.objects import (
    finalizers_of,
    is_deleting,
    meta,
    name_of,
    namespace_of,
)
from harness.simulator.kube_api.pauses import scaled
from harness.simulator.kube_api.store import Change
from harness.simulator.kube_api.writer import Caller

_CA_NAME = "kube-root-ca.crt"
_CA_TEXT = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using "
    "internal endpoints such as the internal service IP or kubernetes.default.svc. No "
    "other usage is guaranteed across distributions of Kubernetes clusters."
)
_SECOND_LOOK_S = 5.0
"""The real controller looks again after this, while something is left."""
_ROWS = [
    row
    for row in resources.TABLE
    if row.namespaced and not row.stored_in and "delete" in row.verbs
]


class NamespaceController:
    """Service account and CA for the living; an end for the others."""

    def __init__(self, cluster: Cluster, ca_file: Path) -> None:
        self._store = cluster.store
        self._clock = cluster.world.clock
        self._writer = cluster.writer
        self._deleter = cluster.deleter
        self._ca_file = ca_file
        self.loop: Loop[str] = Loop("namespace controller", self.sync, self._clock)
        self._store.listen(self._notice)

    def _notice(self, change: Change) -> None:
        if change.resource == "namespaces" and change.new is not None:
            self.loop.add(name_of(change.new))
        elif change.new is None and change.resource != "events":
            namespace = namespace_of(change.last)
            if namespace:
                self.loop.add(namespace)

    def sync(self, name: str) -> None:
        """Furnish a namespace, or empty it."""
        namespace = self._store.get("namespaces", "", name)
        if namespace is None:
            return
        if not is_deleting(namespace):
            self._furnish(name)
        elif self._empty(name):
            if not finalizers_of(namespace):
                self._store.delete("namespaces", {**namespace, "spec": {}})
        else:
            self.loop.add_after(name, scaled(self._clock, _SECOND_LOOK_S))

    def _furnish(self, name: str) -> None:
        if self._store.get("configmaps", name, _CA_NAME) is None:
            config_map = {
                "kind": "ConfigMap",
                "apiVersion": "v1",
                "metadata": {
                    "name": _CA_NAME,
                    "annotations": {"kubernetes.io/description": _CA_TEXT},
                },
                "data": {"ca.crt": self._ca_file.read_text()},
            }
            caller = Caller(user=system("root-ca-cert-publisher"))
            row = resources.by_plural("configmaps")
            self._writer.create(row, name, config_map, caller)
        if self._store.get("serviceaccounts", name, "default") is None:
            account = {
                "kind": "ServiceAccount",
                "apiVersion": "v1",
                "metadata": {"name": "default"},
            }
            caller = Caller(user=system("service-account-controller"))
            row = resources.by_plural("serviceaccounts")
            self._writer.create(row, name, account, caller)

    def _empty(self, name: str) -> bool:
        """Delete everything in the namespace; say whether nothing is left."""
        caller = Caller(user=system("namespace-controller"))
        left = False
        for row in _ROWS:
            for obj in self._store.all(row.key, name):
                if not meta(obj).get("deletionTimestamp"):
                    options = DeleteOptions(propagation="Background")
                    self._deleter.delete(row, name, name_of(obj), options, caller)
            left = left or bool(self._store.all(row.key, name))
        return not left
