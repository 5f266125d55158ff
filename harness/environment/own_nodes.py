"""Nodes that the harness adds to a simulated cluster for one cell, and can lose."""

import json
from collections.abc import Mapping
from typing import Any

from .kube_api import KubeApi
from .simulator_process import Simulator

LABEL = "qfc-harness/node-of"
_CAPACITY = {"cpu": "8", "memory": "32Gi", "pods": "20", "ephemeral-storage": "50Gi"}


class OwnNodes:
    """Adds, loses, finds and removes nodes.

    :param root: a path on every node, whose directory here they all share, as nodes
        share network storage
    """

    def __init__(self, simulator: Simulator, api: KubeApi, root: str) -> None:
        self._simulator = simulator
        self._api = api
        self._root = root

    def add(self, name: str, shared: str) -> None:
        """A node that only pods go to which ask for it.

        :param shared: where the shared path lies on this machine
        """
        paths = {"nodes": {name: {self._root: shared}}}
        self._simulator.control("PUT", "host-paths", paths)
        self._api.create(_node(name))

    def lose(self, name: str) -> None:
        """Cut it off: what runs there runs on."""
        self._simulator.control("PUT", f"nodes/{name}/lost", {"lost": True})

    def find(self, name: str) -> None:
        """Connect it again: its kubelet then does what it missed."""
        self._simulator.control("PUT", f"nodes/{name}/lost", {"lost": False})

    def remove(self, name: str) -> None:
        """Take it away."""
        self.find(name)
        self._api.delete("Node", name)


def settings(name: str) -> Mapping[str, str]:
    """What makes a wrapper's workers go to this node."""
    toleration = {"key": LABEL, "value": name, "effect": "NoSchedule"}
    return {
        "QFIELDCLOUD_K8S_NODE_SELECTOR": json.dumps({LABEL: name}),
        "QFIELDCLOUD_K8S_TOLERATIONS": json.dumps([toleration]),
    }


def _node(name: str) -> dict[str, Any]:
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {LABEL: name, "kubernetes.io/hostname": name},
        },
        "spec": {"taints": [{"key": LABEL, "value": name, "effect": "NoSchedule"}]},
        "status": {
            "capacity": _CAPACITY,
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "conditions": [ready],
        },
    }
