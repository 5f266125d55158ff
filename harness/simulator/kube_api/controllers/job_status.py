"""A Job's status: what ends it, its conditions, and how ended pods are counted."""

from dataclasses import dataclass
from datetime import timedelta

from harness.simulator.clock import as_datetime
from harness.simulator.kube_api.controllers import job_pods
from harness.simulator.kube_api.controllers.job_pods import Countable, Seen
from harness.simulator.kube_api.objects import (
    Object,
    condition_of,
    has_condition,
    parse_time,
)

OUR_NAME = "kubernetes.io/job-controller"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a Job ends: first an intent, and when its pods are gone the final word."""

    succeeded: bool
    reason: str
    message: str

    def intent(self, now: str) -> Object:
        """Return SuccessCriteriaMet or FailureTarget."""
        kind = "SuccessCriteriaMet" if self.succeeded else "FailureTarget"
        return condition(kind, self.reason, self.message, now)

    def final(self, now: str) -> Object:
        """Return Complete or Failed."""
        kind = "Complete" if self.succeeded else "Failed"
        return condition(kind, self.reason, self.message, now)


COMPLETED = Verdict(
    True, "CompletionsReached", "Reached expected number of succeeded pods"
)
_BACKOFF_LIMIT = Verdict(
    False, "BackoffLimitExceeded", "Job has reached the specified backoff limit"
)
_DEADLINE = Verdict(
    False, "DeadlineExceeded", "Job was active longer than specified deadline"
)


def is_finished(job: Object) -> bool:
    """Say whether the Job is Complete or Failed."""
    return has_condition(job, "Complete") or has_condition(job, "Failed")


def judge(job: Object, seen: Seen, *, now: int) -> Verdict | None:
    """Return why the Job has to end; None while it goes on."""
    for kind, succeeded in (("SuccessCriteriaMet", True), ("FailureTarget", False)):
        found = condition_of(job, kind)
        if found is not None and found["status"] == "True":
            return Verdict(succeeded, found["reason"], found["message"])
    message = job_pods.fail_message(job, seen.pods)
    if message:
        return Verdict(False, "PodFailurePolicy", message)
    if _past_backoff_limit(job, seen):
        return _BACKOFF_LIMIT
    return _DEADLINE if _past_deadline(job, now) else None


def _past_backoff_limit(job: Object, seen: Seen) -> bool:
    limit = int(job["spec"]["backoffLimit"])
    if seen.failed > limit:
        return True
    if job["spec"]["template"]["spec"].get("restartPolicy") != "OnFailure":
        return False
    count = job_pods.restarts(seen.pods)
    return count > 0 if limit == 0 else count >= limit


def _past_deadline(job: Object, now: int) -> bool:
    seconds = job["spec"].get("activeDeadlineSeconds")
    start = (job.get("status") or {}).get("startTime")
    if seconds is None or not start or job["spec"].get("suspend"):
        return False
    return as_datetime(now) >= parse_time(start) + timedelta(seconds=seconds)


def condition(kind: str, reason: str, message: str, now: str) -> Object:
    """Return a condition that is True."""
    return {
        "type": kind,
        "status": "True",
        "lastProbeTime": now,
        "lastTransitionTime": now,
        "reason": reason,
        "message": message,
    }


def with_condition(status: Object, added: Object) -> Object:
    """Return the status with a condition set; one that says the same stays."""
    conditions = list(status.get("conditions") or ())
    for index, known in enumerate(conditions):
        if known["type"] == added["type"]:
            if known["status"] != added["status"]:
                conditions[index] = added
            return {**status, "conditions": conditions}
    return {**status, "conditions": [*conditions, added]}


def with_uncounted(job: Object, seen: Seen, countable: Countable) -> Object:
    """Return the status with the newly ended pods listed, but not yet counted."""
    status = dict(job.get("status") or {})
    uncounted = status.get("uncountedTerminatedPods") or {}
    listed = {
        "succeeded": [*uncounted.get("succeeded", ()), *countable.succeeded],
        "failed": [*uncounted.get("failed", ()), *countable.failed],
    }
    status["uncountedTerminatedPods"] = {k: v for k, v in listed.items() if v}
    status["active"] = len(seen.active)
    if not status["active"]:
        del status["active"]
    status["ready"] = seen.ready
    status["terminating"] = seen.terminating
    return status


def counted(status: Object) -> Object:
    """Return the status with the listed pods counted."""
    uncounted = status.get("uncountedTerminatedPods") or {}
    status = {**status, "uncountedTerminatedPods": {}}
    for kind in ("succeeded", "failed"):
        total = int(status.get(kind, 0)) + len(uncounted.get(kind, ()))
        if total:
            status[kind] = total
    return status
