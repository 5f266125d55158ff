"""What is known of one container: waiting, running or terminated."""

from dataclasses import dataclass

from harness.simulator.clock import rfc3339
from harness.simulator.kube_api.objects import Object

NEVER_RAN = "ContainerStatusUnknown"
"""The reason of a container that was to start when its pod was stopped."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not started, or between two runs."""

    reason: str
    message: str = ""

    def as_json(self) -> Object:
        """Return the `state` of a container status."""
        body = {"reason": self.reason, "message": self.message}
        return {"waiting": {key: value for key, value in body.items() if value}}


@dataclass(frozen=True, slots=True)
class Running:
    """Started and not ended."""

    container_id: str
    started_at_ns: int

    def as_json(self) -> Object:
        """Return the `state` of a container status."""
        return {"running": {"startedAt": rfc3339(self.started_at_ns)}}


@dataclass(frozen=True, kw_only=True, slots=True)
class Terminated:
    """Ended, or never started for good (StartError)."""

    container_id: str
    exit_code: int
    reason: str
    message: str = ""
    started_at_ns: int | None = 0
    finished_at_ns: int | None = 0

    def as_json(self) -> Object:
        """Return the `state` of a container status."""
        body: Object = {"exitCode": self.exit_code, "reason": self.reason}
        if self.message:
            body["message"] = self.message
        body["startedAt"] = _time(self.started_at_ns)
        body["finishedAt"] = _time(self.finished_at_ns)
        if self.container_id:
            body["containerID"] = self.container_id
        return {"terminated": body}


State = Waiting | Running | Terminated


@dataclass(frozen=True, kw_only=True, slots=True)
class ContainerView:
    """One container as a pod's status shows it."""

    name: str
    state: State
    last: Terminated | None = None
    restarts: int = 0
    image: str = ""
    image_id: str = ""
    container_id: str = ""
    is_sidecar: bool = False
    """An init container that restarts: it needs only to have started."""

    @property
    def is_initialized(self) -> bool:
        """Say of an init container whether the next one may start."""
        if self.is_sidecar:
            return self.is_running or self.has_ended
        return self.succeeded

    @property
    def is_running(self) -> bool:
        """Say whether a process runs."""
        return isinstance(self.state, Running)

    @property
    def succeeded(self) -> bool:
        """Say whether it has ended with 0."""
        return isinstance(self.state, Terminated) and self.state.exit_code == 0

    @property
    def never_ran(self) -> bool:
        """Say whether it was given up before it started."""
        return isinstance(self.state, Terminated) and self.state.reason == NEVER_RAN

    @property
    def has_ended(self) -> bool:
        """Say whether it has ended, at least once."""
        return isinstance(self.state, Terminated) or self.last is not None


def _time(ns: int | None) -> str | None:
    return None if ns is None else rfc3339(ns)
