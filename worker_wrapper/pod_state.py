"""What a pod's status says about the worker: a pure function of the object.

The named container's own state decides, before the pod's phase: the kubelet shows it
more than a second earlier, and an injected sidecar may keep the phase at Running.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

from . import failures
from .failures import Failure, FailureKind
from .run_spec import CONTAINER_NAME

SIGKILLED = 137


class Stage(Enum):
    """How far the worker has come."""

    PENDING = "waiting for a node"
    SCHEDULED = "waiting for its container"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True)
class PodState:
    """The worker's stage, and what is known of its end."""

    stage: Stage
    exit_code: int | None = None
    failure: Failure | None = None
    waiting: str = ""
    """Why it doesn't run yet, in the API's words."""


def judge(pod: dict[str, Any]) -> PodState:
    """The state of the worker in this pod."""
    status = pod.get("status") or {}
    container = _container_state(status)
    if "terminated" in container:
        return _terminated(pod, status, container["terminated"])
    if status.get("phase") == "Failed":
        return PodState(Stage.ENDED, failure=_failed_without_container(pod, status))
    if pod["metadata"].get("deletionTimestamp"):
        disruption = _disruption(status)
        if disruption is not None and disruption.kind is failures.NODE_LOST:
            # its kubelet can't report the container's end
            return PodState(Stage.ENDED, failure=disruption)
    if "running" in container:
        return PodState(Stage.RUNNING)
    waiting = container.get("waiting") or {}
    failure = _waiting_failure(waiting)
    if failure is not None:
        return PodState(Stage.ENDED, failure=failure)
    if not (pod.get("spec") or {}).get("nodeName"):
        return PodState(Stage.PENDING, waiting=_unscheduled(status))
    return PodState(Stage.SCHEDULED, waiting=_words(waiting))


def _container_state(status: dict[str, Any]) -> dict[str, Any]:
    for container in status.get("containerStatuses") or []:
        if container.get("name") == CONTAINER_NAME:
            return container.get("state") or {}
    return {}


def _condition(status: dict[str, Any], name: str) -> dict[str, Any] | None:
    for condition in status.get("conditions") or []:
        if condition.get("type") == name:
            found: dict[str, Any] = condition
            return found
    return None


def _words(state: dict[str, Any]) -> str:
    return ": ".join(filter(None, (state.get("reason"), state.get("message"))))


def _unscheduled(status: dict[str, Any]) -> str:
    condition = _condition(status, "PodScheduled")
    return _words(condition) if condition and condition["status"] == "False" else ""


def _disruption(status: dict[str, Any]) -> Failure | None:
    condition = _condition(status, "DisruptionTarget")
    if condition is None or condition.get("status") != "True":
        return None
    lost = condition.get("reason") in ("DeletionByTaintManager", "DeletionByPodGC")
    kind = failures.NODE_LOST if lost else failures.DISRUPTED
    return Failure(kind, f"The cluster took the pod away: {_words(condition)}")


def _terminated(
    pod: dict[str, Any], status: dict[str, Any], terminated: dict[str, Any]
) -> PodState:
    code = terminated.get("exitCode")
    reason = terminated.get("reason", "")
    failure: Failure | None = None
    if reason == "OOMKilled":
        failure = Failure(
            failures.OUT_OF_MEMORY,
            "The worker used more memory than it may and was killed.",
        )
    elif status.get("reason") == "DeadlineExceeded":
        failure = Failure(failures.TIMEOUT, "Worker timeout error.")
    elif reason in ("StartError", "ContainerCannotRun"):
        failure = Failure(failures.CONTAINER_START, _words(terminated))
        code = None
    elif code == 0:
        failure = None
    elif (disruption := _disruption(status)) is not None:
        failure = disruption
    elif pod["metadata"].get("deletionTimestamp") and code in (SIGKILLED, 143):
        failure = Failure(
            failures.POD_DELETED, "The pod was deleted while the worker ran."
        )
    elif code == SIGKILLED:
        failure = Failure(
            failures.KUBERNETES_SIGKILL, "The worker's container was killed."
        )
    elif code is None:
        failure = Failure(failures.CONTAINER_START, _words(terminated))
    return PodState(Stage.ENDED, exit_code=code, failure=failure)


def _failed_without_container(pod: dict[str, Any], status: dict[str, Any]) -> Failure:
    """The kubelet or the scheduler failed the pod before its container ran."""
    disruption = _disruption(status)
    if disruption is not None:
        return disruption
    reason = status.get("reason", "")
    if reason == "DeadlineExceeded":
        return Failure(failures.START_TIMEOUT, _words(status))
    kind = failures.DISRUPTED if reason == "Evicted" else failures.ADMISSION_DENIED
    if reason.startswith("OutOf"):
        kind = failures.DISRUPTED
    if reason == "NodeLost":
        kind = failures.NODE_LOST
    words = _words(status)
    if not words and pod["metadata"].get("deletionTimestamp"):
        # what is deleted before a kubelet has it is made Failed, without a reason
        return Failure(failures.POD_DELETED, "The pod was deleted before it ran.")
    return Failure(kind, words or "The pod failed, and its status says no more.")


_PULL_WORDS: tuple[tuple[str, FailureKind], ...] = (
    # registries that hide what is private say "denied" and "does not exist" in one
    (r"unauthorized|denied|forbidden|authoriz|authentic", failures.IMAGE_PULL_DENIED),
    (r"not found|manifest unknown|does not exist", failures.IMAGE_NOT_FOUND),
)


def _waiting_failure(waiting: dict[str, Any]) -> Failure | None:
    """A failure, where waiting longer can't help."""
    reason, message = waiting.get("reason", ""), waiting.get("message", "")
    if reason in ("InvalidImageName", "ErrImageNeverPull"):
        return Failure(failures.IMAGE_NOT_FOUND, _words(waiting))
    if reason in ("ErrImagePull", "ImagePullBackOff"):
        for pattern, kind in _PULL_WORDS:
            if re.search(pattern, message, re.IGNORECASE):
                return Failure(kind, _words(waiting))
        return None  # may pass; the start time-out ends it
    if reason in ("CreateContainerError", "RunContainerError"):
        return Failure(failures.CONTAINER_START, _words(waiting))
    return None  # CreateContainerConfigError too: the Secret comes right after the Job
