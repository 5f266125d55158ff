"""Room for workers: quotas, LimitRanges."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...environment.quantity import number
from .. import headroom
from ..facts import Facts
from ..headroom import Room
from ..making import judged
from ..model import Result
from .registering import judges


def waits_s(facts: Facts) -> int:
    """How long the wrapper waits for a pod to be there and scheduled."""
    return int(facts.settings().get("schedule_timeout_s") or 300)


def quota_room(facts: Facts) -> Room | None:
    """The tightest quota's.

    :raises NotSeen: quotas or the pod can't be seen
    """
    pod = facts.pod()
    with_secret = facts.given.rendered.secret is not None
    quotas = facts.items("resourcequotas")
    return headroom.least(
        headroom.in_quota(one, pod, with_secret=with_secret) for one in quotas
    )


def _repeat(facts: Facts) -> str:
    return f"kubectl describe resourcequota,limitrange -n {facts.given.namespace}"


@judges("QFV-310")
def one_worker(facts: Facts) -> Iterator[Result]:
    """The quota lets one in."""
    room = quota_room(facts)
    yield judged(
        room is None or room.workers > 0,
        "QFV-310",
        headroom.sentence(room, 1, waits_s(facts)) if room else "no quota limits it",
        evidence=["resourcequotas"],
        repeat=_repeat(facts),
    )


@judges("QFV-311")
def each_replica(facts: Facts) -> Iterator[Result]:
    """The quota lets one of each replica in."""
    room, replicas = quota_room(facts), facts.given.replicas
    yield judged(
        room is None or room.workers >= replicas,
        "QFV-311",
        headroom.sentence(room, replicas, waits_s(facts))
        if room
        else "no quota limits them",
        expected=f"{replicas} workers at once",
        evidence=["resourcequotas"],
        caused_by="QFV-310",
        repeat=_repeat(facts),
    )


@judges("QFV-312")
def limit_ranges(facts: Facts) -> Iterator[Result]:
    """Bounds of containers and pods against the worker's."""
    facts.settings()
    pod = facts.pod()
    wrong = [
        f"{one['metadata']['name']}: {words}"
        for one in facts.items("limitranges")
        for item in one["spec"].get("limits") or ()
        if item.get("type") in ("Container", "Pod")
        for words in _broken(item, pod)
    ]
    yield judged(
        not wrong,
        "QFV-312",
        "; ".join(wrong) if wrong else "none is in the way",
        evidence=["limitranges"],
        repeat=_repeat(facts),
    )


def _broken(item: Mapping[str, Any], pod: Mapping[str, Any]) -> Iterator[str]:
    for container in pod["spec"]["containers"]:
        resources = container.get("resources") or {}
        limits = resources.get("limits") or {}
        requests = {**limits, **(resources.get("requests") or {})}
        for name, most in (item.get("max") or {}).items():
            given = limits.get(name)
            if given is not None and number(given) > number(most):
                yield f"at most {most} {name}, the worker's limit is {given}"
        for name, least in (item.get("min") or {}).items():
            given = requests.get(name)
            if given is not None and number(given) < number(least):
                yield f"at least {least} {name}, the worker asks for {given}"
