"""Kubernetes objects as plain JSON, and the few ways everyone looks into them.

An object that has been stored is never changed in place: whoever changes one makes
new dictionaries along the changed path and shares the rest.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

Object = dict[str, Any]


def copy_json(value: Any) -> Any:
    """Return a deep copy of a JSON value (several times faster than `copy`)."""
    if isinstance(value, dict):
        return {key: copy_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_json(item) for item in value]
    return value


def meta(obj: Mapping[str, Any]) -> dict[str, Any]:
    """Return the object's metadata, {} where it has none."""
    found = obj.get("metadata")
    return found if isinstance(found, dict) else {}


def name_of(obj: Mapping[str, Any]) -> str:
    """Return `metadata.name`, or "" where it is unset."""
    return str(meta(obj).get("name") or "")


def namespace_of(obj: Mapping[str, Any]) -> str:
    """Return `metadata.namespace`, "" for a cluster-wide object."""
    return str(meta(obj).get("namespace") or "")


def uid_of(obj: Mapping[str, Any]) -> str:
    """Return `metadata.uid`, or "" where it is unset."""
    return str(meta(obj).get("uid") or "")


def labels_of(obj: Mapping[str, Any]) -> dict[str, str]:
    """Return the labels; never None."""
    return meta(obj).get("labels") or {}


def annotations_of(obj: Mapping[str, Any]) -> dict[str, str]:
    """Return the annotations; never None."""
    return meta(obj).get("annotations") or {}


def finalizers_of(obj: Mapping[str, Any]) -> list[str]:
    """Return the finalizers; never None."""
    return meta(obj).get("finalizers") or []


def owners_of(obj: Mapping[str, Any]) -> list[Object]:
    """Return the ownerReferences; never None."""
    return meta(obj).get("ownerReferences") or []


def controller_of(obj: Mapping[str, Any]) -> Object | None:
    """Return the one ownerReference with `controller: true`."""
    return next((o for o in owners_of(obj) if o.get("controller")), None)


def is_deleting(obj: Mapping[str, Any]) -> bool:
    """Say whether the object waits for its grace period or its finalizers."""
    return bool(meta(obj).get("deletionTimestamp"))


def revision_of(obj: Mapping[str, Any]) -> int:
    """Return `metadata.resourceVersion` as the number it is in this server."""
    return int(meta(obj).get("resourceVersion") or 0)


def with_meta(obj: Object, **changes: Any) -> Object:
    """Return the object with metadata fields set, or removed where None is given."""
    metadata = {**meta(obj), **changes}
    return {**obj, "metadata": {k: v for k, v in metadata.items() if v is not None}}


def without_finalizer(obj: Object, finalizer: str) -> Object:
    """Return the object without one finalizer."""
    left = [f for f in finalizers_of(obj) if f != finalizer]
    return with_meta(obj, finalizers=left or None)


def condition_of(obj: Mapping[str, Any], kind: str) -> Object | None:
    """Return the condition of a type from `status.conditions`."""
    conditions: Iterable[Object] = (obj.get("status") or {}).get("conditions") or ()
    return next((c for c in conditions if c.get("type") == kind), None)


def has_condition(obj: Mapping[str, Any], kind: str) -> bool:
    """Say whether a condition of the type has the status True."""
    condition = condition_of(obj, kind)
    return condition is not None and condition.get("status") == "True"


def parse_time(text: str) -> datetime:
    """Read a metav1.Time or MicroTime; ValueError for anything else."""
    parsed = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if parsed.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return parsed
