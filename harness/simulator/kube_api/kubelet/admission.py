"""Whether a node takes a pod that was assigned to it: the kubelet's own last check."""

from collections.abc import Sequence
from fractions import Fraction

from harness.simulator.kube_api import node_affinity, pod_resources
from harness.simulator.kube_api.objects import Object

_REASONS = {"cpu": "OutOfcpu", "memory": "OutOfmemory", "pods": "OutOfpods"}


def refusal(
    pod: Object, node: Object, neighbours: Sequence[Object]
) -> tuple[str, str] | None:
    """Return (reason, message) where the node refuses the pod."""
    if not node_affinity.matches_pod(pod["spec"], node):
        text = "node(s) didn't match Pod's node affinity/selector"
        return "NodeAffinity", f"Predicate NodeAffinity failed: {text}"
    there = pod_resources.allocatable(node)
    used = pod_resources.used(p for p in neighbours if not pod_resources.has_ended(p))
    asked = {"pods": Fraction(1), **pod_resources.requests(pod["spec"])}
    for name, amount in asked.items():
        has, taken = there.get(name), used.get(name, Fraction(0))
        if has is not None and taken + amount > has:
            scale = 1000 if name == "cpu" else 1
            numbers = [int(value * scale) for value in (amount, taken, has)]
            return _REASONS.get(name, f"OutOf{name}"), (
                f"Node didn't have enough resource: {name}, requested: {numbers[0]}, "
                f"used: {numbers[1]}, capacity: {numbers[2]}"
            )
    return None
