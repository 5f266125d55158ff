"""What is done while the job runs: each event waits for its moment in a thread."""

import itertools
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from ..environment.place import Place
from ..scenario.cells import Cell
from ..scenario.schema import Backend, Event
from ..subject.process import Runner, Running
from ..subject.seen import SubjectSeen
from .moments import Awaited, awaited, named
from .observation import Arranged, Deed

SWEEP_TIMEOUT_S = 30.0
AN_HOUR_S = 3600
LOOK_S = 1.0
KILLED = "SIGKILL to the wrapper"
STOPPED = "SIGTERM to the wrapper"
FROZEN = "SIGSTOP to the wrapper"
REPLICA = "another wrapper"


class Events:
    """The events of one cell; the wrapper is held at their moments from now on."""

    def __init__(
        self,
        cell: Cell,
        place: Place,
        arranged: Arranged,
        runner: Runner,
        directory: Path,
    ) -> None:
        self._cell = cell
        self._place = place
        self._arranged = arranged
        self._runner = runner
        self._directory = directory
        self._numbers = itertools.count(2)
        self._backend = cell.backend
        self._settings = dict(cell.scenario.given.settings)
        self._wrapper: Running | None = None
        self._replicas: list[tuple[datetime, Running]] = []
        self._deeds: list[Deed] = []
        self._errors: list[Exception] = []
        self._over = threading.Event()
        self._idle = threading.Condition()
        self._acting = 0
        self._threads = [
            threading.Thread(
                target=self._watch,
                args=(event, awaited(event, place, arranged.job_id)),
                daemon=True,
            )
            for event in cell.scenario.during
        ]

    def begin(self, wrapper: Running) -> None:
        """The job is started now."""
        self._wrapper = wrapper
        for thread in self._threads:
            thread.start()

    def settle(self, timeout_s: float) -> None:
        """The first wrapper has ended: wait for those that were started meanwhile."""
        deadline = time.monotonic() + timeout_s
        while True:
            with self._idle:
                self._idle.wait_for(lambda: not self._acting, timeout_s)
                replicas, self._replicas = self._replicas, []
            if not replicas:
                return
            for at, one in replicas:
                seen = one.wait(max(1.0, deadline - time.monotonic()))
                self._deeds.append(Deed(at=at, what=REPLICA, seen=seen))

    def end(self) -> tuple[Deed, ...]:
        """The job is over: what was done, and what never came.

        :raises Exception: what an event raised; without it the cell proves nothing
        """
        self._over.set()
        for thread in self._threads:
            thread.join()
        for error in self._errors:
            raise error
        return tuple(sorted(self._deeds, key=lambda deed: deed.at))

    def _watch(self, event: Event, moment: Awaited) -> None:
        try:
            self._await_and_do(event, moment)
        except Exception as error:  # it is the whole of this thread
            self._errors.append(error)
        finally:
            moment.let_go(goes_on=True)

    def _await_and_do(self, event: Event, moment: Awaited) -> None:
        late = ""
        while not moment.comes(LOOK_S):
            if self._over.is_set():
                late = f"{named(event)} never came"
                break
        with self._idle:
            self._acting += 1
        try:
            if not late and event.after_s and self._over.wait(event.after_s):
                late = f"the job was over before {named(event)} + {event.after_s:g} s"
            if late:
                what = f"{', '.join(event.deeds)}: {late}"
                self._deeds.append(Deed(at=_now(), what=what, happened=False))
                return
            for deed in event.deeds:
                done = self._do(deed)
                if done is not None:
                    self._deeds.append(done)
                if deed == "kill_wrapper":
                    moment.let_go(goes_on=False)
        finally:
            with self._idle:
                self._acting -= 1
                self._idle.notify_all()

    def _do(self, name: str) -> Deed | None:
        deed: Callable[[], Deed | None] | None = getattr(self, f"_{name}", None)
        if deed is None:  # a matter of the backend's alone
            return Deed(at=_now(), what=self._place.act(name))
        return deed()

    def _start(self, action: str) -> Running:
        return self._runner.start(
            action,
            self._place,
            job={**job_of(self._cell, self._arranged), "backend": self._backend},
            settings=self._settings,
            directory=self._directory,
            number=next(self._numbers),
        )

    def _sweep(self) -> Deed:
        at = _now()
        seen: SubjectSeen = self._start("sweep").wait(SWEEP_TIMEOUT_S)
        return Deed(at=at, what="sweep", seen=seen)

    def _start_wrapper(self) -> None:
        self._replicas.append((_now(), self._start("dequeue")))

    def _switch_backend(self) -> Deed:
        former, self._backend = self._backend, other_backend(self._backend)
        self._settings |= {
            "QFIELDCLOUD_WORKER_BACKEND": self._backend,
            "QFIELDCLOUD_WORKER_FORMER_BACKEND": former,
        }
        return Deed(at=_now(), what=f"backend setting {former} → {self._backend}")

    def _delete_job_row(self) -> Deed:
        return self._act("delete_job_row", job_id=self._arranged.job_id)

    def _reap(self) -> Deed:
        return self._act("reap")

    def _reap_late(self) -> Deed:
        return self._act("reap", later_s=AN_HOUR_S)

    def _cut_database(self) -> Deed:
        return self._act("cut_database")

    def _act(self, deed: str, **arguments: str | int) -> Deed:
        at = _now()
        self._place.app.control.act(deed, **arguments)
        return Deed(at=at, what=deed)

    def _stop_wrapper(self) -> Deed:
        return self._signal(signal.SIGTERM, STOPPED)

    def _freeze_wrapper(self) -> Deed:
        return self._signal(signal.SIGSTOP, FROZEN)

    def _signal(self, signum: int, what: str) -> Deed:
        assert self._wrapper is not None
        at = _now()
        self._wrapper.signal(signum)
        return Deed(at=at, what=what)

    def _kill_wrapper(self) -> Deed:
        assert self._wrapper is not None
        at = _now()
        self._wrapper.kill()
        return Deed(at=at, what=KILLED)


def job_of(cell: Cell, arranged: Arranged) -> dict[str, str]:
    """What a subject's process is told of the job."""
    return {
        "id": arranged.job_id,
        "type": cell.scenario.job.type,
        "backend": cell.backend,
    }


def other_backend(backend: Backend) -> Backend:
    """The one that a wrapper changes to."""
    return "kubernetes" if backend == "docker" else "docker"


def _now() -> datetime:
    return datetime.now(timezone.utc)
