"""A pod's READY, STATUS and RESTARTS (`printPod`)."""

from datetime import datetime
from typing import Any

from harness.simulator.kube_api.objects import Object, condition_of, is_deleting
from harness.simulator.kube_api.serving.durations import since


def ready(pod: Object, _now: datetime) -> str:
    """Return `1/1`."""
    statuses = _statuses(pod, "containerStatuses")
    good = sum(
        1 for s in statuses if s.get("ready") and "running" in (s.get("state") or {})
    )
    return f"{good}/{len(pod['spec'].get('containers') or ())}"


def restarts(pod: Object, now: datetime) -> str:
    """Return `2 (5s ago)`."""
    statuses = _statuses(pod, "containerStatuses")
    if _initializing(pod):
        statuses = _statuses(pod, "initContainerStatuses")
    count = sum(int(s.get("restartCount") or 0) for s in statuses)
    ends = [
        s["lastState"]["terminated"]["finishedAt"]
        for s in statuses
        if (s.get("lastState") or {}).get("terminated")
    ]
    return f"{count} ({since(max(ends), now)} ago)" if count and ends else str(count)


def status(pod: Object, _now: datetime) -> str:
    """Return the one word that says most: Running, Completed, Error, Init:0/1 …"""
    state = pod.get("status") or {}
    reason = state.get("reason") or state.get("phase") or ""
    scheduled = condition_of(pod, "PodScheduled")
    if scheduled and scheduled.get("reason") == "SchedulingGated":
        reason = "SchedulingGated"
    reason = _init_reason(pod) or _main_reason(pod, reason)
    if is_deleting(pod) and state.get("reason") == "NodeLost":
        return "Unknown"
    if is_deleting(pod) and state.get("phase") not in ("Succeeded", "Failed"):
        return "Terminating"
    return str(reason)


def _statuses(pod: Object, key: str) -> list[Object]:
    return (pod.get("status") or {}).get(key) or []


def _initializing(pod: Object) -> bool:
    return bool(_init_reason(pod))


def _init_reason(pod: Object) -> str:
    statuses = _statuses(pod, "initContainerStatuses")
    total = len(pod["spec"].get("initContainers") or ())
    for index, item in enumerate(statuses):
        state: dict[str, Any] = item.get("state") or {}
        ended = state.get("terminated")
        if ended and ended.get("exitCode") == 0:
            continue
        if ended:
            return f"Init:{_terminated(ended)}"
        waiting = (state.get("waiting") or {}).get("reason")
        if waiting and waiting != "PodInitializing":
            return f"Init:{waiting}"
        return f"Init:{index}/{total}"
    return ""


def _main_reason(pod: Object, reason: str) -> str:
    running = False
    for item in reversed(_statuses(pod, "containerStatuses")):
        state: dict[str, Any] = item.get("state") or {}
        waiting, ended = state.get("waiting"), state.get("terminated")
        if waiting and waiting.get("reason"):
            reason = waiting["reason"]
        elif ended:
            reason = _terminated(ended)
        elif item.get("ready") and "running" in state:
            running = True
    if reason == "Completed" and running:
        ready_now = condition_of(pod, "Ready")
        is_ready = ready_now is not None and ready_now.get("status") == "True"
        return "Running" if is_ready else "NotReady"
    return reason


def _terminated(ended: Object) -> str:
    if ended.get("reason"):
        return str(ended["reason"])
    if ended.get("signal"):
        return f"Signal:{ended['signal']}"
    return f"ExitCode:{ended.get('exitCode')}"
