"""Reads query parameters as the engine does, with its error texts."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from harness.simulator.docker_api import go_json
from harness.simulator.docker_api.errors import ApiError, InvalidError

_FALSE = ("", "0", "no", "false", "none")

Filters = dict[str, list[str]]


def boolean(query: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    """Everything but a few words for no means yes."""
    if name not in query:
        return default
    return query[name].strip().lower() not in _FALSE


def integer(query: Mapping[str, str], name: str) -> int | None:
    """None where it isn't given; raises an internal error, as the engine has it."""
    text = query.get(name, "")
    return atoi(text) if text else None


def atoi(text: str) -> int:
    """Go's ``strconv.Atoi``."""
    if not re.fullmatch(r"[+-]?\d+", text, re.ASCII):
        raise ApiError(f'strconv.Atoi: parsing "{text}": invalid syntax')
    return int(text)


def timestamp_ns(text: str) -> int | None:
    """``seconds[.fraction]`` since 1970, in nanoseconds; None where it isn't given."""
    if not text:
        return None
    seconds, _, fraction = text.partition(".")
    for part in (seconds, fraction or "0"):
        if not re.fullmatch(r"[+-]?\d+", part, re.ASCII):
            raise ApiError(f'strconv.ParseInt: parsing "{part}": invalid syntax')
    return int(seconds) * 10**9 + int(f"{fraction:0<9}"[:9])


def filters(query: Mapping[str, str], known: Sequence[str] | None) -> Filters:
    """``{"label": ["a=b"]}``, or the old form ``{"label": {"a=b": true}}``.

    ``known`` are the keys that there are; None takes any. Raises an internal error
    for what isn't JSON and InvalidError for an unknown key.
    """
    text = query.get("filters", "")
    if not text:
        return {}
    try:
        value = go_json.decode(text)
    except go_json.GoJsonError as error:
        raise ApiError(str(error)) from error
    found = _values(value)
    for key in found:
        if known is not None and key not in known:
            raise InvalidError(f"Invalid filter '{key}'")
    return found


def _values(value: Any) -> Filters:
    if not isinstance(value, dict):
        kind = go_json.kind(value)
        raise ApiError(
            f"json: cannot unmarshal {kind} into Go value of type "
            "map[string]map[string]bool"
        )
    # the value of the old form's booleans has never been looked at
    return {key: [str(item) for item in values] for key, values in value.items()}


def label_matches(labels: Mapping[str, str], wanted: Sequence[str]) -> bool:
    """All of ``name`` or ``name=value`` have to be there."""
    for item in wanted:
        name, equals, value = item.partition("=")
        if name not in labels or (equals and labels[name] != value):
            return False
    return True
