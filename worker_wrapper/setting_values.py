"""What a setting may say: each converter gives its value, or tells the right spelling.

They raise ``ValueError`` or ``TypeError`` with words for the person who wrote it.
"""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from . import naming
from .run_spec import LOCK_LABEL, MANAGED_LABEL

T = TypeVar("T")

_WORD = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
_DNS = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_OBJECT_NAME = re.compile(rf"{_DNS}(\.{_DNS})*")
_LABEL_NAME = re.compile(rf"({_OBJECT_NAME.pattern}/)?{_WORD}")
_LABEL = '{"team": "gis"}'
_AFFINITY = '{"nodeAffinity": {}}'
_AFFINITIES = ("nodeAffinity", "podAffinity", "podAntiAffinity")
_OWN_LABELS = (*("app", "type", "job_id", "project_id"), LOCK_LABEL, MANAGED_LABEL)
_TOLERATION_WORDS: Mapping[str, tuple[str, ...]] = {
    "key": (),
    "operator": ("Exists", "Equal"),
    "value": (),
    "effect": ("NoSchedule", "PreferNoSchedule", "NoExecute"),
    "tolerationSeconds": (),
}
"""Its keys, and the words each may have where they are few."""
_TOLERATION = '[{"key": "gis", "operator": "Exists", "effect": "NoSchedule"}]'


def whole(least: int, most: int = 2**31 - 1) -> Callable[[Any], int]:
    """For a whole number in these bounds."""

    def convert(value: Any) -> int:
        if not str(value).strip().isdecimal() or not least <= int(value) <= most:
            raise ValueError(f"{value!r} is not a whole number from {least} to {most}.")
        return int(value)

    return convert


def identifier(value: Any) -> int | None:
    """A uid or gid."""
    return whole(0)(value)


def seconds(value: Any) -> int | None:
    """A time from none at all to a day."""
    return whole(0, 86400)(value)


def port(value: Any) -> int | None:
    """A TCP port."""
    return whole(1, 65535)(value)


def boolean(value: Any) -> bool:
    """Yes or no, in the usual words."""
    known = {"1": True, "true": True, "yes": True, "on": True}
    known |= {"0": False, "false": False, "no": False, "off": False}
    try:
        return known[str(value).strip().lower()]
    except KeyError:
        raise ValueError(f"{value!r} is neither true nor false.") from None


def one_of(choices: Mapping[str, str]) -> Callable[[Any], str]:
    """For one of these words, in any case; the value is what it stands for."""

    def convert(value: Any) -> str:
        try:
            return choices[str(value).strip().lower()]
        except KeyError:
            allowed = ", ".join(choices)
            raise ValueError(f"{value!r} is unknown. Write one of {allowed}.") from None

    return convert


def absolute(value: Any) -> Path:
    """An absolute path."""
    path = Path(str(value))
    if not path.is_absolute():
        raise ValueError(f"{str(value)!r} is not an absolute path.")
    return path


def parsed(kind: type[T], example: str) -> Callable[[Any], T]:
    """For JSON of this type, or what such JSON stands for."""

    def convert(value: Any) -> T:
        try:
            found = json.loads(value) if isinstance(value, str) else value
        except json.JSONDecodeError as error:
            raise ValueError(
                f"not JSON ({error}). Write for example {example}"
            ) from None
        if not isinstance(found, kind):
            word = {"dict": "object", "list": "array"}.get(kind.__name__, kind.__name__)
            raise ValueError(f"not a JSON {word}. Write for example {example}")
        return found

    return convert


def texts(value: Any) -> dict[str, str]:
    """Annotations: text by name."""
    found: dict[str, Any] = parsed(dict, _LABEL)(value)
    for key, item in found.items():
        if not isinstance(item, str):
            written = json.dumps(item)
            raise ValueError(
                f'{key} is {written}, not a text. Write "{key}": {json.dumps(written)}'
            )
        if not _LABEL_NAME.fullmatch(key):
            raise ValueError(
                f"{key!r} is not a name that Kubernetes takes. Write for example "
                "'team' or 'example.org/team'."
            )
    return found


