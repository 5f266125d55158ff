"""Events, in the core group and as events.k8s.io shows the same objects."""

from collections.abc import Mapping

from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api.objects import Object, namespace_of
from harness.simulator.kube_api.strategy import FieldErrors, Strategy

_INVOLVED = (
    *("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion"),
    "fieldPath",
)
FIELDS: Mapping[str, str] = {f"involvedObject.{key}": "" for key in _INVOLVED} | {
    "reason": "",
    "reportingComponent": "",
    "source": "",
    "type": "",
}
NEW_FIELDS: Mapping[str, str] = {f"regarding.{key}": "" for key in _INVOLVED} | {
    "reason": "",
    "reportingController": "",
    "type": "",
}
_RENAMED = {  # events.k8s.io -> core
    "note": "message",
    "regarding": "involvedObject",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}


def to_core(event: Object) -> Object:
    """Convert from events.k8s.io/v1 to v1, the form that is stored."""
    core = {_RENAMED.get(key, key): value for key, value in event.items()}
    return {**core, "apiVersion": "v1", "kind": "Event"}


def from_core(event: Object) -> Object:
    """Convert from v1 to events.k8s.io/v1."""
    back = {old: new for new, old in _RENAMED.items()}
    new = {back.get(key, key): value for key, value in event.items()}
    return {**new, "apiVersion": "events.k8s.io/v1", "kind": "Event"}


def _default(event: Object) -> None:
    event.setdefault("involvedObject", {})
    event.setdefault("source", {})
    event.setdefault("reportingComponent", "")
    event.setdefault("reportingInstance", "")


def _validate(event: Object) -> FieldErrors:
    involved = (event.get("involvedObject") or {}).get("namespace", "")
    home = namespace_of(event)
    if involved != home and not (involved == "" and home == "default"):
        text = "does not match event.namespace"
        return [field.invalid("involvedObject.namespace", involved, text)]
    return []


STRATEGY = Strategy(default=_default, validate=_validate)
NEW_STRATEGY = Strategy(
    default=_default, validate=_validate, to_stored=to_core, from_stored=from_core
)
