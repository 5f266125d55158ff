"""Namespaces: born Active with the `kubernetes` finalizer and a name label."""

from harness.simulator.kube_api.objects import Object, name_of
from harness.simulator.kube_api.strategy import Strategy

FINALIZER = "kubernetes"
_NAME_LABEL = "kubernetes.io/metadata.name"


def _prepare_create(namespace: Object) -> None:
    labels = namespace["metadata"].setdefault("labels", {})
    labels[_NAME_LABEL] = name_of(namespace)
    finalizers = namespace.setdefault("spec", {}).setdefault("finalizers", [])
    if FINALIZER not in finalizers:
        finalizers.append(FINALIZER)
    namespace["status"] = {"phase": "Active"}


def _prepare_update(new: Object, old: Object) -> None:
    labels = new["metadata"].setdefault("labels", {})
    labels[_NAME_LABEL] = name_of(new)
    new["spec"] = old["spec"]  # finalizers change through the subresource alone


STRATEGY = Strategy(prepare_create=_prepare_create, prepare_update=_prepare_update)
