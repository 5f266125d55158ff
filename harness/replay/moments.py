"""The moments of a job at which something is done.

Some are only seen as they pass. At others the wrapper is held, so that nothing can
happen between the moment and the deed.
"""

import time
from typing import Protocol

from ..environment.place import Held, Place
from ..scenario.schema import Event, HeldMoment

FINAL = ("finished", "failed", "stopped")
LOOK_AGAIN_S = 0.05


class Awaited(Protocol):
    """One moment of a scenario."""

    def comes(self, timeout_s: float) -> bool:
        """Whether it is there, after waiting a while for it."""

    def let_go(self, *, goes_on: bool) -> None:
        """Who was held goes on, or has been killed there; more than once is no harm."""


def awaited(event: Event, place: Place, job_id: str) -> Awaited:
    """The event's moment; from now on, the wrapper is held there."""
    at = event.at
    if not isinstance(at, HeldMoment):
        return _Passing(at, place, job_id)
    if at.saving:
        return _HeldRow(at.saving, place, job_id)
    if at.before:
        return _HeldCall(place.gates.hold(at.before, "before", at.nth))
    return _HeldCall(place.gates.hold(at.answered, "answered", at.nth))


def named(event: Event) -> str:
    """The moment in words."""
    at = event.at
    if not isinstance(at, HeldMoment):
        return at
    if at.saving:
        return f"saving {at.saving}"
    call = f"before {at.before}" if at.before else f"{at.answered} answered"
    return call if at.nth == 1 else f"{call} ({at.nth})"


class _Passing:
    """It is looked for, and nobody waits for who looks."""

    def __init__(self, moment: str, place: Place, job_id: str) -> None:
        self._moment = moment
        self._place = place
        self._job_id = job_id

    def comes(self, timeout_s: float) -> bool:
        """Whether it is there, after waiting a while for it."""
        if self._moment == "row_started":
            return self._has_status(("started",), timeout_s)
        if self._moment == "row_final":
            return self._has_status(FINAL, timeout_s)
        if self._moment == "worker_reported":
            if self._place.app.control.snapshot(self._job_id)["probe"]:
                return True
            time.sleep(LOOK_AGAIN_S)
            return False
        return self._place.wait(self._moment, timeout_s)

    def _has_status(self, statuses: tuple[str, ...], timeout_s: float) -> bool:
        control = self._place.app.control
        history = control.wait_for_status(self._job_id, statuses, timeout_s)
        return any(entry["new_status"] in statuses for entry in history)

    def let_go(self, *, goes_on: bool) -> None:
        """Nobody is held."""


class _HeldCall:
    """A call of the backend's API."""

    def __init__(self, held: Held) -> None:
        self._held = held

    def comes(self, timeout_s: float) -> bool:
        """Whether it is there, after waiting a while for it."""
        return self._held.wait(timeout_s)

    def let_go(self, *, goes_on: bool) -> None:
        """The call goes on, or its connection ends."""
        self._held.release(goes_on=goes_on)


class _HeldRow:
    """A write of the job's row."""

    def __init__(self, what: str, place: Place, job_id: str) -> None:
        self._control = place.app.control
        self._job_id = job_id
        self._control.act("hold_row", job_id=job_id, what=what)

    def comes(self, timeout_s: float) -> bool:
        """Whether it is there, after waiting a while for it."""
        milliseconds = int(timeout_s * 1000)
        held = self._control.act(
            "held_row", job_id=self._job_id, timeout_ms=milliseconds
        )
        return bool(held["waiting"])

    def let_go(self, *, goes_on: bool) -> None:
        """The write goes on, or its session ends."""
        self._control.act("release_row", job_id=self._job_id, goes_on=goes_on)
