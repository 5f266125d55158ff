"""Which node is the wrapper's, and which the workers have to go to."""

from typing import Any

import pytest

from harness.environment import two_nodes
from harness.errors import EnvironmentMissing


class Api:
    """Nodes and claims of a cluster."""

    def __init__(self, nodes: dict[str, str], claims: list[str] | None = None) -> None:
        self.nodes, self.claims = nodes, claims or []

    def list(self, kind: str, namespace: str = "") -> list[dict[str, Any]]:
        """All of a kind."""
        if kind == "Node":
            return [
                {
                    "metadata": {"name": name, "labels": {}},
                    "spec": {"taints": [{"effect": effect}] if effect else []},
                }
                for name, effect in self.nodes.items()
            ]
        return [
            {"metadata": {"annotations": {two_nodes.SELECTED: claim} if claim else {}}}
            for claim in self.claims
        ]


@pytest.mark.parametrize(
    ("claims", "chosen"),
    [
        ([], ("a", "b")),
        (["", "b"], ("b", "a")),
        (["gone"], ("a", "b")),
    ],
    ids=["not provisioned yet", "provisioned for b", "for a node that is gone"],
)
def test_the_wrapper_is_where_its_claims_are(
    claims: list[str], chosen: tuple[str, str]
) -> None:
    """And the worker on the other."""
    api: Any = Api({"b": "", "a": "", "c": "NoSchedule"}, claims)
    assert two_nodes.choose(api, "qfc") == chosen


def test_one_node_that_takes_pods_is_too_few() -> None:
    """A tainted one doesn't count."""
    api: Any = Api({"a": "", "b": "NoSchedule"})
    with pytest.raises(EnvironmentMissing, match="no two nodes that take pods, only a"):
        two_nodes.choose(api, "qfc")
