"""What a scenario gives its namespace: quotas, limits, claims, Pod Security."""

import copy
from collections.abc import Mapping
from typing import Any

from ..scenario.schema import Given
from .kube_api import KubeApi, path_of
from .patience import SCHEDULE

_API_VERSION = "v1"
_LABEL = "pod-security.kubernetes.io/enforce"


def put(api: KubeApi, namespace: str, given: Given) -> list[dict[str, Any]]:
    """Make what is given, and wait until it holds; what was made."""
    made = [api.create(_object(one), namespace) for one in given.objects]
    for one in made:
        if one["kind"] == "ResourceQuota":
            _wait_until_counted(api, namespace, one["metadata"]["name"])
    if given.pod_security:
        _label(api, namespace, given.pod_security)
    return made


def take_back(api: KubeApi, namespace: str, given: Given) -> None:
    """Leave the namespace as it was."""
    for one in given.objects:
        api.delete(str(one["kind"]), str(one["metadata"]["name"]), namespace)
    if given.pod_security:
        _label(api, namespace, None)


def _object(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"apiVersion": _API_VERSION, **copy.deepcopy(dict(given))}


def _label(api: KubeApi, namespace: str, level: str | None) -> None:
    path = f"{path_of('Namespace')}/{namespace}"
    api.patch(path, {"metadata": {"labels": {_LABEL: level}}})


def _wait_until_counted(api: KubeApi, namespace: str, name: str) -> None:
    """Before its controller has counted, a quota refuses all (status unknown)."""

    def look() -> tuple[bool | None, str]:
        found = api.get("ResourceQuota", name, namespace) or {}
        counted = "hard" in (found.get("status") or {})
        return (True if counted else None), "no status"

    SCHEDULE.wait(f"the quota {name} to be counted", look)
