"""What a real Kubernetes 1.34 said about itself, kept as data.

`schema.json` holds the field tree of every kind the simulator serves (from the
server's OpenAPI v3), `rbac.json` the roles that every cluster is born with,
`discovery.json` which resources there are. `record.py` writes them, nobody else.
"""

import functools
import json
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@functools.cache
def schema() -> dict[str, Any]:
    """Return `{"server": {...}, "kinds": {"v1/Pod": name}, "definitions": {...}}`."""
    loaded: dict[str, Any] = json.loads((_HERE / "schema.json").read_bytes())
    return loaded


def bootstrap_rbac() -> list[dict[str, Any]]:
    """Return the ClusterRoles and ClusterRoleBindings of a new cluster."""
    items: list[dict[str, Any]] = json.loads((_HERE / "rbac.json").read_bytes())[
        "items"
    ]
    return items


@functools.cache
def resource_names() -> dict[str, frozenset[str]]:
    """Return what a real server has: `{"batch/v1": {"jobs", "jobs/status", …}}`."""
    loaded = json.loads((_HERE / "discovery.json").read_bytes())["resources"]
    return {version: frozenset(names) for version, names in loaded.items()}
