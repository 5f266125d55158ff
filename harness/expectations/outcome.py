"""The row at the end: status, times, exit code, error, and how it got there."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from ..replay.observation import Observation, time
from ..scenario.schema import PerBackend
from .finding import Result, cannot_look, check, equal

FINAL = ("finished", "failed", "stopped")
REAL_PATIENCE = 3
"""A real cluster on a small machine may take so many times as long."""
REAPED = -2
SHORT_ID = 12
"""Characters of a container's id, as the docker command shows it."""
CLOCK_SLACK = timedelta(seconds=2)
"""Engine and wrapper have clocks of their own; Kubernetes' times are whole seconds."""
NOBODY_SAID_MEMORY = (
    "The cluster itself never said OOMKilled, only 137: on cgroup v1, containerd loses "
    "it where the container is gone before the news is read."
)
RUNS_UNSEEN = ("forget_worker", "lose_node")
"""After these a worker may run on, which no wrapper can see or end in time."""


def for_backend(value: Any, seen: Observation) -> Any:
    """A value of the scenario, which may differ between backends."""
    if isinstance(value, PerBackend):
        return getattr(value, seen.cell.backend)
    return value


def _causes(seen: Observation) -> Iterator[str]:
    """Why a job may have ended so: its worker never ran, what the row says."""
    for worker in seen.workers:
        if worker.started_at is None and not worker.ended:
            last = [one for one in worker.states if one.detail][-1:]
            why = "".join(f", at last: {one.what}: {one.detail}" for one in last)
            yield f"the worker {worker.name} never ran{why}"
    words = _words(seen)
    if words:
        yield words


def _words(seen: Observation) -> str:
    """What the row says of its failure."""
    feedback = seen.feedback
    parts = [str(feedback.get(key, "")) for key in ("error_type", "error")]
    return ": ".join(part for part in parts if part)


@check(
    "row.status",
    "The job ends with the status that the scenario expects.",
    why="It is what the map maker sees of the job.",
    fix="Read feedback.error and the wrapper's log below.",
)
def status(seen: Observation) -> Iterator[Result]:
    """The row's status."""
    actual = seen.row["status"] if seen.row else "gone"
    expected = seen.cell.scenario.expect.status
    message = "" if actual == expected else "; ".join(_causes(seen))
    yield equal(expected, actual, "job.status", message=message)


@check(
    "row.final",
    "The row doesn't stay in work when the wrapper has returned.",
    why="A row that stays queued or started blocks its project for good.",
    fix="Write a final status in every case, also when something unforeseen fails.",
)
def final(seen: Observation) -> Iterator[Result]:
    """queued and started are not final."""
    if seen.row is None or seen.cell.scenario.expect.status == "pending":
        return
    actual = seen.row["status"]
    yield Result(
        ok=actual in FINAL,
        expected="one of " + ", ".join(FINAL),
        actual=actual,
        where="job.status",
    )


@check(
    "row.finished-at",
    "A final row has finished_at, not before started_at.",
    why="Without it the job seems to run for ever, and statistics are wrong.",
    fix="Set finished_at with every final status, also with failed.",
)
def finished_at(seen: Observation) -> Iterator[Result]:
    """finished_at ≥ started_at."""
    row = seen.row
    if row is None or row["status"] not in FINAL:
        return
    started, finished = time(row["started_at"]), time(row["finished_at"])
    yield Result(
        ok=bool(started and finished and finished >= started),
        expected="started_at ≤ finished_at",
        actual=f"started_at {started}, finished_at {finished}",
        where="job.finished_at",
    )