def labels(value: Any) -> dict[str, str]:
    """Labels, of objects or nodes: text by name, with what Kubernetes allows in it."""
    found = texts(value)
    for key, item in found.items():
        if item != naming.label_value(item):
            raise ValueError(
                f"{key} is {item!r}, which can't be a label's value: at most 63 of "
                f"A-Z a-z 0-9 - _ . Write for example {naming.label_value(item)!r}."
            )
    return found


def extra_labels(value: Any) -> dict[str, str]:
    """Labels of the operator's own: those that the wrapper knows a worker by stay."""
    found = labels(value)
    for key in found:
        if key in _OWN_LABELS:
            raise ValueError(
                f"{key!r} is the wrapper's own label. Write another name, for example "
                f"'example.org/{key.rpartition('/')[2]}'."
            )
    return found


def affinity(value: Any) -> Mapping[str, Any]:
    """A pod's affinity, as its manifest has it."""
    found: dict[str, Any] = parsed(dict, _AFFINITY)(value)
    for key in found:
        if key not in _AFFINITIES:
            raise ValueError(
                f"{key!r} is none of {', '.join(_AFFINITIES)}.{_hint(key, _AFFINITIES)}"
            )
    return found


def _hint(word: str, known: Iterable[str]) -> str:
    by_case = {one.lower(): one for one in known}
    near = difflib.get_close_matches(str(word).lower(), by_case, n=1)
    return f" Write {by_case[near[0]]}." if near else ""


def tolerations(value: Any) -> tuple[Mapping[str, Any], ...]:
    """Tolerations of a pod, as its manifest has them."""
    found: list[Any] = parsed(list, _TOLERATION)(value)
    for item in found:
        if not isinstance(item, dict):
            raise ValueError(
                f"{json.dumps(item)} is no toleration. Write for example {_TOLERATION}"
            )
        for key, given in item.items():
            _check_toleration(key, given)
        if item.get("operator", "Equal") == "Equal" and not item.get("key"):
            raise ValueError(
                f"{json.dumps(item)} has no key. Write one, or operator Exists."
            )
    return tuple(found)


def _check_toleration(key: str, given: Any) -> None:
    if key not in _TOLERATION_WORDS:
        raise ValueError(f"a toleration has no {key!r}.{_hint(key, _TOLERATION_WORDS)}")
    words = _TOLERATION_WORDS[key]
    if key == "tolerationSeconds":
        if not isinstance(given, int) or isinstance(given, bool):
            raise ValueError(
                f"{key} is {json.dumps(given)}, not a whole number. Write for "
                f'example "{key}": 60'
            )
    elif not isinstance(given, str) or (words and given not in words):
        allowed = f"one of {', '.join(words)}" if words else "a text"
        raise ValueError(
            f"{key} of a toleration is {json.dumps(given)}, not {allowed}."
            f"{_hint(given, words)}"
        )


def sub_path(value: Any) -> str:
    """A directory of a claim, relative to its root."""
    text = str(value).strip()
    parts = text.strip("/").split("/")
    if text.startswith("/") or not set(parts).isdisjoint(("", ".", "..")):
        right = "/".join(part for part in parts if part not in ("", ".", ".."))
        raise ValueError(
            f"{text!r} is not a directory relative to the claim's root. "
            f"Write {right!r}, or nothing for the root itself."
        )
    return "/".join(parts)


def namespace_name(value: Any) -> str:
    """The name of a namespace."""
    text = object_name(value)
    if len(text) > 63 or "." in text:
        raise ValueError(
            f"{text!r} can't be a namespace: at most 63 letters, digits and '-'. "
            f"Write for example {text.replace('.', '-')[:63].rstrip('-')!r}."
        )
    return text


def object_name(value: Any) -> str:
    """The name of a namespace, claim, Secret, ServiceAccount or class."""
    text = str(value).strip()
    if len(text) > 253 or not _OBJECT_NAME.fullmatch(text):
        raise ValueError(
            f"{text!r} can't be the name of a Kubernetes object. Write lower-case "
            "letters, digits and '-', with a letter or digit at both ends."
        )
    return text


def object_names(value: Any) -> tuple[str, ...]:
    """Names of objects, separated by commas."""
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(object_name(part) for part in parts if str(part).strip())
