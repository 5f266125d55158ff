"""The one path grammar of the API, parsed once into a `RequestInfo`.

Every handler, the authorizer and the journal read this record and no path.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

_VERBS = {
    "POST": "create",
    "GET": "get",
    "HEAD": "get",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
}
# /api/v1/namespaces/x/<these> belong to the namespace object itself
_OF_NAMESPACE = ("status", "finalize")


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestInfo:
    """Who asks for what: the resource part of a request.

    `is_resource` is False for discovery, /version and other plain paths; then only
    `verb` (the lower-case HTTP method) and `path` are set.
    """

    verb: str
    path: str
    is_resource: bool = False
    group: str = ""
    version: str = ""
    namespace: str = ""
    resource: str = ""
    subresource: str = ""
    name: str = ""
    rest: str = ""
    """What follows the subresource (`proxy/a/b`)."""

    @property
    def group_version(self) -> str:
        """Return `batch/v1` or `v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def full_resource(self) -> str:
        """Return `pods/log`, the form that Roles and error texts use."""
        if self.subresource:
            return f"{self.resource}/{self.subresource}"
        return self.resource


def parse(method: str, raw_path: str, query: Mapping[str, str]) -> RequestInfo:
    """Parse a request line; `raw_path` is still percent-encoded."""
    parts = [unquote(part) for part in raw_path.strip("/").split("/")]
    plain = RequestInfo(verb=method.lower(), path=unquote(raw_path))
    if parts[0] == "api" and len(parts) >= 3:
        group, version, parts = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) >= 4:
        group, version, parts = parts[1], parts[2], parts[3:]
    else:
        return plain
    verb = _VERBS.get(method, method.lower())
    namespace = ""
    if parts[0] == "namespaces" and len(parts) > 1:
        namespace = parts[1]
        if len(parts) > 2 and parts[2] not in _OF_NAMESPACE:
            parts = parts[2:]
    resource, *more = parts
    name = more[0] if more else ""
    if not name:
        verb = {"get": "list", "delete": "deletecollection"}.get(verb, verb)
        if verb == "list":
            name = _exact_name(query.get("fieldSelector", ""))
            verb = "watch" if truth(query, "watch") else verb
    return RequestInfo(
        verb=verb,
        path=plain.path,
        is_resource=True,
        group=group,
        version=version,
        namespace=namespace,
        resource=resource,
        subresource=more[1] if len(more) > 1 else "",
        name=name,
        rest="/".join(more[2:]),
    )


def truth(query: Mapping[str, str], key: str) -> bool:
    """Read a boolean parameter as the real server does: all but false and 0 is true."""
    return key in query and query[key].lower() not in ("false", "0")


def _exact_name(field_selector: str) -> str:
    """Return the name that a field selector pins; RBAC's resourceNames see it."""
    for term in field_selector.split(","):
        key, _, value = term.partition("=")
        if key == "metadata.name" and value:
            return value.removeprefix("=")
    return ""
