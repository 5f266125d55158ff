"""Many jobs, several replicas, sweeps, the reaper, crashes: all at once, then counted.

Whatever the order in which they meet: each job is to run once and to end well, and
nothing may be left. With a migration, the replicas' backend changes twice meanwhile.
"""

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

from ..bench import Figure
from ..environment.place import Place
from ..replay.observation import time as moment
from ..scenario import load
from ..scenario.cells import Cell
from ..scenario.schema import Backend
from ..session import Session
from ..subject.locate import Subject
from ..subject.process import Runner, Running

SCENARIO = """
name: races
description: Jobs that work for a moment, picked by whoever is there.
job: {type: package}
worker: {run_s: 0.2}
expect: {status: finished}
"""
JOBS_OF_A_PROJECT = 5
"""A project has one job in work at a time."""
BETWEEN_SWEEPS_S = 1.5
PICKED_GRACE_S = "10"
"""A job whose replica was killed just then waits as long."""
LEAST_TIME_S = 120.0
TIME_FOR_A_JOB_S = 3.0
MIGRATION: tuple[tuple[Backend, str], ...] = (
    ("docker", ""),
    ("kubernetes", "docker"),
    ("docker", "kubernetes"),
)
"""The backend of each phase, and the one before it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is raced."""

    jobs: int
    replicas: int
    kills: int
    """So many replicas are killed on the way, each replaced by another."""
    seed: int
    migration: bool = False


def run(
    session: Session, subject: Subject, environment: str, backend: Backend, plan: Plan
) -> list[Figure]:
    """Race, and count what became of the jobs."""
    scenario = load.parse(SCENARIO, "races")
    cell = Cell(
        scenario=scenario, path=Path("races"), backend=backend, environment=environment
    )
    opened = session.in_place(cell, subject, both=plan.migration)
    with opened as (place, runner, directory):
        runner.prepare(place)
        jobs = list(_arrange(place, plan, cell))
        race = _Race(place, runner, directory, backend, jobs, plan)
        began = time.monotonic()
        race.run()
        return list(_figures(race, time.monotonic() - began))


def _arrange(place: Place, plan: Plan, cell: Cell) -> Iterator[str]:
    """Pending jobs of several projects, and another project's in work."""
    numbers = random.Random(plan.seed)  # noqa: S311 (repeatable on purpose)
    assert cell.scenario.worker != "job"
    script = cell.scenario.worker.as_json()

    def new_id() -> str:
        return str(UUID(int=numbers.getrandbits(128), version=4))

    def arrange(project: str, jobs: list[dict[str, Any]]) -> None:
        made = {"name": project, "qgis_file": "x.qgs", "files": []}
        user = {"username": "racer"}
        body = {"user": user, "project": made, "jobs": jobs}
        place.app.control.arrange(body)

    other, another = new_id(), new_id()
    arrange("another-project", [{"type": "package", "id": other, "status": "started"}])
    place.prepare(another, other)
    for first in range(0, plan.jobs, JOBS_OF_A_PROJECT):
        count = min(JOBS_OF_A_PROJECT, plan.jobs - first)
        ids = [new_id() for _ in range(count)]
        jobs = [{"type": "package", "id": one, "script": script} for one in ids]
        arrange(f"project-{first}", jobs)
        yield from ids


