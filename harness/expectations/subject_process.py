"""Did the wrapper itself run: import, construction, run, without an exception."""

from collections.abc import Iterator

from ..replay import events
from ..replay.observation import Observation
from .finding import Result, check

ENDED = (events.STOPPED, events.KILLED)
_BEFORE_RUN = {
    "prepare": "its process could not be prepared",
    "import": "importing its module raised an exception",
    "find": "no class for this job was found in it",
    "sweep": "its sweep of orphaned workers raised an exception",
    "construct": "making the class's object raised an exception",
}


@check(
    "subject.loads",
    "The wrapper can be imported, and has a class for this job.",
    why="A wrapper that can't be loaded runs no job: QFieldCloud's dequeue ends.",
    fix="Read the traceback. What convention can't find, a profile can name "
    "(qfc-harness-subject.yaml beside it: modules, classes, settings); one that is for "
    "one backend says so there (backends), or is run with --backend.",
)
def loads(seen: Observation) -> Iterator[Result]:
    """The process came at least as far as ``run``."""
    subject = seen.subjects[0]
    failed = subject.phase in _BEFORE_RUN
    told = subject.traceback or subject.error
    if not failed:
        message = ""
    elif told:
        message = f"{_BEFORE_RUN[subject.phase]}: {subject.error}"
    else:
        message = f"nothing was raised in phase {subject.phase}: {_end(seen)}"
    yield Result(
        ok=not failed,
        expected="imported, found, made",
        actual=(told or _end(seen)) if failed else subject.ran_by,
        where=f"subject process, phase {subject.phase}",
        message=message,
    )


def _end(seen: Observation) -> str:
    """How the process ended, or that it didn't."""
    code = seen.subjects[0].exit_code
    if code is not None:
        return f"its process ended with {code}"
    return f"it still ran after {(seen.ended - seen.began).total_seconds():.0f} s"


@check(
    "subject.run-returns",
    "The wrapper's run() returns by itself, without an exception.",
    why="An exception or a hang of run() stops the dequeue process: every other job "
    "of the replica waits.",
    fix="Catch it in the wrapper, and write the failure into the row.",
)
def run_returns(seen: Observation) -> Iterator[Result]:
    """run() ended, in time."""
    subject = seen.subjects[0]
    if subject.phase in _BEFORE_RUN:
        return
    if any(deed.what in ENDED for deed in seen.deeds):
        return  # how a wrapper ends that is told to is not its run()'s matter
    if subject.exit_code is None:
        ended = _end(seen)
    elif subject.phase == "run":
        ended = subject.traceback or _end(seen)
    else:
        ended = "returned"
    yield Result(
        ok=ended == "returned",
        expected="returned",
        actual=ended,
        where="subject process, run()",
        message=subject.error,
    )


@check(
    "subject.sweeps",
    "The wrapper has a sweep for orphaned workers.",
    why="QFieldCloud's dequeue calls cancel_orphaned_workers(); without it, workers of "
    "deleted jobs run on.",
    fix="Offer cancel_orphaned_workers() in the module, or name it in the profile.",
)
def sweeps(seen: Observation) -> Iterator[Result]:
    """A function by that name was found."""
    subject = seen.subjects[0]
    if subject.phase in ("prepare", "import"):
        return
    yield Result(
        ok=subject.sweeps,
        expected="a function cancel_orphaned_workers()",
        actual="found" if subject.sweeps else "none",
        where="the subject's modules",
    )


@check(
    "subject.sweep-spares-live",
    "A sweep leaves a worker alone whose job is still there.",
    why="The sweep of one replica would kill the jobs of the others.",
    fix="Ask the database for the job of each worker, after the workers were listed, "
    "and touch only those without a row.",
)
def sweep_spares_live(seen: Observation) -> Iterator[Result]:
    """Nothing was done to the worker while the sweep ran."""
    if any(deed.what == "delete_job_row" for deed in seen.deeds):
        return
    for deed in seen.deeds:
        if deed.what != "sweep" or deed.seen is None or not deed.happened:
            continue
        if deed.seen.error:
            yield Result(
                ok=False,
                expected="a sweep without an exception",
                actual=deed.seen.traceback or deed.seen.error,
                where="subject process, sweep",
            )
        for worker in seen.workers:
            ended = worker.finished_at or (worker.removed and deed.at) or None
            early = any(
                state.what in ("kill", "Pod terminating", "Job deleted")
                and state.at >= deed.at
                and not _ended_before(seen, state.at)
                for state in worker.states
            )
            yield Result(
                ok=not early,
                expected="the worker runs on to its own end",
                actual=f"ended with {worker.exit_code} at {ended}"
                if early
                else "ran on",
                where=f"worker {worker.name}",
                message="The sweep killed the worker of a live job." if early else "",
            )


def _ended_before(seen: Observation, moment: object) -> bool:
    """Whether the worker had ended by itself before this moment."""
    end = seen.backend_end
    return end is not None and end <= moment  # type: ignore[operator]


@check(
    "subject.events-came",
    "Each event of the scenario met its moment.",
    why="What an event was to show was not shown.",
    fix="Look at the worker's states: the moment that the event waits for never came.",
)
def events_came(seen: Observation) -> Iterator[Result]:
    """Nothing waited in vain."""
    for deed in seen.deeds:
        yield Result(
            ok=True if deed.happened else None,
            actual=deed.what,
            where="during",
            message="" if deed.happened else deed.what,
        )
