"""How much of a ResourceQuota an object uses: pure, for admission and controller."""

from collections.abc import Iterable, Mapping

from harness.simulator.kube_api import quantity
from harness.simulator.kube_api.objects import Object
from harness.simulator.kube_api.quantity import Quantity
from harness.simulator.kube_api.registry.pods import qos_class
from harness.simulator.kube_api.resources import Resource

Usage = dict[str, Quantity]
_ONE = quantity.parse("1")
_SHORT = (
    *("configmaps", "persistentvolumeclaims", "pods", "resourcequotas", "secrets"),
    "services",
)
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
CONSTRAINED = (
    *("cpu", "memory", "requests.cpu", "requests.memory"),
    *("limits.cpu", "limits.memory"),
)
"""What a quota of forces every container to specify."""


def of_object(resource: Resource, obj: Object) -> Usage:
    """Return what one object uses."""
    usage: Usage = {f"count/{resource.key}": _ONE}
    if resource.plural == "pods":
        if is_ended(obj):
            return usage
        return {**usage, "pods": _ONE, **_pod_compute(obj["spec"])}
    if resource.group == "" and resource.plural in _SHORT:
        usage[resource.plural] = _ONE
    if resource.plural == "persistentvolumeclaims":
        usage.update(_storage(obj["spec"]))
    return usage


def is_ended(pod: Object) -> bool:
    """Say whether a pod no longer uses compute resources."""
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def matches(quota: Object, resource: Resource, obj: Object) -> bool:
    """Say whether the quota's scopes take the object."""
    scopes = (quota.get("spec") or {}).get("scopes") or ()
    if not scopes:
        return True
    if resource.plural != "pods":
        return False
    best_effort = qos_class(obj) == "BestEffort"
    terminating = obj["spec"].get("activeDeadlineSeconds") is not None
    holds = {
        "BestEffort": best_effort,
        "NotBestEffort": not best_effort,
        "Terminating": terminating,
        "NotTerminating": not terminating,
    }
    return all(holds[scope] for scope in scopes)


def missing_constraints(hard: Iterable[str], pod: Object) -> str:
    """Return `must specify limits.cpu for: c` where a container leaves it open."""
    missing: dict[str, list[str]] = {}
    required = [name for name in hard if name in CONSTRAINED]
    spec = pod["spec"]
    for container in [*spec["containers"], *(spec.get("initContainers") or ())]:
        given = _of_resources(container.get("resources") or {})
        for name in required:
            if name not in given:
                missing.setdefault(name, []).append(container["name"])
    if not missing:
        return ""
    parts = [
        f"{name} for: {','.join(sorted(missing[name]))}" for name in sorted(missing)
    ]
    return f"must specify {'; '.join(parts)}"


def add(one: Mapping[str, Quantity], other: Mapping[str, Quantity]) -> Usage:
    """Return the sum."""
    total = dict(one)
    for name, amount in other.items():
        total[name] = total[name] + amount if name in total else amount
    return total


def listed(usage: Mapping[str, Quantity]) -> str:
    """Return `cpu=1,memory=1Gi`, as the 403 of an exceeded quota shows it."""
    return ",".join(f"{name}={usage[name]}" for name in sorted(usage))


def _pod_compute(spec: Object) -> Usage:
    total: Usage = {}
    for container in spec["containers"]:
        total = add(total, _of_resources(container.get("resources") or {}))
    for container in spec.get("initContainers") or ():
        for name, amount in _of_resources(container.get("resources") or {}).items():
            if name not in total or total[name].amount < amount.amount:
                total[name] = amount
    return total


def _of_resources(resources: Object) -> Usage:
    usage: Usage = {}
    for name, text in (resources.get("requests") or {}).items():
        amount = quantity.parse(text)
        usage[f"requests.{name}"] = amount
        if name in _COMPUTE:
            usage[name] = amount
    for name, text in (resources.get("limits") or {}).items():
        if name in _COMPUTE:
            usage[f"limits.{name}"] = quantity.parse(text)
    return usage


def _storage(spec: Object) -> Usage:
    asked = (spec["resources"].get("requests") or {}).get("storage", "0")
    usage = {"requests.storage": quantity.parse(asked)}
    name = spec.get("storageClassName")
    if name:
        prefix = f"{name}.storageclass.storage.k8s.io"
        usage[f"{prefix}/requests.storage"] = quantity.parse(asked)
        usage[f"{prefix}/persistentvolumeclaims"] = _ONE
    return usage
