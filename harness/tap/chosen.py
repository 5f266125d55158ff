"""Which calls are meant by ``create``, ``create jobs``, ``POST jobs``, ``WATCH pods``.

What the words are is said in `harness.scenario.calls`.
"""

import re
from collections.abc import Iterator

from ..scenario.calls import STEPS
from .journal import Call

_DOCKER = re.compile(r"^/(?P<kind>[a-z_]+)(?:/(?P<id>[^/]+)(?:/(?P<sub>[a-z]+))?)?$")
_DOCKER_VERBS = {"GET": "get", "DELETE": "delete", "POST": "update", "PUT": "update"}


def is_chosen(text: str, call: Call) -> bool:
    """Whether a call is one of those that a text names."""
    wanted = STEPS.get(text, (text,))
    return any(name in wanted for name in names_of(call))


def names_of(call: Call) -> Iterator[str]:
    """What a call may be called: by verb and by method; Docker's also by path."""
    right = call.right
    if right is not None:
        verb, _, resource = right
    else:
        verb, resource = _docker(call)
    yield f"{verb} {resource}"
    yield f"{verb.upper()} {resource}"
    yield f"{call.method} {resource}"
    if right is None and call.method == "POST":
        yield f"POST {resource}/{verb}"


def _docker(call: Call) -> tuple[str, str]:
    """Verb and resource of a call of the Docker Engine's API."""
    match = _DOCKER.match(call.path)
    if match is None:
        return call.method.lower(), call.path
    kind, name, sub = match["kind"], match["id"], match["sub"]
    if sub == "logs":
        return "get", f"{kind}/logs"
    if call.method == "GET":
        return ("list" if name == "json" else "get"), kind
    if call.method == "POST" and (sub or name):
        return str(sub or name), kind
    return _DOCKER_VERBS.get(call.method, call.method.lower()), kind
