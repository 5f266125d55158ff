"""A node that nothing is heard of: Unknown, tainted, and its pods evicted in time.

The texts and times are those of kube-controller-manager 1.34: 50 s without a heartbeat,
then the toleration of the pod.
"""

import pytest

from .. import simulator
from .space import pod

pytestmark = pytest.mark.simulator_only(
    "the recorded cluster has one node, which has to answer"
)
NODE = "lost-node"
TAINT = {"key": "lost", "value": "yes", "effect": "NoSchedule"}
STAYS_S = 1


@pytest.fixture
def lose(ready, space):
    """A node of its own, and what cuts it off or connects it."""
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": NODE, "labels": {"lost": "yes"}},
        "spec": {"taints": [TAINT]},
        "status": {
            "capacity": {"cpu": "2", "memory": "4Gi", "pods": "10"},
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }
    assert space.server("POST", "/api/v1/nodes", node).status == 201
    control = simulator.control(ready)

    def change(lost: bool) -> None:
        path = f"/_simulator/nodes/{NODE}/lost"
        assert control("PUT", path, {"lost": lost}).status == 200

    yield change
    change(False)
    space.server("DELETE", f"/api/v1/nodes/{NODE}")


def _node(space):
    return space.server("GET", f"/api/v1/nodes/{NODE}").body


def _started(space):
    lost = {"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": STAYS_S}
    tolerations = [
        {**TAINT, "operator": "Equal"},
        {"key": "node.kubernetes.io/unreachable", **lost},
    ]
    body = pod(
        "p",
        *("sh", "-c", "echo begun; sleep 60"),
        nodeSelector={"lost": "yes"},
        tolerations=tolerations,
        terminationGracePeriodSeconds=1,
    )
    space.create("pods", body)
    space.wait_phase("p", "Running")


def test_its_pods_are_evicted(space, lose):
    """The pod stays Terminating, for its kubelet can't say that it is gone."""
    _started(space)
    lose(True)
    found = space.wait("pods", "p", lambda one: "deletionTimestamp" in one["metadata"])
    conditions = {one["type"]: one for one in found["status"]["conditions"]}
    target = conditions["DisruptionTarget"]
    assert target["reason"] == "DeletionByTaintManager"
    assert conditions["Ready"]["status"] == "False"
    assert found["status"]["containerStatuses"][0]["state"].keys() == {"running"}
    node = _node(space)
    states = {one["type"]: one["status"] for one in node["status"]["conditions"]}
    assert states["Ready"] == "Unknown"
    taints = {(one["key"], one["effect"]) for one in node["spec"]["taints"]}
    unreachable = "node.kubernetes.io/unreachable"
    assert {(unreachable, "NoSchedule"), (unreachable, "NoExecute")} <= taints


def test_its_logs_can_not_be_read(space, lose):
    """The API server passes on that it doesn't reach the kubelet."""
    _started(space)
    lose(True)
    answer = space("GET", "pods", "p/log")
    assert answer.status == 500
    assert "no route to host" in answer.body["message"]


def test_it_comes_back(space, lose):
    """In time: the pod runs on. Too late: its kubelet removes it."""
    _started(space)
    lose(True)
    lose(False)
    assert "deletionTimestamp" not in space("GET", "pods", "p").body["metadata"]
    lose(True)
    space.wait("pods", "p", lambda one: "deletionTimestamp" in one["metadata"])
    lose(False)
    space.wait("pods", "p", lambda one: one is None)
    assert TAINT in _node(space)["spec"]["taints"]
