"""What a Job's pods say: how many run, ended well, failed; and which policy says so."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.simulator.clock import Clock, as_datetime
from harness.simulator.kube_api.objects import (
    Object,
    condition_of,
    finalizers_of,
    has_condition,
    is_deleting,
    meta,
    parse_time,
    uid_of,
)
from harness.simulator.kube_api.pauses import scaled

TRACKING = "batch.kubernetes.io/job-tracking"
_BACKOFF_S, _MOST_BACKOFF_S = 10.0, 600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A Job's pods at one moment."""

    pods: tuple[Object, ...]
    active: tuple[Object, ...]
    ready: int
    terminating: int
    succeeded: int
    """Counted, uncounted and new."""
    failed: int
    new_failures: int
    new_successes: int
    last_failure: str = ""
    """When the last of the new failures ended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Countable:
    """Pods that are to lose their finalizer, and those that count on the way."""

    pods: list[Object] = field(default_factory=list)
    succeeded: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def look(job: Object, pods: Sequence[Object]) -> Seen:
    """Sum up the pods of a Job."""
    status = job.get("status") or {}
    uncounted = status.get("uncountedTerminatedPods") or {}
    known = {*uncounted.get("succeeded", ()), *uncounted.get("failed", ())}
    active = tuple(p for p in pods if not _has_ended(p) and not is_deleting(p))
    fresh = [p for p in pods if is_tracked(p) and uid_of(p) not in known]
    new_successes = [p for p in fresh if _phase(p) == "Succeeded"]
    new_failures = [p for p in fresh if is_failed(job, p) and counts_as_failure(job, p)]
    return Seen(
        pods=tuple(pods),
        active=active,
        ready=sum(is_ready(pod) for pod in active),
        terminating=sum(is_deleting(p) and not _has_ended(p) for p in pods),
        succeeded=status.get("succeeded", 0)
        + len(new_successes)
        + len(uncounted.get("succeeded", ())),
        failed=status.get("failed", 0)
        + len(new_failures)
        + len(uncounted.get("failed", ())),
        new_failures=len(new_failures),
        new_successes=len(new_successes),
        last_failure=max((_end_of(pod) for pod in new_failures), default=""),
    )


def difference(job: Object, seen: Seen) -> tuple[list[Object], int]:
    """Return the pods that are too many, and how many are missing."""
    spec = job["spec"]
    active = len(seen.active)
    if spec.get("suspend"):
        return list(seen.active), 0
    parallelism, completions = spec.get("parallelism", 1), spec.get("completions")
    if completions is None:
        wanted = active if seen.succeeded else parallelism
    else:
        wanted = max(min(completions - seen.succeeded, parallelism), 0)
    if active > wanted:
        youngest = sorted(seen.active, key=lambda p: str(meta(p)["creationTimestamp"]))
        return youngest[wanted - active :], 0
    held = seen.terminating if spec.get("podReplacementPolicy") == "Failed" else 0
    return [], max(wanted - held - active, 0)


def countable(job: Object, seen: Seen, *, finishing: object | None) -> Countable:
    """Return which pods can lose their finalizer now, and as what they count."""
    uncounted = (job.get("status") or {}).get("uncountedTerminatedPods") or {}
    known = {*uncounted.get("succeeded", ()), *uncounted.get("failed", ())}
    found = Countable()
    failing = finishing is not None and not getattr(finishing, "succeeded", False)
    for pod in seen.pods:
        failed = is_failed(job, pod)
        ends = is_deleting(job) or finishing is not None or _phase(pod) == "Succeeded"
        if not is_tracked(pod) or not (ends or failed):
            continue
        found.pods.append(pod)
        if uid_of(pod) in known:
            continue
        if _phase(pod) == "Succeeded":
            found.succeeded.append(uid_of(pod))
        elif (failed or failing) and counts_as_failure(job, pod):
            found.failed.append(uid_of(pod))
    return found


def is_tracked(pod: Object) -> bool:
    """Say whether the pod still waits to be counted."""
    return TRACKING in finalizers_of(pod)


def is_ready(pod: Object) -> bool:
    """Say whether the pod is Ready."""
    return has_condition(pod, "Ready")


def is_failed(job: Object, pod: Object) -> bool:
    """Say whether the pod counts as failed; a deleted one may, too."""
    if _phase(pod) == "Failed":
        return True
    if job["spec"].get("podReplacementPolicy") == "Failed":
        return False
    return is_deleting(pod) and _phase(pod) != "Succeeded"


def counts_as_failure(job: Object, pod: Object) -> bool:
    """Say whether the failure policy lets the failure count."""
    return _action(job, pod)[0] != "Ignore"


def fail_message(job: Object, pods: Sequence[Object]) -> str:
    """Return why the failure policy ends the Job; "" where it doesn't."""
    for pod in pods:
        if is_failed(job, pod):
            action, message = _action(job, pod)
            if action == "FailJob":
                return message
    return ""


