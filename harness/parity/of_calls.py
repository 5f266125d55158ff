"""The facts of a backend's API: what the wrapper asked, and what it was answered.

Reading has no promised number: a watch opened again and a poll more say nothing. What
changes something is counted, and keeps its order. What a fault struck is not told.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..replay.observation import Observation
from ..tap.journal import Call
from .tokens import Tokens

_DOCKER_ID = re.compile(
    r"^/(containers|images|networks|volumes)/(?!json$|create$)(.+?)"
    r"(/(?:json|start|stop|kill|wait|logs|archive|changes))?$"
)
_KUBE = re.compile(
    r"^(?P<base>/(?:api|apis/[^/]+)/v[^/]+)(?:/namespaces/(?P<namespace>[^/]+))?"
    r"/(?P<resource>[^/]+)(?:/(?P<name>[^/]+)(?P<sub>/.+)?)?$"
)
_OF_CHANCE = ("timeoutSeconds", "resourceVersion")


def fields(seen: Observation, tokens: Tokens) -> Iterator[tuple[str, Any]]:
    """Name and value of each."""
    answers: dict[str, list[int]] = {}
    refusals: dict[str, str] = {}
    calls = tuple(call for call in seen.calls if not call.fault)
    for call in calls:
        shape = shape_of(call, seen.cell.backend)
        answers.setdefault(shape, []).append(call.status)
        if call.status >= 400:
            refusals[f"{shape} {call.status}"] = call.message
    for shape, statuses in answers.items():
        yield f"API {shape}", _told(shape, statuses)
    for shape, words in refusals.items():
        yield f"API {shape} words", words
    changing = (shape_of(one, seen.cell.backend) for one in _changing(calls))
    yield "API changes in order", " → ".join(changing)
    for call in _changing(calls):
        if call.status in (200, 201) and call.method == "POST":
            keys = _keys(tokens, call)
            if keys:
                yield f"API {shape_of(call, seen.cell.backend)} answers", keys


def shape_of(call: Call, backend: str) -> str:
    """Verb and path without names, with the names of the query's parameters."""
    path = call.path
    if backend == "docker":
        path = _DOCKER_ID.sub(r"/\1/{id}\3", path)
    elif match := _KUBE.match(path):
        inside = "/namespaces/{namespace}" if match["namespace"] else ""
        name = "/{name}" if match["name"] else ""
        path = f"{match['base']}{inside}/{match['resource']}{name}{match['sub'] or ''}"
    query = ",".join(sorted(set(call.query) - set(_OF_CHANCE)))
    return f"{call.method} {path}" + (f"?{query}" if query else "")


def _told(shape: str, statuses: list[int]) -> str:
    if shape.startswith(("GET ", "HEAD ")):
        return ", ".join(map(str, dict.fromkeys(statuses)))
    return ", ".join(map(str, statuses))


def _changing(calls: tuple[Call, ...]) -> Iterator[Call]:
    return (one for one in calls if one.method not in ("GET", "HEAD"))


def _keys(tokens: Tokens, call: Call) -> str:
    """The answer's fields, two levels deep: names alone, values are the cell's own."""
    try:
        answer = json.loads(call.response)
    except ValueError:
        return ""
    if not isinstance(answer, Mapping):
        return ""
    found: list[str] = []
    for key, value in answer.items():
        inner = sorted(value) if isinstance(value, Mapping) else []
        found.append(f"{key}({', '.join(inner)})" if inner else key)
    return tokens(", ".join(sorted(found)))
