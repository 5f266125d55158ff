"""DefaultStorageClass and StorageObjectInUseProtection."""

from harness.simulator.kube_api.admission.attempt import CREATE, Attempt
from harness.simulator.kube_api.objects import annotations_of, meta, name_of
from harness.simulator.kube_api.store import Store

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
CLAIM_PROTECTION = "kubernetes.io/pvc-protection"
VOLUME_PROTECTION = "kubernetes.io/pv-protection"


def admit_default_class(attempt: Attempt, store: Store) -> None:
    """Give a claim that names no class the default one ("" asks for none)."""
    if not attempt.is_for("persistentvolumeclaims", CREATE):
        return
    if "storageClassName" in attempt.obj["spec"]:
        return
    defaults = [
        item
        for item in store.all("storageclasses.storage.k8s.io")
        if annotations_of(item).get(DEFAULT_CLASS) == "true"
    ]
    if defaults:
        newest = max(defaults, key=lambda item: str(meta(item)["creationTimestamp"]))
        attempt.obj["spec"]["storageClassName"] = name_of(newest)


def admit_protection(attempt: Attempt, _store: Store) -> None:
    """Keep claims and volumes in the store while something uses them."""
    for plural, finalizer in (
        ("persistentvolumeclaims", CLAIM_PROTECTION),
        ("persistentvolumes", VOLUME_PROTECTION),
    ):
        if attempt.is_for(plural, CREATE):
            finalizers = attempt.obj["metadata"].setdefault("finalizers", [])
            if finalizer not in finalizers:
                finalizers.append(finalizer)
