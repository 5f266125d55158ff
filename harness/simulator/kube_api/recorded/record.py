"""Write `schema.json`, `rbac.json` and `discovery.json` from a live Kubernetes 1.34.

`python -m harness.simulator.kube_api.recorded.record http://127.0.0.1:8001`, with
`kubectl proxy` running there. A simulator is refused: it must not teach itself.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import requests

from harness.simulator.kube_api import resources

_HERE = Path(__file__).parent
_REFERENCED = (("", "v1", "Status"), ("", "v1", "PodTemplate"), ("", "v1", "Binding"))
_ROLES = (
    "admin",
    "cluster-admin",
    "edit",
    "system:aggregate-to-admin",
    "system:aggregate-to-edit",
    "system:aggregate-to-view",
    "system:auth-delegator",
    "system:basic-user",
    "system:discovery",
    "system:monitoring",
    "system:public-info-viewer",
    "system:service-account-issuer-discovery",
    "view",
)
_BINDINGS = (
    "cluster-admin",
    "kubeadm:cluster-admins",
    "system:basic-user",
    "system:discovery",
    "system:monitoring",
    "system:public-info-viewer",
    "system:service-account-issuer-discovery",
)


def main(argv: list[str] | None = None) -> int:
    """Record the files and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("proxy", help="URL of a running `kubectl proxy`")
    server = _Server(parser.parse_args(argv).proxy)
    version = server.get("/version")
    if version["minor"].rstrip("+") != "34":
        sys.exit(f"record.py: {version['gitVersion']} is not Kubernetes 1.34")
    stamp = {"gitVersion": version["gitVersion"], "gitCommit": version["gitCommit"]}
    _write("schema.json", {"server": stamp, **_schema(server)})
    _write("rbac.json", {"server": stamp, "items": _rbac(server)})
    _write("discovery.json", {"server": stamp, "resources": _resources(server)})
    return 0


class _Server:
    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def get(self, path: str) -> dict[str, Any]:
        answer = requests.get(self._url + path, timeout=30)
        answer.raise_for_status()
        if "X-Qfc-Simulator" in answer.headers:
            sys.exit("record.py: this is the simulator; it can't be recorded")
        body: dict[str, Any] = answer.json()
        return body


def _schema(server: _Server) -> dict[str, Any]:
    wanted = {(r.group, r.version, r.kind) for r in resources.TABLE} | set(_REFERENCED)
    wanted |= {
        (s.group, s.version, s.kind)
        for r in resources.TABLE
        for s in r.subresources
        if s.kind and s.kind != "Pod"
    }
    definitions: dict[str, Any] = {}
    kinds: dict[str, str] = {}
    for group, version in sorted({(g, v) for g, v, _ in wanted}):
        path = f"apis/{group}/{version}" if group else f"api/{version}"
        document = server.get(f"/openapi/v3/{path}")
        for name, definition in document["components"]["schemas"].items():
            definitions[name] = definition
            for gvk in definition.get("x-kubernetes-group-version-kind", ()):
                if (gvk["group"], gvk["version"], gvk["kind"]) in wanted:
                    kinds[resources.kind_key(**gvk)] = name
    kept: dict[str, Any] = {}
    waiting = sorted(set(kinds.values()))
    while waiting:
        name = waiting.pop()
        if name not in kept:
            kept[name] = _without_prose(definitions[name])
            waiting += sorted(_references(kept[name]))
    return {"kinds": kinds, "definitions": kept}


def _without_prose(node: Any) -> Any:
    """Drop descriptions and flatten `allOf: [{$ref}]`, which carries only a default."""
    if isinstance(node, list):
        return [_without_prose(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: value
        for key, value in node.items()
        if key not in ("description", "x-kubernetes-group-version-kind", "allOf")
    }
    for part in node.get("allOf", ()):
        kept.update(part)
    return {
        key: {name: _without_prose(field) for name, field in value.items()}
        if key == "properties"
        else _without_prose(value)
        for key, value in kept.items()
    }


def _references(node: Any) -> set[str]:
    if isinstance(node, list):
        return {name for item in node for name in _references(item)}
    if not isinstance(node, dict):
        return set()
    found = {name for value in node.values() for name in _references(value)}
    if isinstance(node.get("$ref"), str):
        found.add(node["$ref"].rsplit("/", 1)[-1])
    return found


def _rbac(server: _Server) -> list[dict[str, Any]]:
    base = "/apis/rbac.authorization.k8s.io/v1"
    items = []
    for plural, kind, names in (
        ("clusterroles", "ClusterRole", _ROLES),
        ("clusterrolebindings", "ClusterRoleBinding", _BINDINGS),
    ):
        for name in names:
            item = server.get(f"{base}/{plural}/{name}")
            metadata = item["metadata"]
            for key in (
                "uid",
                "resourceVersion",
                "creationTimestamp",
                "managedFields",
                "generation",
            ):
                metadata.pop(key, None)
            items.append({**item, "kind": kind})
    return items


def _resources(server: _Server) -> dict[str, list[str]]:
    """Return `{"batch/v1": ["cronjobs", "cronjobs/status", …]}`."""
    paths = {"v1": "/api/v1"}
    for group in server.get("/apis")["groups"]:
        for version in group["versions"]:
            name = version["groupVersion"]
            paths[name] = f"/apis/{name}"
    return {
        name: [item["name"] for item in server.get(path)["resources"]]
        for name, path in paths.items()
    }


def _write(name: str, content: dict[str, Any]) -> None:
    text = json.dumps(content, separators=(",", ":"), sort_keys=True)
    (_HERE / name).write_text(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
