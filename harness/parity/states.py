"""The states that a worker went through, in its backend's words and in common ones."""

from ..environment.seen import State, WorkerSeen

_COMMON = {
    "create": "made",
    "Job added": "made",
    "start": "running",
    "container running": "running",
    "die": "ended",
    "container terminated": "ended",
    "destroy": "removed",
    "Job deleted": "removed",
}
"""What both backends have, whatever they call it."""
LONG_S = 5.0
"""A worker whose script runs so long is seen running; a shorter one may have ended
before anybody looked, and how long QGIS takes isn't the scenario's."""
_BY_CHANCE = ("container waiting", "Pod terminating")
"""Whether they are seen depends on who was faster; a waiting reason that stays is told
by the feedback's error, and by the events."""
_WHILE_RUNNING = ("container running", "Pod Running")
_LAST_SYNC = (
    "Job SuccessCriteriaMet",
    "Job Complete",
    "Job FailureTarget BackoffLimitExceeded",
    "Job Failed BackoffLimitExceeded",
)
"""Of a Job that is deleted as soon as its pod has ended: the controller, which looks
once in a second, may be too late, and so its events. ``tests/conformance`` has them."""
_EVENTS_OF_LAST_SYNC = ("Completed", "BackoffLimitExceeded")
_TRIED_AGAIN = {"FailedScheduling": "Scheduled", "FailedMount": "Started"}
"""Events of what succeeded later: a volume that wasn't bound yet, for example."""


def common(worker: WorkerSeen) -> list[str]:
    """How far it came: Job and pod are two objects, so their order is not compared."""
    found = {_COMMON[one.what] for one in worker.states if one.what in _COMMON}
    if "ended" in found:
        found.add("running")  # it may have been too fast to be seen
    return [one for one in ("made", "running", "ended", "removed") if one in found]


def own(worker: WorkerSeen, *, long: bool) -> dict[str, str]:
    """Each object's own path: between two objects no order is promised.

    :param long: whether it has to be seen running
    """
    paths: dict[str, list[str]] = {}
    for state in worker.states:
        if state.what.startswith("Event ") or state.what in _BY_CHANCE:
            continue
        if state.what in _WHILE_RUNNING and _has_ended(worker) and not long:
            continue
        words = f"{state.what} {state.detail}".strip()
        paths.setdefault(_owner(worker, state), []).append(words)
    if "Job deleted" in paths.get("Job", ()):
        paths["Job"] = [one for one in paths["Job"] if not one.startswith(_LAST_SYNC)]
        pod = paths.get("pod", [])
        paths["pod"] = [one for one in pod if one != "Pod deleted"]
    found = {owner: " → ".join(path) for owner, path in paths.items()}
    events = _events(worker)
    return found | ({"events": events} if events else {})


def removed(worker: WorkerSeen) -> bool:
    """Whether it was deleted; a pod goes after its Job, in the background."""
    return worker.removed or "removed" in common(worker)


def _events(worker: WorkerSeen) -> str:
    """Their reasons, sorted: events have no order."""
    prefix = "Event "
    told = {one.what for one in worker.states if one.what.startswith(prefix)}
    reasons = {one.removeprefix(prefix) for one in told}
    reasons -= {one for one, later in _TRIED_AGAIN.items() if later in reasons}
    if any(one.what == "Job deleted" for one in worker.states):
        reasons -= set(_EVENTS_OF_LAST_SYNC)
    return ", ".join(sorted(reasons))


def _owner(worker: WorkerSeen, state: State) -> str:
    if worker.backend == "docker":
        return "container"
    return "Job" if state.what.startswith("Job ") else "pod"


def _has_ended(worker: WorkerSeen) -> bool:
    return any(_COMMON.get(one.what) == "ended" for one in worker.states)
