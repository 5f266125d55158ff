"""Records what a server answers, or compares it with what the real one answered.

    def test_create(docker, see):
        see("no image", docker("POST", "/containers/create", {"Image": "nope"}))

A test makes requests and shows the answers; what they should be stands nowhere in the
test but in its golden file, which only a real server can have written.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import golden
from .normalise import Normaliser
from .wire import Answer

_HEADERS = (
    "Api-Version",
    "Cache-Control",
    "Connection",
    "Content-Type",
    "Docker-Experimental",
    "Ostype",
    "Retry-After",
    "Transfer-Encoding",
    "Upgrade",
    "Warning",
    "X-Content-Type-Options",
)


@dataclass(frozen=True)
class Profile:
    """A kind of server: how its answers are normalised, and what is left out.

    ``ignored`` maps the path of a field (``body.GraphDriver``, ``body.[].Status`` in
    each item of a list, ``*`` for any one step) to the reason why it isn't compared.
    """

    name: str
    ignored: Mapping[str, str]
    normaliser: type[Normaliser] = Normaliser


class Recorder:
    """One test's record, compared or stored by ``finish``."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._normalise = profile.normaliser()
        self._steps: list[dict[str, Any]] = []

    @property
    def profile(self) -> str:
        """The kind of server whose golden file is meant."""
        return self._profile.name

    def name(self, value: str, token: str) -> str:
        """Have a made-up value shown as a token; returns the value."""
        self._normalise.name(value, token)
        return value

    def __call__(self, name: str, seen: Answer | Any, *, body: bool = True) -> None:
        """Show an answer, or any JSON value; ``body`` false leaves the body out."""
        if isinstance(seen, Answer):
            headers = {h: seen.headers[h] for h in _HEADERS if h in seen.headers}
            if headers.get("Content-Type") == "application/json":
                headers.pop("Transfer-Encoding", None)  # depends on the length
            value: dict[str, Any] = {
                "request": f"{seen.method} {seen.path}",
                "sent": seen.sent,
                "status": seen.status,
                "headers": headers,
            }
            if body:
                value["body"] = seen.body
        else:
            value = {"value": seen}
        kept = _without(value, self._profile.ignored)
        self._steps.append({"name": name, **self._normalise(kept)})

    @property
    def steps(self) -> list[dict[str, Any]]:
        """What was shown, normalised."""
        text = self._normalise.finish(json.dumps(self._steps))
        finished: list[dict[str, Any]] = json.loads(text)
        return finished

    def record(self, test: str, origin: dict[str, Any]) -> None:
        """Store it as what the real server says."""
        golden.save(self._profile.name, test, golden.Golden(origin, self.steps))

    def compare(self, test: str) -> list[str]:
        """The differences from what the real server said, one line each."""
        wanted = golden.load(self._profile.name, test)
        return list(differences(wanted.steps, self.steps))


def differences(wanted: Any, seen: Any, where: str = "") -> Iterator[str]:
    """Where two JSON values differ, in words."""
    if isinstance(wanted, dict) and isinstance(seen, dict):
        for key in sorted(wanted.keys() | seen.keys()):
            place = f"{where}.{key}"
            if key not in seen:
                yield f"{place}: real {wanted[key]!r}, here nothing"
            elif key not in wanted:
                yield f"{place}: real nothing, here {seen[key]!r}"
            else:
                yield from differences(wanted[key], seen[key], place)
    elif isinstance(wanted, list) and isinstance(seen, list):
        for index in range(max(len(wanted), len(seen))):
            place = f"{where}[{_label(wanted, seen, index)}]"
            if index >= len(seen):
                yield f"{place}: real {wanted[index]!r}, here nothing"
            elif index >= len(wanted):
                yield f"{place}: real nothing, here {seen[index]!r}"
            else:
                yield from differences(wanted[index], seen[index], place)
    elif wanted != seen or type(wanted) is not type(seen):
        yield f"{where}: real {wanted!r}, here {seen!r}"


def _label(wanted: list[Any], seen: list[Any], index: int) -> str:
    for side in (wanted, seen):
        if (
            index < len(side)
            and isinstance(side[index], dict)
            and "name" in side[index]
        ):
            return f"{index} {side[index]['name']}"
    return str(index)


def _without(value: Any, ignored: Mapping[str, str], where: str = "") -> Any:
    if isinstance(value, Mapping):
        return {
            key: "<not compared>"
            if _matches(f"{where}{key}", ignored)
            else _without(item, ignored, f"{where}{key}.")
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_without(item, ignored, f"{where}[].") for item in value]
    return value


def _matches(path: str, ignored: Mapping[str, str]) -> bool:
    parts = path.split(".")
    for pattern in ignored:
        wanted = pattern.split(".")
        if len(wanted) == len(parts) and all(
            w in ("*", p) for w, p in zip(wanted, parts, strict=True)
        ):
            return True
    return False