class _Race:
    """The replicas, and who disturbs them."""

    def __init__(
        self,
        place: Place,
        runner: Runner,
        directory: Path,
        backend: Backend,
        jobs: Sequence[str],
        plan: Plan,
    ) -> None:
        self.place = place
        self.jobs = jobs
        self.plan = plan
        self.errors: list[str] = []
        self.sweeps = self.reaped = self.kills = 0
        self._runner = runner
        self._directory = directory
        self._numbers = itertools.count(1)
        self._chance = random.Random(plan.seed)  # noqa: S311 (repeatable on purpose)
        self._phase = (backend, "")
        self._replicas: list[Running] = []
        self._over = threading.Event()

    def run(self) -> None:
        """Until every job is final, or the time is over."""
        seconds = max(LEAST_TIME_S, TIME_FOR_A_JOB_S * len(self.jobs))
        deadline = time.monotonic() + seconds
        if self.plan.migration:
            self._phase = MIGRATION[0]
        self._replicas = [self._start("dequeue") for _ in range(self.plan.replicas)]
        disturbing = threading.Thread(target=self._disturb)
        disturbing.start()
        self._follow(deadline)
        for replica in self._replicas:
            self._note(replica, max(1.0, deadline - time.monotonic()))
        self._over.set()
        disturbing.join()

    def counts(self) -> Counter[str]:
        """How many of all jobs have which status; the other project's is one."""
        answer = self.place.app.control.act("count_jobs")
        return Counter(answer["statuses"])

    def _follow(self, deadline: float) -> None:
        """Kill and replace replicas, or change the backend, as the jobs end."""
        moments = [
            (len(self.jobs) * number // (self.plan.kills + 1), self._replace_one)
            for number in range(1, self.plan.kills + 1)
        ]
        if self.plan.migration:
            moments = [
                (len(self.jobs) * number // len(MIGRATION), self._switch)
                for number in range(1, len(MIGRATION))
            ]
        for ended, act in moments:
            while self._ended() < ended and time.monotonic() < deadline:
                time.sleep(0.2)
            act()

    def _ended(self) -> int:
        counts = self.counts()
        return counts["finished"] + counts["failed"] + counts["stopped"]

    def _replace_one(self) -> None:
        victim = self._replicas.pop(self._chance.randrange(len(self._replicas)))
        victim.kill()
        self.kills += 1
        self._replicas.append(self._start("dequeue"))

    def _switch(self) -> None:
        """The next backend: one replica dies, the others finish their job first."""
        before, self._replicas = self._replicas, []
        self._phase = MIGRATION[MIGRATION.index(self._phase) + 1]
        victim, *others = before
        for one in others:
            one.signal(15)
        victim.kill()
        self.kills += 1
        self._replicas = [self._start("dequeue") for _ in before]
        for one in others:
            self._note(one, LEAST_TIME_S)

    def _disturb(self) -> None:
        while not self._over.wait(BETWEEN_SWEEPS_S):
            self.reaped += int(self.place.app.control.act("reap")["jobs"])
            self._note(self._start("sweep"), LEAST_TIME_S)
            self.sweeps += 1

    def _start(self, action: str) -> Running:
        backend, former = self._phase
        settings = {"QFIELDCLOUD_WORKER_PICKED_GRACE_S": PICKED_GRACE_S}
        if self.plan.migration:
            settings["QFIELDCLOUD_WORKER_BACKEND"] = backend
            settings["QFIELDCLOUD_WORKER_FORMER_BACKEND"] = former
        return self._runner.start(
            action,
            self.place,
            job={"id": ",".join(self.jobs), "type": "package", "backend": backend},
            settings=settings,
            directory=self._directory,
            number=next(self._numbers),
        )

    def _note(self, process: Running, timeout_s: float) -> None:
        seen = process.wait(timeout_s)
        if seen.error or seen.exit_code:
            self.errors.append(f"{seen.action}: {seen.error or seen.exit_code}")
        elif seen.exit_code is None:
            self.errors.append(f"{seen.action}: it didn't end")


def _figures(race: _Race, seconds: float) -> Iterator[Figure]:
    snapshots = [race.place.app.control.snapshot(one) for one in race.jobs]
    statuses = Counter(str((one["job"] or {}).get("status")) for one in snapshots)
    runs = Counter(len(one["probe"]) for one in snapshots)
    failed = [
        str((one["job"]["feedback"] or {}).get("error"))
        for one in snapshots
        if one["job"] and one["job"]["status"] == "failed"
    ]
    now = datetime.now(timezone.utc)
    valid = {
        token["key_sha256"]
        for one in snapshots
        for token in one["tokens"]
        if token["deleted_at"] is None and (moment(token["expires_at"]) or now) > now
    }
    left = [f"{one.kind} {one.name}" for one in race.place.leftovers()]
    touched = [one.what for one in race.place.bystanders() if not one.untouched]
    active = sum(statuses[one] for one in ("pending", "queued", "started"))
    twice = sum(count for number, count in runs.items() if number > 1)

    def figure(name: str, value: float, detail: str = "", unit: str = "") -> Figure:
        return Figure(name=name, value=value, unit=unit, budget=0, detail=detail)

    about = f"{race.plan.replicas} replicas, {race.kills} killed, {race.sweeps} sweeps"
    yield Figure(name="jobs", value=len(race.jobs), unit="", budget=None, detail=about)
    ran = {one.backend: 0 for one in race.place.workers()}
    for one in race.place.workers():
        ran[one.backend] += 1
    where = ", ".join(f"{count} workers on {name}" for name, count in ran.items())
    finished = statuses["finished"]
    yield Figure(name="finished", value=finished, unit="", budget=None, detail=where)
    yield figure("stuck", active, ", ".join(sorted(statuses)))
    yield figure("failed", statuses["failed"], "; ".join(failed[:3]))
    yield figure("reaped", race.reaped)
    yield figure("run twice", twice)
    yield figure("never run", runs[0])
    yield figure("left over", len(left), ", ".join(left[:3]))
    yield figure("tokens still valid", len(valid))
    yield figure("others' workers touched", len(touched), ", ".join(touched))
    yield figure("errors of replicas", len(race.errors), "; ".join(race.errors[:3]))
    yield Figure(name="time", value=seconds, unit="s", budget=None)
