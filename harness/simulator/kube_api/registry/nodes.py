"""Nodes: whoever makes one gets a kubelet for it."""

from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api.objects import Object
from harness.simulator.kube_api.strategy import FieldErrors, Strategy
from harness.simulator.kube_api.validation import metadata

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def _default(node: Object) -> None:
    node.setdefault("spec", {})
    status = node.get("status") or {}
    if "capacity" in status:
        status.setdefault("allocatable", dict(status["capacity"]))


def _validate(node: Object) -> FieldErrors:
    found: FieldErrors = []
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(node["spec"].get("taints") or ()):
        here = f"spec.taints[{index}]"
        key, effect = taint.get("key", ""), taint.get("effect", "")
        found += metadata.labels({key: taint.get("value", "")}, f"{here}.key")
        if effect not in _EFFECTS:
            found.append(field.not_supported(f"{here}.effect", effect, _EFFECTS))
        if (key, effect) in seen:
            text = "taints must be unique by key and effect pair"
            found.append(field.FieldError("FieldValueDuplicate", here, text, taint))
        seen.add((key, effect))
    return found


STRATEGY = Strategy(default=_default, validate=_validate)
