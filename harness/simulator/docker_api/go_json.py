"""JSON as Go reads and writes it: its error texts, and its escapes."""

import json
import re
from typing import Any

_LITERALS = {"n": "null", "t": "true", "f": "false"}
_KINDS = {bool: "bool", int: "number", float: "number", str: "string"}


class GoJsonError(ValueError):
    """Not JSON; the text is that of Go's encoding/json."""


def decode(text: str, *, stream: bool = False) -> Any:
    """The value of a JSON text.

    ``stream`` reads as a Decoder does (a request's body): it stops after the first
    value and calls an early end ``EOF``. Raises GoJsonError.
    """
    if not text.strip():
        raise GoJsonError("EOF" if stream else "unexpected end of JSON input")
    try:
        if stream:
            value, _ = json.JSONDecoder().raw_decode(text.lstrip())
            return value
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise GoJsonError(_explain(error, stream)) from error


def _explain(error: json.JSONDecodeError, stream: bool) -> str:
    text, at = error.doc, error.pos
    if error.msg.startswith("Unterminated") or not text[at:].strip():
        return "unexpected EOF" if stream else "unexpected end of JSON input"
    at += len(text[at:]) - len(text[at:].lstrip())
    character = text[at]
    if error.msg.startswith("Extra data"):
        return f"invalid character {_quote(character)} after top-level value"
    if "property name" in error.msg:
        context = "looking for beginning of object key string"
    elif "':' delimiter" in error.msg:
        context = "after object key"
    elif "',' delimiter" in error.msg:
        inside = _innermost(text[:at])
        context = (
            "after object key:value pair" if inside == "{" else "after array element"
        )
    else:
        literal = _LITERALS.get(character)
        if literal is not None:
            return _in_literal(text[at:], literal, stream)
        context = "looking for beginning of value"
    return f"invalid character {_quote(character)} {context}"


def _in_literal(text: str, literal: str, stream: bool) -> str:
    for index, wanted in enumerate(literal):
        if index >= len(text):
            break
        if text[index] != wanted:
            return (
                f"invalid character {_quote(text[index])} in literal {literal} "
                f"(expecting {_quote(wanted)})"
            )
    return "unexpected EOF" if stream else "unexpected end of JSON input"


def _quote(character: str) -> str:
    return "'\\''" if character == "'" else f"'{character}'"


def _innermost(text: str) -> str:
    opened: list[str] = []
    for bracket in re.findall(r"[][{}]", re.sub(r'"(?:\\.|[^"\\])*"', "", text)):
        if bracket in "[{":
            opened.append(bracket)
        elif opened:
            opened.pop()
    return opened[-1] if opened else ""


def encode(value: Any) -> bytes:
    """One line of JSON; ``<``, ``>`` and ``&`` are escaped, as Go does for HTML."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("utf-8", "backslashreplace") + b"\n"


def kind(value: Any) -> str:
    """What Go calls the type of a JSON value in its errors."""
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    return _KINDS[type(value)]


def matches(value: Any, go_type: str) -> bool:
    """Whether a JSON value can be put into a Go variable of this type."""
    if value is None or go_type == "any":
        return True
    if go_type.startswith("[]"):
        return isinstance(value, list) and all(
            matches(item, go_type[2:]) for item in value
        )
    if go_type.startswith("map[string]"):
        return isinstance(value, dict) and all(
            matches(item, go_type.removeprefix("map[string]"))
            for item in value.values()
        )
    if go_type in ("int", "int64", "uint16"):
        return isinstance(value, int) and not isinstance(value, bool)
    return {
        "string": isinstance(value, str),
        "bool": isinstance(value, bool),
        "object": isinstance(value, dict),
    }[go_type]
