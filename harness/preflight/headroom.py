"""How many workers have room: in a quota, on the nodes. In jobs, not in bytes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..environment.quantity import number
from . import pod_needs
from .pod_needs import Pod, shown


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """So many workers, and what limits them."""

    workers: int
    by: str


def in_quota(quota: Mapping[str, Any], pod: Pod, *, with_secret: bool) -> Room | None:
    """The room of one quota; None where it doesn't limit workers.

    A quota whose scopes leave the pod out still counts no Jobs and Secrets: scopes are
    for pods alone.
    """
    if not pod_needs.in_scope(quota, pod):
        return None
    name = quota["metadata"]["name"]
    hard = (quota.get("status") or {}).get("hard") or quota["spec"].get("hard") or {}
    used = (quota.get("status") or {}).get("used") or {}
    missing = pod_needs.must_have(hard, pod)
    if missing:
        return Room(
            workers=0,
            by=f"{name} has {', '.join(missing)}, which the worker's pod doesn't name",
        )
    takes = pod_needs.counted_by_quota(pod, with_secret)
    rooms = []
    for resource, limit in hard.items():
        need = takes.get(resource)
        if not need:
            continue
        free = number(limit) - number(used.get(resource, "0"))
        by = (
            f"{name}: {resource}: {shown(max(free, Fraction(0)))} of {limit} free, "
            f"a worker takes {shown(need)}"
        )
        rooms.append(Room(workers=max(0, int(free // need)), by=by))
    return min(rooms, key=lambda room: room.workers) if rooms else None


def least(rooms: Iterable[Room | None]) -> Room | None:
    """The tightest; None where nothing limits."""
    found = [room for room in rooms if room is not None]
    return min(found, key=lambda room: room.workers) if found else None


def sentence(room: Room, replicas: int, waits_s: int) -> str:
    """What follows for the replicas that are planned."""
    words = f"room for {room.workers} workers at once ({room.by})"
    if room.workers >= replicas:
        return f"{words}; {replicas} planned"
    number_ = room.workers + 1
    nth = {1: "1st", 2: "2nd", 3: "3rd"}.get(number_, f"{number_}th")
    return (
        f"{words}; you plan {replicas} replicas: the {nth} waits, and its job ends as "
        f"a time-out after {waits_s} s"
    )


def tolerated(taint: Mapping[str, Any], tolerations: Iterable[Any]) -> bool:
    """Whether a pod with these tolerations may be on a node with this taint."""
    for one in tolerations:
        if one.get("effect") not in (None, "", taint["effect"]):
            continue
        if one.get("operator") == "Exists":
            if one.get("key") in (None, "", taint["key"]):
                return True
        elif one.get("key") == taint["key"] and one.get("value", "") == taint.get(
            "value", ""
        ):
            return True
    return False


def refuses(node: Mapping[str, Any], pod: Pod) -> str:
    """Why a node takes no such pod, apart from room; "" if it does."""
    spec, status = node.get("spec") or {}, node.get("status") or {}
    if spec.get("unschedulable"):
        return "is cordoned"
    conditions = {one["type"]: one["status"] for one in status.get("conditions") or ()}
    if conditions.get("Ready") != "True":
        return "is not Ready"
    pod_spec = pod.get("spec") or {}
    labels = node["metadata"].get("labels") or {}
    for key, value in (pod_spec.get("nodeSelector") or {}).items():
        if labels.get(key) != value:
            return f"has no label {key}={value}"
    for taint in spec.get("taints") or ():
        if taint["effect"] == "PreferNoSchedule":
            continue
        if not tolerated(taint, pod_spec.get("tolerations") or ()):
            value = f"={taint['value']}" if taint.get("value") else ""
            return f"has the taint {taint['key']}{value}:{taint['effect']}"
    return ""


def on_node(
    node: Mapping[str, Any], pod: Pod, others: Iterable[Mapping[str, Any]] | None
) -> Room:
    """How many such pods have room on a node.

    :param others: the pods of all namespaces; None where they can't be seen
    """
    name = str(node["metadata"]["name"])
    allocatable = (node.get("status") or {}).get("allocatable") or {}
    needs = {**pod_needs.summed(pod, "requests"), "pods": Fraction(1)}
    used: dict[str, Fraction] = {}
    for other in others or ():
        here = (other.get("spec") or {}).get("nodeName") == name
        over = (other.get("status") or {}).get("phase") in ("Succeeded", "Failed")
        if here and not over:
            taken = {**pod_needs.summed(other, "requests"), "pods": Fraction(1)}
            for key, value in taken.items():
                used[key] = used.get(key, Fraction(0)) + value
    rooms = [
        Room(
            workers=max(0, int((number(allocatable[key]) - used.get(key, 0)) // need)),
            by=f"{name}: {key}",
        )
        for key, need in needs.items()
        if need and key in allocatable
    ]
    tightest = least(rooms)
    return tightest or Room(workers=0, by=f"{name} tells nothing of its room")
