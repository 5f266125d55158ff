"""Why a pod can't go to a node: pure filters, in the real order and words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from harness.simulator.kube_api import node_affinity, pod_resources
from harness.simulator.kube_api.objects import Object, name_of

_INFINITE = Fraction(10**30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A node, what runs on it, and the bound volumes of the pod."""

    node: Object
    pods: Sequence[Object]
    volumes: Sequence[Object]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not; `helpless` where removing other pods would not help."""

    reasons: tuple[str, ...]
    helpless: bool


Filter = Callable[[Object, Candidate], Refusal | None]


def refusal(pod: Object, candidate: Candidate) -> Refusal | None:
    """Return why the pod can't go there; None where it can."""
    for check in FILTERS:
        found = check(pod, candidate)
        if found is not None:
            return found
    return None


def _unschedulable(pod: Object, candidate: Candidate) -> Refusal | None:
    taint = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    if not candidate.node["spec"].get("unschedulable") or tolerates(pod, taint):
        return None
    return Refusal(("node(s) were unschedulable",), helpless=True)


def _node_name(pod: Object, candidate: Candidate) -> Refusal | None:
    wanted = pod["spec"].get("nodeName")
    if not wanted or wanted == name_of(candidate.node):
        return None
    text = "node(s) didn't match the requested node name"
    return Refusal((text,), helpless=True)


def _taints(pod: Object, candidate: Candidate) -> Refusal | None:
    for taint in candidate.node["spec"].get("taints") or ():
        hard = taint["effect"] in ("NoSchedule", "NoExecute")
        if hard and not tolerates(pod, taint):
            shown = f"{taint['key']}: {taint.get('value', '')}"
            text = f"node(s) had untolerated taint {{{shown}}}"
            return Refusal((text,), helpless=True)
    return None


def _affinity(pod: Object, candidate: Candidate) -> Refusal | None:
    if node_affinity.matches_pod(pod["spec"], candidate.node):
        return None
    text = "node(s) didn't match Pod's node affinity/selector"
    return Refusal((text,), helpless=True)


def _resources(pod: Object, candidate: Candidate) -> Refusal | None:
    there = pod_resources.allocatable(candidate.node)
    used = pod_resources.used(candidate.pods)
    asked = pod_resources.requests(pod["spec"])
    reasons = []
    helpless = False
    if used["pods"] + 1 > there.get("pods", _INFINITE):
        reasons.append("Too many pods")
    for name in sorted(asked):
        has = there.get(name, Fraction(0))
        if asked[name] > has - used.get(name, Fraction(0)) and asked[name] > 0:
            reasons.append(f"Insufficient {name}")
            helpless = helpless or asked[name] > has
    return Refusal(tuple(reasons), helpless) if reasons else None


def _volumes(_pod: Object, candidate: Candidate) -> Refusal | None:
    for volume in candidate.volumes:
        if not node_affinity.matches_volume(volume, candidate.node):
            text = "node(s) didn't match PersistentVolume's node affinity"
            return Refusal((text,), helpless=True)
    return None


def tolerates(pod: Object, taint: Object) -> bool:
    """Say whether one of the pod's tolerations takes a taint."""
    return any(matches(item, taint) for item in pod["spec"].get("tolerations") or ())


def matches(toleration: Object, taint: Object) -> bool:
    """Say whether a toleration takes a taint."""
    if toleration.get("effect", "") not in ("", taint["effect"]):
        return False
    if toleration.get("key", "") not in ("", taint["key"]):
        return False
    if toleration.get("operator", "Equal") == "Exists":
        return True
    return bool(toleration.get("value", "") == taint.get("value", ""))


FILTERS: tuple[Filter, ...] = (
    _unschedulable,
    _node_name,
    _taints,
    _affinity,
    _resources,
    _volumes,
)


def summary(refusals: Sequence[Refusal]) -> str:
    """Return the text of FailedScheduling for all nodes together."""
    total = len(refusals)
    counts: dict[str, int] = {}
    for found in refusals:
        for reason in found.reasons:
            counts[reason] = counts.get(reason, 0) + 1
    listed = sorted(f"{count} {reason}" for reason, count in counts.items())
    helpless = sum(found.helpless for found in refusals)
    hopes = []
    if total - helpless:
        text = "No preemption victims found for incoming pod"
        hopes.append(f"{total - helpless} {text}")
    if helpless:
        hopes.append(f"{helpless} Preemption is not helpful for scheduling")
    return (
        f"0/{total} nodes are available: {', '.join(listed)}. no new claims to "
        f"deallocate, preemption: 0/{total} nodes are available: {', '.join(hopes)}."
    )