@check(
    "row.docker-times",
    "docker_started_at and docker_finished_at bracket the worker's run.",
    why="Packaging takes the time the run began for the age of the data.",
    fix="Set both on every backend: before the worker is started, and after its end.",
)
def docker_times(seen: Observation) -> Iterator[Result]:
    """started ≤ docker started ≤ worker ≤ docker finished ≤ finished."""
    row = seen.row
    if row is None or row["status"] not in FINAL or not seen.workers:
        return
    if _was_reaped(seen):
        return  # the reaper knows nothing of workers
    names = ("started_at", "docker_started_at", "docker_finished_at", "finished_at")
    times = [time(row[name]) for name in names]
    known: list[datetime] = [one for one in times if one is not None]
    yield Result(
        ok=len(known) == len(times) and known == sorted(known),
        expected=" ≤ ".join(names),
        actual=", ".join(f"{name} {row[name]}" for name in names),
        where="job",
    )
    worker = seen.worker
    if worker is None or worker.started_at is None or None in times:
        return
    if any(deed.what.startswith(RUNS_UNSEEN) for deed in seen.deeds):
        return
    began, ended = known[1] - CLOCK_SLACK, known[2] + CLOCK_SLACK
    finished = worker.finished_at or worker.started_at
    yield Result(
        ok=began <= worker.started_at and finished <= ended,
        expected=f"the worker's run lies between {known[1]} and {known[2]}",
        actual=f"it ran from {worker.started_at} to {worker.finished_at}",
        where="job.docker_started_at, job.docker_finished_at",
    )


@check(
    "row.container-id",
    "container_id holds the backend's id of the worker.",
    why="It is how an operator finds the worker of a job.",
    fix="Save the container's id, or the Job's UID, as soon as it is known.",
)
def container_id(seen: Observation) -> Iterator[Result]:
    """The id of the container, whole or short, or UID or name of the Job or pod."""
    if seen.row is None or seen.row["status"] not in FINAL or not seen.workers:
        return
    actual = (seen.row["container_id"] or "").strip()
    known = {worker.id for worker in seen.workers}
    known |= {worker.name for worker in seen.workers}
    known |= {
        str(thing.get("metadata", {}).get(key))
        for worker in seen.workers
        for thing in worker.objects
        for key in ("uid", "name")
    }
    short = {one[:SHORT_ID] for one in known if seen.cell.backend == "docker"}
    yield Result(
        ok=actual in known | short,
        expected=" or ".join(sorted(worker.id for worker in seen.workers)),
        actual=actual or "(empty)",
        where="job.container_id",
    )


@check(
    "row.exit-code",
    "feedback.container_exit_code is what the worker really ended with.",
    why="A lost exit code turns a failed job into a good one, or hides the cause.",
    fix="Take the number from the container's terminated state; never assume 0.",
)
def exit_code(seen: Observation) -> Iterator[Result]:
    """Against the backend's own report of the end."""
    row, worker = seen.row, seen.worker
    if row is None or row["status"] not in FINAL or worker is None:
        return
    where = "job.feedback.container_exit_code"
    told = seen.feedback.get("container_exit_code")
    if seen.feedback.get("error_type") == "TIMEOUT":
        yield equal(-1, told, where, message="After a time-out it is -1.")
        return
    if _was_reaped(seen):
        return  # QFieldCloud's own end of the job stands
    if told is None and _was_taken_away(seen):
        return  # the wrapper gave the worker up: there is no number of its own
    if told is None and worker.exit_code is None and "Job" in _left(seen):
        return  # it is to stay, and had no end that anybody could see
    if worker.exit_code is None:
        if worker.ended:
            return  # it never ran, so there is no number
        yield cannot_look("The worker's end was not seen.", where)
        return
    yield equal(worker.exit_code, told, where)


def _was_reaped(seen: Observation) -> bool:
    """Whether QFieldCloud's reaper ended the job, as the scenario has it."""
    reaped = any(deed.what.startswith("reap") for deed in seen.deeds)
    return reaped and seen.feedback.get("container_exit_code") == REAPED


def _left(seen: Observation) -> tuple[str, ...]:
    return seen.cell.scenario.expect.left


def _was_taken_away(seen: Observation) -> bool:
    """Whether the wrapper itself removed or stopped the worker before its end."""
    end = seen.backend_end
    return any(
        call.method == "DELETE" or call.path.endswith(("/kill", "/stop"))
        for call in seen.calls
        if not call.injected and (end is None or call.at <= end)
    )


