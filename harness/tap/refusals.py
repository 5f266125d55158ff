"""What a backend would have answered: bodies in each API's own shape and words.

Of kube-apiserver 1.34 (429 is plain text there, and what etcd says has no ``reason``)
and of Docker Engine.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .journal import Call

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
_ETCD = "etcdserver: leader changed"
_HEX_ID = "6b1f" * 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A body, and what it is."""

    content_type: str
    body: bytes


def is_kubernetes(call: Call) -> bool:
    """Whether a call is one of the Kubernetes API."""
    return urlsplit(call.target).path.startswith(("/api", "/openapi"))


def refusal(call: Call, status: int) -> Refusal:
    """The answer of this status to this call."""
    if not is_kubernetes(call):
        body = json.dumps({"message": _docker(call, status)}) + "\n"
        return Refusal(content_type=JSON, body=body.encode())
    if status == 429:
        text = b"Too many requests, please try again later.\n"
        return Refusal(content_type=TEXT, body=text)
    body = json.dumps(_status(call, status)) + "\n"
    return Refusal(content_type=JSON, body=body.encode())


def expired_event() -> bytes:
    """How a watch ends that began, or has come, too far in the past."""
    message = "too old resource version: 1 (597)"
    found = _failure(410, "Expired", message)
    return json.dumps({"type": "ERROR", "object": found}).encode() + b"\n"


def _failure(status: int, reason: str, message: str) -> dict[str, Any]:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        **({"reason": reason} if reason else {}),
        "code": status,
    }


def _status(call: Call, status: int) -> dict[str, Any]:
    verb, group, resource = call.right or ("get", "", "")
    plural, _, sub = resource.partition("/")
    name = _name_of(call)
    kind = f"{plural}.{group}" if group else plural
    named = f'{kind} "{name}"' if name else kind
    if status == 400:
        message = (
            f'container "{call.query.get("container", "")}" in pod "{name}" is waiting '
            "to start: ContainerCreating"
        )
        return _failure(400, "BadRequest", message)
    if status == 403:
        space = call.namespace
        account = f"system:serviceaccount:{space}:qfieldcloud-worker"
        message = (
            f'{named} is forbidden: User "{account}" cannot {verb} resource '
            f'"{resource if sub else plural}" in API group "{group}" in the namespace '
            f'"{space}"'
        )
        return _failure(403, "Forbidden", message)
    if status == 409 and verb == "create":
        return _failure(409, "AlreadyExists", f"{named} already exists")
    reason, message = {
        401: ("Unauthorized", "Unauthorized"),
        409: (
            "Conflict",
            f"Operation cannot be fulfilled on {named}: the object has been modified; "
            "please apply your changes to the latest version and try again",
        ),
        410: ("Expired", "The resourceVersion for the provided list is too old."),
        500: ("", _ETCD),
        503: (
            "ServiceUnavailable",
            "the server is currently unable to handle the request",
        ),
        504: (
            "Timeout",
            "Timeout: request did not complete within the allotted timeout",
        ),
    }[status]
    return _failure(status, reason, message)


def _name_of(call: Call) -> str:
    """The object's name: in the path, or in what is to be created."""
    if call.name:
        return call.name
    try:
        metadata = json.loads(call.request)["metadata"]
    except (ValueError, KeyError, TypeError):
        return ""
    return str(metadata.get("name", "")) if isinstance(metadata, Mapping) else ""


def _docker(call: Call, status: int) -> str:
    if status == 409 and call.path == "/containers/create":
        return (
            f'Conflict. The container name "/{call.query.get("name", "")}" is already '
            f'in use by container "{_HEX_ID}". You have to remove (or rename) that '
            "container to be able to reuse that name."
        )
    return {
        403: "authorization denied by plugin authz: the call is not allowed",
        409: f"removal of container {call.path.split('/')[2:3]} is already in progress",
        500: "context deadline exceeded",
        503: "the daemon is shutting down",
    }[status]
