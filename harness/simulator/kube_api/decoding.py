"""From parsed JSON to an object as the real server would have it after decoding.

Types are checked with Go's texts, unknown fields found and dropped, and what a Go
struct can't tell from "unset" (null, an empty list or map) left out.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any

from harness.simulator.kube_api import quantity
from harness.simulator.kube_api.objects import parse_time
from harness.simulator.kube_api.schema import Node

# booleans that Go holds by value, so that false is the same as unset
_VALUE_BOOLEANS = frozenset(
    (
        *("hostNetwork", "hostPID", "hostIPC", "stdin", "stdinOnce", "tty"),
        *("readOnly", "unschedulable", "globalDefault"),
    )
)
# strings that Go holds by pointer, so that "" is not unset
_POINTER_STRINGS = frozenset(
    (
        "PersistentVolumeClaimSpec.storageClassName",
        "PersistentVolumeClaimSpec.volumeMode",
        "PersistentVolumeSpec.volumeMode",
        "PodSpec.runtimeClassName",
    )
)
# what null is in a Go map, by the kind of its values
_ZERO = {"string": "", "quantity": "0", "integer": 0, "boolean": False}
_RANGES = {"int32": 2**31, "int64": 2**63}


class DecodeError(ValueError):
    """The JSON doesn't fit the Go type; the message is Go's."""


class Decoder:
    """Decodes one body; `unknown` then lists the unknown fields in order."""

    def __init__(self) -> None:
        self.unknown: list[str] = []

    def decode(self, value: Any, node: Node) -> Any:
        """Return the cleaned object; raise DecodeError at the first wrong type."""
        return self._value(value, node, owner=node.struct, path=(), shown="")

    def _value(
        self, value: Any, node: Node, *, owner: str, path: Sequence[str], shown: str
    ) -> Any:
        scalar = node.scalar
        if scalar == "any":
            return value
        if scalar:
            return _scalar(value, scalar, node, f"{owner}.{'.'.join(path)}")
        where = f"{owner}.{'.'.join(path)}"
        if node.items is not None:
            if not isinstance(value, list):
                raise _mismatch(value, where, node.go_type)
            return [
                self._value(
                    {} if item is None and not node.items.scalar else item,
                    node.items,
                    owner=owner,
                    path=path,
                    shown=f"{shown}[{index}]",
                )
                for index, item in enumerate(value)
            ]
        if not isinstance(value, dict):
            raise _mismatch(value, where, node.go_type)
        if node.values is not None:
            return {
                key: self._value(
                    _ZERO.get(node.values.scalar) if item is None else item,
                    node.values,
                    owner=owner,
                    path=path,
                    shown=f"{shown}.{key}",
                )
                for key, item in value.items()
            }
        return self._struct(value, node, path=path, shown=shown)

    def _struct(
        self, value: dict[str, Any], node: Node, *, path: Sequence[str], shown: str
    ) -> dict[str, Any]:
        clean: dict[str, Any] = {}
        for key, item in value.items():
            field = node.properties.get(key)
            here = f"{shown}.{key}" if shown else key
            if field is None:
                self.unknown.append(here)
                continue
            if item is None:
                continue
            found = self._value(
                item, field, owner=node.struct, path=(*path, key), shown=here
            )
            if key in node.required or not _is_unset(node, key, found):
                clean[key] = found
        return clean


def _is_unset(node: Node, key: str, value: Any) -> bool:
    if value == [] or (value == {} and node.properties[key].is_map):
        return True
    if value == "" and f"{node.struct}.{key}" not in _POINTER_STRINGS:
        return True
    return value is False and key in _VALUE_BOOLEANS


def _scalar(value: Any, scalar: str, node: Node, where: str) -> Any:
    if scalar == "quantity":
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            value = str(value)
        try:
            return str(quantity.parse(value))
        except quantity.QuantityError as problem:
            raise DecodeError(str(problem)) from None
    if scalar == "int-or-string":
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            return value
        raise _mismatch(value, where, "int32")
    if scalar in ("time", "microtime"):
        return _time(value, where)
    if scalar == "bytes":
        return _bytes(value, where)
    fits = {
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, (int, float)) and not isinstance(value, bool),
        "number": isinstance(value, (int, float)) and not isinstance(value, bool),
    }[scalar]
    if not fits:
        raise _mismatch(value, where, node.go_type)
    if scalar == "integer":
        limit = _RANGES.get(node.go_type, 2**63)
        if isinstance(value, float) or not -limit <= value < limit:
            raise DecodeError(
                f"json: cannot unmarshal number {_number(value)} into Go struct field "
                f"{where} of type {node.go_type}"
            )
    return value


def _time(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise _mismatch(value, where, "string")
    try:
        parse_time(value)
    except ValueError:
        layout = "2006-01-02T15:04:05Z07:00"
        rest, part = value, "2006"
        if found := re.match(r"\d{4}-\d\d-\d\d", value):
            rest, part = value[found.end() :], "T"
        raise DecodeError(
            f'parsing time "{value}" as "{layout}": cannot parse "{rest}" as "{part}"'
        ) from None
    return value


def _bytes(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise _mismatch(value, where, "[]uint8")
    try:
        base64.b64decode(re.sub(r"[\r\n]", "", value), validate=True)
    except binascii.Error:
        good = re.match(r"(?:[A-Za-z0-9+/]{4})*[A-Za-z0-9+/]{0,3}", value)
        at = good.end() if good else 0
        raise DecodeError(f"illegal base64 data at input byte {at}") from None
    return value


def _mismatch(value: Any, where: str, go_type: str) -> DecodeError:
    names = {str: "string", bool: "bool", list: "array", dict: "object"}
    name = names.get(type(value), "number")
    return DecodeError(
        f"json: cannot unmarshal {name} into Go struct field {where} of type {go_type}"
    )


def _number(value: float) -> str:
    return str(value)
