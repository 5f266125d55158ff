"""Which PersistentVolume fits which claim: pure, for binder and scheduler."""

from collections.abc import Iterable
from fractions import Fraction

from harness.simulator.kube_api import quantity, selectors
from harness.simulator.kube_api.objects import (
    Object,
    annotations_of,
    is_deleting,
    labels_of,
    name_of,
    namespace_of,
    uid_of,
)

SELECTED_NODE = "volume.kubernetes.io/selected-node"


def best(claim: Object, volumes: Iterable[Object]) -> Object | None:
    """Return the volume to bind: the one asked for, or the smallest that fits."""
    fitting = [volume for volume in volumes if fits(claim, volume)]
    reserved = [v for v in fitting if _is_reserved_for(v, claim)]
    candidates = reserved or [v for v in fitting if not v["spec"].get("claimRef")]
    return min(candidates, key=_size, default=None)


def fits(claim: Object, volume: Object) -> bool:
    """Say whether a volume can be bound to a claim, apart from its node."""
    spec, wanted = volume["spec"], claim["spec"]
    if wanted.get("volumeName"):
        if wanted["volumeName"] != name_of(volume):
            return False
    elif (volume.get("status") or {}).get("phase") not in ("Available", "Pending"):
        return False
    if is_deleting(volume) or not _is_free_for(volume, claim):
        return False
    if spec.get("storageClassName", "") != wanted.get("storageClassName", ""):
        return False
    if not set(wanted.get("accessModes") or ()) <= set(spec.get("accessModes") or ()):
        return False
    chosen = selectors.from_object(wanted.get("selector"))
    if not selectors.matches(chosen, labels_of(volume)):
        return False
    asked = (wanted["resources"].get("requests") or {}).get("storage", "0")
    return _size(volume) >= quantity.parse(asked).amount


def is_bound(claim: Object) -> bool:
    """Say whether binder and volume agree."""
    done = annotations_of(claim).get("pv.kubernetes.io/bind-completed") == "yes"
    return bool(claim["spec"].get("volumeName")) and done


def refers_to(volume: Object, claim: Object) -> bool:
    """Say whether the volume's claimRef is this very claim."""
    ref = volume["spec"].get("claimRef") or {}
    return bool(ref.get("uid")) and ref["uid"] == uid_of(claim)


def _is_free_for(volume: Object, claim: Object) -> bool:
    return not volume["spec"].get("claimRef") or _is_reserved_for(volume, claim)


def _is_reserved_for(volume: Object, claim: Object) -> bool:
    ref = volume["spec"].get("claimRef") or {}
    place = (ref.get("namespace"), ref.get("name"))
    if place != (namespace_of(claim), name_of(claim)):
        return False
    return not ref.get("uid") or ref["uid"] == uid_of(claim)


def _size(volume: Object) -> Fraction:
    capacity = (volume["spec"].get("capacity") or {}).get("storage", "0")
    return quantity.parse(capacity).amount
