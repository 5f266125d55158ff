"""OpenAPI v3, as far as kubectl reads it: schemas, and that fields are validated.

The schemas are the recorded ones, without prose; `kubectl explain` shows fields and
types. OpenAPI v2 is not served: the real one is protobuf for kubectl.
"""

import functools
import hashlib
from typing import Any

from aiohttp import web

from harness.simulator.kube_api import recorded, resources
from harness.simulator.kube_api.resources import Resource, kind_key
from harness.simulator.kube_api.serving import content, discovery

_REFERENCE = "#/components/schemas/"
_METHODS = {"create": "post", "update": "put", "patch": "patch", "get": "get"}


def answer(request: web.Request) -> web.Response | None:
    """Answer a path below /openapi/v3; None for any other."""
    path = request.path.rstrip("/")
    if path == "/openapi/v3":
        paths = {
            name: {"serverRelativeURL": f"/openapi/v3/{name}?hash={_hash(name)}"}
            for name in _documents()
        }
        return content.respond(request, {"paths": paths})
    name = path.removeprefix("/openapi/v3/")
    if path.startswith("/openapi/v3/") and name in _documents():
        return content.respond(request, _document(name))
    return None


def _documents() -> dict[str, tuple[str, str]]:
    return {
        (f"apis/{group}/{version}" if group else f"api/{version}"): (group, version)
        for group, version in sorted(resources.GROUP_VERSIONS)
    }


@functools.cache
def _hash(name: str) -> str:
    return hashlib.sha256(repr(_document(name)).encode()).hexdigest().upper()


@functools.cache
def _document(name: str) -> dict[str, Any]:
    group, version = _documents()[name]
    rows = [r for r in resources.TABLE if (r.group, r.version) == (group, version)]
    schemas: dict[str, Any] = {}
    for row in rows:
        key = kind_key(row.group, row.version, row.kind)
        _collect(recorded.schema()["kinds"][key], schemas)
        root = dict(schemas[recorded.schema()["kinds"][key]])
        root["x-kubernetes-group-version-kind"] = [_gvk(row)]
        schemas[recorded.schema()["kinds"][key]] = root
    return {
        "openapi": "3.0.0",
        "info": {
            "title": "Kubernetes",
            "version": discovery.version()["gitVersion"],
        },
        "paths": {path: item for row in rows for path, item in _paths(row, name)},
        "components": {"schemas": schemas},
    }


def _collect(name: str, into: dict[str, Any]) -> None:
    if name in into:
        return
    into[name] = recorded.schema()["definitions"][name]
    for reference in _references(into[name]):
        _collect(reference, into)


def _references(node: Any) -> set[str]:
    if isinstance(node, list):
        return {name for item in node for name in _references(item)}
    if not isinstance(node, dict):
        return set()
    found = {name for value in node.values() for name in _references(value)}
    if isinstance(node.get("$ref"), str):
        found.add(node["$ref"].removeprefix(_REFERENCE))
    return found


def _gvk(row: Resource) -> dict[str, str]:
    return {"group": row.group, "version": row.version, "kind": row.kind}


def _paths(row: Resource, prefix: str) -> list[tuple[str, dict[str, Any]]]:
    base = f"/{prefix}/namespaces/{{namespace}}" if row.namespaced else f"/{prefix}"
    collection = {v: m for v, m in _METHODS.items() if v in row.verbs and v == "create"}
    named = {v: m for v, m in _METHODS.items() if v in row.verbs and v != "create"}
    found = [(f"{base}/{row.plural}", _item(row, collection))]
    if named:
        found.append((f"{base}/{row.plural}/{{name}}", _item(row, named)))
    return found


def _item(row: Resource, methods: dict[str, str]) -> dict[str, Any]:
    definition = recorded.schema()["kinds"][kind_key(row.group, row.version, row.kind)]
    schema = {"schema": {"$ref": _REFERENCE + definition}}
    item: dict[str, Any] = {}
    for verb, method in methods.items():
        names = [] if verb == "get" else ["dryRun", "fieldManager", "fieldValidation"]
        item[method] = {
            "x-kubernetes-action": verb,
            "x-kubernetes-group-version-kind": _gvk(row),
            "parameters": [
                {"name": n, "in": "query", "schema": {"type": "string"}} for n in names
            ],
            "responses": {
                "200": {"description": "OK", "content": {"application/json": schema}}
            },
        }
    return item
