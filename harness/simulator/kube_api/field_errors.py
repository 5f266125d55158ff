"""Validation errors of one field each (apimachinery `util/validation/field`)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_OMIT = object()
_TITLES = {
    "FieldValueInvalid": "Invalid value",
    "FieldValueTypeInvalid": "Invalid value",
    "FieldValueRequired": "Required value",
    "FieldValueNotFound": "Not found",
    "FieldValueDuplicate": "Duplicate value",
    "FieldValueForbidden": "Forbidden",
    "FieldValueNotSupported": "Unsupported value",
    "FieldValueTooLong": "Too long",
    "FieldValueTooMany": "Too many",
}
_WITHOUT_VALUE = {"FieldValueRequired", "FieldValueForbidden", "FieldValueTooLong"}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong with one field.

    `reason` is the `Status` cause's reason, for instance FieldValueInvalid.
    """

    reason: str
    field: str
    detail: str = ""
    value: Any = _OMIT

    def body(self) -> str:
        """Return the text without the field, as a `Status` cause carries it."""
        text = _TITLES[self.reason]
        if self.reason not in _WITHOUT_VALUE and self.value is not _OMIT:
            text = f"{text}: {_go_value(self.value)}"
        return f"{text}: {self.detail}" if self.detail else text

    def __str__(self) -> str:
        return f"{self.field}: {self.body()}"

    def cause(self) -> dict[str, str]:
        """Return the entry of `details.causes`."""
        return {"reason": self.reason, "message": self.body(), "field": self.field}


def aggregate(errors: Sequence[FieldError]) -> str:
    """Join as Go's `Aggregate` does: brackets where there are several."""
    texts = list(dict.fromkeys(str(error) for error in errors))
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def invalid(field: str, value: Any, detail: str) -> FieldError:
    """Return `Invalid value: <value>: <detail>`."""
    return FieldError("FieldValueInvalid", field, detail, value)


def required(field: str, detail: str = "") -> FieldError:
    """Return `Required value: <detail>`."""
    return FieldError("FieldValueRequired", field, detail)


def forbidden(field: str, detail: str) -> FieldError:
    """Return `Forbidden: <detail>`."""
    return FieldError("FieldValueForbidden", field, detail)


def duplicate(field: str, value: Any) -> FieldError:
    """Return `Duplicate value: <value>`."""
    return FieldError("FieldValueDuplicate", field, "", value)


def not_found(field: str, value: Any) -> FieldError:
    """Return `Not found: <value>`."""
    return FieldError("FieldValueNotFound", field, "", value)


def not_supported(field: str, value: Any, supported: Sequence[str]) -> FieldError:
    """Return `Unsupported value: <value>: supported values: "a", "b"`."""
    listed = ", ".join(json.dumps(item) for item in supported)
    return FieldError(
        "FieldValueNotSupported", field, f"supported values: {listed}", value
    )


def too_long(field: str, limit: int) -> FieldError:
    """Return `Too long: may not be more than <limit> bytes`."""
    return FieldError("FieldValueTooLong", field, f"may not be more than {limit} bytes")


def _go_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    return json.dumps(_sorted_maps(value), ensure_ascii=False, separators=(",", ":"))


def _sorted_maps(value: Any) -> Any:
    """Sort what is a map in Go, as its encoder does; structs keep their order."""
    if isinstance(value, dict):
        items = [(key, _sorted_maps(item)) for key, item in value.items()]
        is_map = all(isinstance(item, str) for item in value.values())
        return dict(sorted(items) if is_map else items)
    if isinstance(value, list):
        return [_sorted_maps(item) for item in value]
    return value