def _action(job: Object, pod: Object) -> tuple[str, str]:
    rules = (job["spec"].get("podFailurePolicy") or {}).get("rules") or ()
    name = f"{meta(pod).get('namespace')}/{meta(pod).get('name')}"
    for index, rule in enumerate(rules):
        text = ""
        if rule.get("onExitCodes"):
            matched = _matching_exit(rule["onExitCodes"], pod)
            if matched is not None:
                text = (
                    f"Container {matched[0]} for pod {name} failed with exit code "
                    f"{matched[1]} matching {rule['action']} rule at index {index}"
                )
        for pattern in rule.get("onPodConditions") or ():
            found = condition_of(pod, pattern["type"])
            if found is not None and found["status"] == pattern.get("status", "True"):
                text = (
                    f"Pod {name} has condition {pattern['type']} matching "
                    f"{rule['action']} rule at index {index}"
                )
        if text:
            return rule["action"], text
    return "Count", ""


def _matching_exit(codes: Object, pod: Object) -> tuple[str, int] | None:
    status = pod.get("status") or {}
    for kind in ("containerStatuses", "initContainerStatuses"):
        for item in status.get(kind) or ():
            wanted = codes.get("containerName")
            ended = (item.get("state") or {}).get("terminated")
            if not ended or not ended.get("exitCode"):
                continue
            if wanted and wanted != item["name"]:
                continue
            code = int(ended["exitCode"])
            if (code in codes.get("values", ())) is (codes.get("operator") == "In"):
                return str(item["name"]), code
    return None


def restarts(pods: Sequence[Object]) -> int:
    """Return how often the kubelet restarted containers of running pods."""
    return sum(
        int(item.get("restartCount") or 0)
        for pod in pods
        if _phase(pod) in ("Running", "Pending")
        for kind in ("containerStatuses", "initContainerStatuses")
        for item in (pod.get("status") or {}).get(kind) or ()
    )


def _phase(pod: Object) -> str:
    return str((pod.get("status") or {}).get("phase") or "")


def _end_of(pod: Object) -> str:
    """Return when the pod's last container ended; "" where that isn't known."""
    ends = [
        (item.get("state") or {}).get("terminated", {}).get("finishedAt") or ""
        for item in (pod.get("status") or {}).get("containerStatuses") or ()
    ]
    return max(ends, default="")


def _has_ended(pod: Object) -> bool:
    return _phase(pod) in ("Succeeded", "Failed")


class Backoff:
    """Each failure in a row doubles the wait before the next pod: 10 s to 10 min."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: dict[tuple[str, str], tuple[int, float]] = {}

    def note(self, key: tuple[str, str], seen: Seen) -> None:
        """Count the new failures; a success starts over."""
        if seen.new_successes:
            self._failures.pop(key, None)
        if seen.new_failures:
            count = self._failures.get(key, (0, 0.0))[0] + seen.new_failures
            self._failures[key] = (count, self._clock.monotonic() - self._ago(seen))

    def _ago(self, seen: Seen) -> float:
        """Return how long ago the last of the new failures was."""
        if not seen.last_failure:
            return 0
        now = as_datetime(self._clock.now_ns())
        return max((now - parse_time(seen.last_failure)).total_seconds(), 0)

    def remaining(self, key: tuple[str, str]) -> float:
        """Return the seconds to wait before the next pod."""
        count, last = self._failures.get(key, (0, 0.0))
        if not count:
            return 0
        wait: float = min(_BACKOFF_S * 2 ** min(count - 1, 6), _MOST_BACKOFF_S)
        return max(last + scaled(self._clock, wait) - self._clock.monotonic(), 0)

    def forget(self, key: tuple[str, str]) -> None:
        """Forget a Job that is gone."""
        self._failures.pop(key, None)
