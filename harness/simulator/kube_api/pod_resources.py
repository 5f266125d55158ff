"""What a pod asks of a node: pure sums, for scheduler and kubelet."""

from collections.abc import Iterable
from fractions import Fraction

from harness.simulator.kube_api import quantity
from harness.simulator.kube_api.objects import Object

Amounts = dict[str, Fraction]


def requests(spec: Object) -> Amounts:
    """Return the sum of the containers' requests, or a larger init container's."""
    total: Amounts = {}
    for container in spec["containers"]:
        for name, amount in _of(container).items():
            total[name] = total.get(name, Fraction(0)) + amount
    for container in spec.get("initContainers") or ():
        for name, amount in _of(container).items():
            total[name] = max(total.get(name, Fraction(0)), amount)
    return total


def allocatable(node: Object) -> Amounts:
    """Return what a node has for pods."""
    status = node.get("status") or {}
    given = status.get("allocatable") or status.get("capacity") or {}
    return {name: quantity.parse(text).amount for name, text in given.items()}


def used(pods: Iterable[Object]) -> Amounts:
    """Return what pods ask together, and their number as `pods`."""
    total: Amounts = {"pods": Fraction(0)}
    for pod in pods:
        total["pods"] += 1
        for name, amount in requests(pod["spec"]).items():
            total[name] = total.get(name, Fraction(0)) + amount
    return total


def has_ended(pod: Object) -> bool:
    """Say whether a pod needs nothing of its node any more."""
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def _of(container: Object) -> Amounts:
    given = (container.get("resources") or {}).get("requests") or {}
    return {name: quantity.parse(text).amount for name, text in given.items()}
