"""How long the wrapper waits for a worker to run: a clock for each thing waited for."""

import time
from collections.abc import Callable

from . import failures, kube_refusals
from .failures import Failure, WorkerFailed
from .pod_state import PodState, Stage
from .settings import KubernetesSettings

SECRET_GRACE_S = 20.0
"""A pod may be refused its Secret for this long: it is made right after the Job."""
FIRST_LOOK_S = 3.0
LONGEST_PAUSE_S = 15.0


class Patience:
    """Ends the waiting, with the reason that was seen last."""

    def __init__(
        self,
        settings: KubernetesSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._began = clock()
        self._scheduled: float | None = None
        self._config_error: float | None = None
        self._look_at = self._began + FIRST_LOOK_S
        self._pause = FIRST_LOOK_S
        self._why = ""

    def check_no_pod(self, why: Callable[[], str]) -> None:
        """There is no pod yet: now and then ask why.

        :raises WorkerFailed: it can't come any more, or took too long
        """
        now = self._clock()
        if now >= self._look_at:
            self._pause = min(2 * self._pause, LONGEST_PAUSE_S)
            self._look_at = now + self._pause
            self._why = why() or self._why
            failure = kube_refusals.explain_no_pod(self._why)
            if failure is not None and failure.kind is not failures.QUOTA_EXCEEDED:
                raise WorkerFailed(failure.kind, failure.seen)
        if self._over():
            failure = kube_refusals.explain_no_pod(self._why)
            kind = failure.kind if failure else failures.SCHEDULE_TIMEOUT
            why_not = self._why or "the Job has no pod, and its events say no reason"
            raise WorkerFailed(kind, f"{self._after()}: {why_not}")

    def check_waiting(self, state: PodState) -> None:
        """There is a pod, but its worker doesn't run yet.

        :raises WorkerFailed: one of the clocks has run out
        """
        now = self._clock()
        if state.stage is Stage.PENDING:
            if self._over():
                why = state.waiting or "the scheduler has given no reason"
                raise WorkerFailed(failures.SCHEDULE_TIMEOUT, f"{self._after()}: {why}")
            return
        if self._scheduled is None:
            self._scheduled = now
        if not state.waiting.startswith("CreateContainerConfigError"):
            self._config_error = None
        elif self._config_error is None:
            self._config_error = now
        elif now - self._config_error > SECRET_GRACE_S:
            raise WorkerFailed(failures.CONTAINER_START, state.waiting)
        limit = self._settings.start_timeout_s
        if now - self._scheduled > limit:
            pulling = "ImagePull" in state.waiting
            kind = failures.IMAGE_PULL_FAILED if pulling else failures.START_TIMEOUT
            why = state.waiting or "the kubelet has given no reason"
            raise WorkerFailed(kind, f"Not started after {limit} seconds: {why}")

    def wait_for_quota(self, failure: Failure) -> None:
        """The quota left no room for the Job: wait a little.

        :raises WorkerFailed: it has taken too long
        """
        if self._over():
            raise WorkerFailed(failure.kind, f"{self._after()}: {failure.seen}")
        time.sleep(min(self._pause, self._settings.schedule_timeout_s / 4))
        self._pause = min(2 * self._pause, LONGEST_PAUSE_S)

    def _over(self) -> bool:
        return self._clock() - self._began > self._settings.schedule_timeout_s

    def _after(self) -> str:
        return f"No node after {self._settings.schedule_timeout_s} seconds"
