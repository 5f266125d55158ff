"""What a field selector sees of an object."""

from collections.abc import Mapping
from typing import Any

from harness.simulator.kube_api.objects import Object
from harness.simulator.kube_api.selectors import FieldSelector

_ALIASES = {
    "name": ("metadata", "name"),
    "status.successful": ("status", "succeeded"),
    "source": ("source", "component"),
}


def matches(selector: FieldSelector, obj: Object, defaults: Mapping[str, str]) -> bool:
    """Say whether an object satisfies every term."""
    return all(
        (_value(obj, term.path, defaults) == term.value) is not term.negated
        for term in selector
    )


def _value(obj: Object, path: str, defaults: Mapping[str, str]) -> str:
    value: Any = obj
    for key in _ALIASES.get(path, tuple(path.split("."))):
        value = value.get(key) if isinstance(value, dict) else None
    if value is None:
        return defaults.get(path, "")
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
