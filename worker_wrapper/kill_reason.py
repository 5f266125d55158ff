"""Why a worker was killed, which a cluster may tell later than that it was.

A container runtime reports a container's end, and that it had run out of memory, apart.
A kubelet that hears of the end first tells of exit code 137 without a reason. When the
pod's containers are stopped, about a second later, it asks the runtime once more and
tells the pod's last phase: what it says then is all there is to be known. It may be
less than the truth: on cgroup v1, containerd loses such news of what is gone already.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from . import failures
from .failures import WorkerFailed
from .kube_client import KubeError
from .pod_events import PodEvents
from .pod_state import PodState, judge

logger = logging.getLogger(__name__)

WAIT_S = 3.0
LAST_PHASES = ("Succeeded", "Failed")


def awaited(
    events: PodEvents,
    pod: dict[str, Any],
    state: PodState,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[dict[str, Any], PodState]:
    """The pod and its state when the reason is known, or can't be known any more."""
    if state.failure is None or state.failure.kind is not failures.KUBERNETES_SIGKILL:
        return pod, state
    name, until = pod["metadata"]["name"], clock() + WAIT_S
    last = pod
    while last["status"].get("phase") not in LAST_PHASES:
        left = until - clock()
        if left <= 0:
            break
        try:
            seen = events.next(left)
        except (KubeError, WorkerFailed) as error:
            logger.warning("Why %s was killed can't be asked: %s", name, error)
            break
        if seen is None or seen.pod["metadata"]["name"] != name:
            continue
        if seen.deleted:
            break
        last, later = seen.pod, judge(seen.pod)
        if later.failure and later.failure.kind is failures.OUT_OF_MEMORY:
            return last, later
    return pod, state
