"""What there is: /api, /apis, their aggregated form, and /version.

All of it follows from the resource table.
"""

from collections.abc import Iterator
from typing import Any

from aiohttp import web

from harness.simulator.kube_api import recorded, resources
from harness.simulator.kube_api.resources import Resource, Subresource
from harness.simulator.kube_api.serving import content

_AGGREGATED = "g=apidiscovery.k8s.io"
_CONTENT_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def answer(request: web.Request) -> web.Response | None:
    """Answer a discovery path; None for any other."""
    parts = [part for part in request.path.split("/") if part]
    aggregated = _wants_aggregated(request)
    if parts == ["version"]:
        return content.respond(request, version())
    if parts == ["api"]:
        return _aggregated(request, [""]) if aggregated else _legacy(request)
    if parts == ["apis"]:
        return _aggregated(request, _groups()) if aggregated else _group_list(request)
    if len(parts) == 2 and parts[0] == "api":
        return _resource_list(request, "", parts[1])
    if len(parts) == 2 and parts[0] == "apis" and parts[1] in _groups():
        return content.respond(
            request, {"kind": "APIGroup", "apiVersion": "v1", **_group(parts[1])}
        )
    if len(parts) == 3 and parts[0] == "apis":
        return _resource_list(request, parts[1], parts[2])
    return None


def version() -> dict[str, str]:
    """Return what /version says: the release whose answers were recorded."""
    server = recorded.schema()["server"]
    major, minor, _ = server["gitVersion"].lstrip("v").split(".", 2)
    return {
        "major": major,
        "minor": minor,
        "emulationMajor": major,
        "emulationMinor": minor,
        "minCompatibilityMajor": major,
        "minCompatibilityMinor": str(int(minor) - 1),
        "gitVersion": f"{server['gitVersion']}+qfc-simulator",
        "gitCommit": server["gitCommit"],
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "none",
        "compiler": "none",
        "platform": "linux/amd64",
    }


def _wants_aggregated(request: web.Request) -> bool:
    accept = request.headers.get("Accept", "")
    return any(_AGGREGATED in c and "v=v2;" in c + ";" for c in accept.split(","))


def _groups() -> list[str]:
    return list(dict.fromkeys(row.group for row in resources.TABLE if row.group))


def _legacy(request: web.Request) -> web.Response:
    addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": request.host}]
    body = {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": addresses,
    }
    return content.respond(request, body)


def _group_list(request: web.Request) -> web.Response:
    groups = [_group(name) for name in _groups()]
    body = {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    return content.respond(request, body)


def _group(name: str) -> dict[str, Any]:
    preferred = {"groupVersion": f"{name}/v1", "version": "v1"}
    return {"name": name, "versions": [preferred], "preferredVersion": preferred}


def _resource_list(
    request: web.Request, group: str, version_: str
) -> web.Response | None:
    rows = [r for r in resources.TABLE if (r.group, r.version) == (group, version_)]
    if not rows:
        return None
    listed = [entry for row in rows for entry in _entries(row)]
    body = {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": rows[0].group_version,
        "resources": listed,
    }
    return content.respond(request, body)


def _entries(row: Resource) -> Iterator[dict[str, Any]]:
    entry: dict[str, Any] = {
        "name": row.plural,
        "singularName": row.singular,
        "namespaced": row.namespaced,
        "kind": row.kind,
        "verbs": list(row.verbs),
    }
    if row.short_names:
        entry["shortNames"] = list(row.short_names)
    if row.categories:
        entry["categories"] = list(row.categories)
    yield entry
    for sub in row.subresources:
        named = {
            "name": f"{row.plural}/{sub.name}",
            "singularName": "",
            "namespaced": row.namespaced,
        }
        if sub.group != row.group:
            named |= {"group": sub.group, "version": sub.version}
        yield {**named, "kind": sub.kind, "verbs": list(sub.verbs)}


def _aggregated(request: web.Request, groups: list[str]) -> web.Response:
    items = []
    for group in groups:
        rows = [row for row in resources.TABLE if row.group == group]
        entry = {
            "version": "v1",
            "resources": [_aggregated_resource(row) for row in rows],
            "freshness": "Current",
        }
        items.append(
            {"metadata": {"name": group} if group else {}, "versions": [entry]}
        )
    body = {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    }
    return content.respond(request, body, content_type=_CONTENT_TYPE)


def _aggregated_resource(row: Resource) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "resource": row.plural,
        "responseKind": _response_kind(row.group, row.version, row.kind),
        "scope": "Namespaced" if row.namespaced else "Cluster",
        "singularResource": row.singular,
        "verbs": list(row.verbs),
    }
    if row.short_names:
        entry["shortNames"] = list(row.short_names)
    if row.categories:
        entry["categories"] = list(row.categories)
    if row.subresources:
        entry["subresources"] = [_aggregated_subresource(s) for s in row.subresources]
    return entry


def _aggregated_subresource(sub: Subresource) -> dict[str, Any]:
    return {
        "subresource": sub.name,
        "responseKind": _response_kind(sub.group, sub.version, sub.kind),
        "verbs": list(sub.verbs),
    }


def _response_kind(group: str, version_: str, kind: str) -> dict[str, str]:
    return {"group": group, "version": version_, "kind": kind}
