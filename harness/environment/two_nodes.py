"""Cells whose workers have to go to another node than their wrapper's."""

import json
from collections.abc import Mapping
from typing import Any

from ..errors import EnvironmentMissing
from .kube_api import KubeApi

HOSTNAME = "kubernetes.io/hostname"
SELECTED = "volume.kubernetes.io/selected-node"
"""What the scheduler notes on a claim that it had provisioned for a node."""


def choose(api: KubeApi, namespace: str) -> tuple[str, str]:
    """The wrapper's node, which is where its claims already are, and another.

    :raises EnvironmentMissing: there is only one that takes pods
    """
    names = _names(api)
    claims = api.list("PersistentVolumeClaim", namespace)
    taken = [
        str((claim["metadata"].get("annotations") or {}).get(SELECTED, ""))
        for claim in claims
    ]
    own = next((name for name in taken if name in names), names[0] if names else "")
    others = [name for name in names if name != own]
    if not others:
        raise EnvironmentMissing(
            f"There are no two nodes that take pods, only {own or 'none'}.",
            "Another may be cordoned or tainted: kubectl describe nodes",
        )
    return own, others[0]


def first(api: KubeApi) -> str:
    """The one that is the wrapper's where it has no pod."""
    return _names(api)[0]


def _names(api: KubeApi) -> list[str]:
    return sorted(_hostname(node) for node in api.list("Node") if _takes_pods(node))


def selector(node: str) -> Mapping[str, str]:
    """What of a pod's spec, and of a wrapper's settings, names a node."""
    return {HOSTNAME: node}


def settings(node: str) -> Mapping[str, str]:
    """What makes a wrapper's workers go to a node."""
    return {"QFIELDCLOUD_K8S_NODE_SELECTOR": json.dumps(selector(node))}


def bound_to(node: str) -> Mapping[str, Any]:
    """What of a volume's spec keeps its pods on a node."""
    only = {"key": HOSTNAME, "operator": "In", "values": [node]}
    terms = [{"matchExpressions": [only]}]
    return {"nodeAffinity": {"required": {"nodeSelectorTerms": terms}}}


def _hostname(node: Mapping[str, Any]) -> str:
    return str(node["metadata"]["labels"].get(HOSTNAME, node["metadata"]["name"]))


def _takes_pods(node: Mapping[str, Any]) -> bool:
    """Whether a pod with no tolerations may go there."""
    taints = node["spec"].get("taints") or ()
    return not any(taint["effect"] != "PreferNoSchedule" for taint in taints)
