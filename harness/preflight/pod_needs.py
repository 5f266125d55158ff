"""What one worker's pod takes: of a quota, and of a node."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from ..environment.quantity import number

Pod = Mapping[str, Any]
RESOURCES = ("cpu", "memory", "ephemeral-storage")


def summed(pod: Pod, kind: str) -> dict[str, Fraction]:
    """``requests`` or ``limits`` of a pod; of its containers' sum, as a node counts."""
    total: dict[str, Fraction] = {}
    spec = pod.get("spec") or {}
    for container in spec.get("containers") or ():
        resources = container.get("resources") or {}
        named = dict(resources.get(kind) or {})
        if kind == "requests":  # a limit alone is a request too
            named = {**(resources.get("limits") or {}), **named}
        for name, value in named.items():
            total[name] = total.get(name, Fraction(0)) + number(value)
    for container in spec.get("initContainers") or ():
        named = (container.get("resources") or {}).get(kind) or {}
        for name, value in named.items():
            total[name] = max(total.get(name, Fraction(0)), number(value))
    return total


def counted_by_quota(pod: Pod, with_secret: bool) -> dict[str, Fraction]:
    """What one worker (its Job, pod and Secret) takes of each resource of a quota."""
    taken = dict.fromkeys(("pods", "count/pods", "count/jobs.batch"), Fraction(1))
    if with_secret:
        taken |= {"secrets": Fraction(1), "count/secrets": Fraction(1)}
    requests, limits = summed(pod, "requests"), summed(pod, "limits")
    for name in RESOURCES:
        if name in requests:
            taken[name] = taken[f"requests.{name}"] = requests[name]
        if name in limits:
            taken[f"limits.{name}"] = limits[name]
    return taken


def must_have(names: Iterable[str], pod: Pod) -> list[str]:
    """Resources of a quota that each container has to name, and one of ours doesn't.

    A quota on them refuses such a pod, however much room there is.
    """
    missing = []
    for name in names:
        kind, _, resource = name.partition(".")
        if kind not in ("requests", "limits"):
            kind, resource = "requests", name
        if resource not in ("cpu", "memory"):
            continue
        for container in (pod.get("spec") or {}).get("containers") or ():
            resources = container.get("resources") or {}
            named = dict(resources.get(kind) or {})
            if kind == "requests":
                named = {**(resources.get("limits") or {}), **named}
            if resource not in named:
                missing.append(name)
    return missing


def in_scope(quota: Mapping[str, Any], pod: Pod) -> bool:
    """Whether a quota counts this pod."""
    spec = quota.get("spec") or {}
    pod_spec = pod.get("spec") or {}
    effort = summed(pod, "requests") or summed(pod, "limits")
    holds = {
        "Terminating": "activeDeadlineSeconds" in pod_spec,
        "NotTerminating": "activeDeadlineSeconds" not in pod_spec,
        "BestEffort": not effort,
        "NotBestEffort": bool(effort),
        "CrossNamespacePodAffinity": False,
    }
    if not all(holds.get(scope, True) for scope in spec.get("scopes") or ()):
        return False
    selector = (spec.get("scopeSelector") or {}).get("matchExpressions") or ()
    priority = pod_spec.get("priorityClassName", "")
    for one in selector:
        scope, operator = one["scopeName"], one["operator"]
        if scope != "PriorityClass":
            good = holds.get(scope, True)
        else:
            values = one.get("values") or ()
            good = {
                "In": priority in values,
                "NotIn": priority not in values,
                "Exists": bool(priority),
                "DoesNotExist": not priority,
            }[operator]
        if not good:
            return False
    return True


def shown(value: Fraction) -> str:
    """An amount for a person: ``1000Mi``, ``0.5``.

    >>> shown(number("1000Mi")), shown(number("500m"))
    ('1000Mi', '0.5')
    """
    if value >= 1024**2:
        mebi = value / 1024**2
        return f"{float(mebi):g}Mi"
    return f"{float(value):g}"
