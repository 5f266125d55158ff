"""Keeps secret values out of what is noted."""

from collections.abc import Mapping
from typing import Any

MASK = "«masked»"
_HELD = ("data", "stringData")
_LAST = "kubectl.kubernetes.io/last-applied-configuration"


def without_secrets(answer: Any) -> Any:
    """An answer of the API without the values of Secrets, tokens and managed fields."""
    if isinstance(answer, Mapping):
        kept: dict[str, Any] = {}
        secret = answer.get("kind") == "Secret"
        for key, value in answer.items():
            if key in ("managedFields", _LAST):
                continue
            if secret and key in _HELD and isinstance(value, Mapping):
                kept[key] = dict.fromkeys(value, MASK)
            elif key == "token" and isinstance(value, str):
                kept[key] = MASK
            else:
                kept[key] = without_secrets(value)
        return kept
    if isinstance(answer, list):
        return [without_secrets(one) for one in answer]
    return answer
