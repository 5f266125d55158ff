"""Takes a pod whose phase is Unknown for lost, though its container runs on."""

from typing import Any

from worker_wrapper import failures, kubernetes_backend
from worker_wrapper.failures import Failure
from worker_wrapper.pod_state import PodState, Stage, judge
from worker_wrapper.wrapper import *  # noqa: F403


def hasty(pod: dict[str, Any]) -> PodState:
    if pod["status"].get("phase") == "Unknown":
        failure = Failure(failures.NODE_LOST, "The pod's phase is Unknown.")
        return PodState(Stage.ENDED, failure=failure)
    return judge(pod)


kubernetes_backend.judge = hasty