@check(
    "expect.exit-code",
    "The exit code is the one that the scenario expects.",
    why="The wrapper's users tell failures apart by it.",
    fix="Compare the worker's own exit code with the row's.",
)
def expected_exit_code(seen: Observation) -> Iterator[Result]:
    """Both in the row and of the worker."""
    expect = seen.cell.scenario.expect
    wanted = for_backend(expect.container_exit_code, seen)
    if wanted is not None:
        told = seen.feedback.get("container_exit_code")
        yield equal(wanted, told, "job.feedback.container_exit_code")
    wanted = for_backend(expect.worker_exit_code, seen)
    if wanted is not None:
        worker = seen.worker
        if worker is None or worker.exit_code is None:
            yield cannot_look("The worker's exit code was not seen.", "worker")
        else:
            yield equal(wanted, worker.exit_code, f"worker {worker.name}")


@check(
    "expect.error",
    "The row tells the cause that the scenario expects.",
    why="A wrong cause sends the operator looking in the wrong place.",
    fix="Tell the causes apart: error_type, error_origin and error in the feedback.",
)
def expected_error(seen: Observation) -> Iterator[Result]:
    """error_type, error_origin, words of error."""
    expect = seen.cell.scenario.expect
    feedback = seen.feedback
    for name in ("error_type", "error_origin"):
        wanted = for_backend(getattr(expect, name), seen)
        if wanted is not None:
            told, words = feedback.get(name), _words(seen)
            if wanted == "OUT_OF_MEMORY" and _nobody_said_memory(seen):
                wanted, words = "K8S_JOB_SIGKILL", NOBODY_SAID_MEMORY
            yield equal(wanted, told, f"job.feedback.{name}", message=words)
    for text in expect.error_contains:
        told = str(feedback.get("error", ""))
        yield Result(
            ok=text in told, expected=text, actual=told, where="job.feedback.error"
        )
    if expect.status == "finished":
        yield equal(None, feedback.get("error"), "job.feedback.error")


def _nobody_said_memory(seen: Observation) -> bool:
    """A real cluster that never told anyone why the worker was killed."""
    return (
        seen.proof == "real"
        and seen.cell.backend == "kubernetes"
        and bool(seen.workers)
        and all(one.exit_code == 137 and not one.oom_killed for one in seen.workers)
    )


@check(
    "row.history",
    "The row goes through the contract's statuses, and a final one is not changed.",
    why="Whoever waits for the job acts on the first final status.",
    fix="Compare and set: write only while the row is still in work.",
)
def history(seen: Observation) -> Iterator[Result]:
    """queued → started → final, each once."""
    allowed = {
        None: {"pending", "queued"},
        "pending": {"queued", "started"},
        "queued": {"started", "pending", "failed"},
        "started": {"finished", "failed", "stopped", "pending"},
    }
    path: list[str | None] = [None]
    for entry in seen.snapshot["history"]:
        status = entry["new_status"]
        if entry["op"] != "delete" and status != path[-1]:
            path.append(status)
    wrong = [
        (old, new) for old, new in pairwise(path) if new not in allowed.get(old, set())
    ]
    yield Result(
        ok=not wrong,
        expected="queued → started → one final status",
        actual=" → ".join(str(one) for one in path[1:]),
        where="history of the row",
    )


@check(
    "row.in-time",
    "The row is final in the time that the scenario allows.",
    why="A slow wrapper makes map makers wait.",
    fix="Watch in place of polling, and write the row before clearing up.",
)
def in_time(seen: Observation) -> Iterator[Result]:
    """within_s, measured from the wrapper's start."""
    allowed = seen.cell.scenario.expect.within_s
    if allowed is None:
        return
    if seen.slow:
        allowed *= REAL_PATIENCE
    if seen.final_at is None:
        yield Result(ok=False, expected=f"≤ {allowed} s", actual="never final")
        return
    took = (seen.final_at - seen.began).total_seconds()
    yield Result(
        ok=took <= allowed,
        expected=f"≤ {allowed} s",
        actual=f"{took:.1f} s",
        where="job.finished_at",
    )
