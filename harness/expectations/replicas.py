"""What other wrappers did that came beside the first one, or after it had died."""

from collections import Counter
from collections.abc import Iterator

from ..replay import events
from ..replay.observation import Observation
from .finding import Result, check


@check(
    "replica.runs-once",
    "After a wrapper has died, its worker is not run a second time.",
    why="The worker runs on without its wrapper: changes would be applied twice.",
    fix="Look for the job's worker first, and attend to the one that is there.",
)
def runs_once(seen: Observation) -> Iterator[Result]:
    """Each start of the probe is one report."""
    if not _was_left(seen) or not seen.scripted:
        return
    starts = len(seen.snapshot["probe"])
    yield Result(
        ok=starts <= 1,
        expected="started once",
        actual=f"started {starts} times",
        where="the probe's reports",
    )


@check(
    "replica.leaves-alone",
    "A replica leaves the job of a wrapper that lives to that wrapper.",
    why="Two that attend to one job write its outcome and remove its worker twice.",
    fix="Hold something as long as the wrapper lives, and look at it before a job is "
    "taken over: a session advisory lock, say.",
)
def leaves_alone(seen: Observation) -> Iterator[Result]:
    """What one wrapper has removed, no other has to remove."""
    if _was_left(seen) or events.REPLICA not in {deed.what for deed in seen.deeds}:
        return
    removed = Counter(call.path for call in seen.calls if call.method == "DELETE")
    twice = [path for path, count in removed.items() if count > 1]
    yield Result(
        ok=not twice,
        expected="one wrapper removes the worker",
        actual=", ".join(twice) or "so it was",
        where="the tap's journal",
    )


@check(
    "replica.ends-well",
    "Another wrapper sweeps and dequeues without an exception, and comes to an end.",
    why="A replica that stops, or hangs in one job, runs none of the others.",
    fix="Read its log below; catch what one job's state may raise.",
)
def ends_well(seen: Observation) -> Iterator[Result]:
    """Its process has returned."""
    for deed in seen.deeds:
        if deed.what != events.REPLICA or deed.seen is None:
            continue
        told = deed.seen.traceback or deed.seen.error
        if not told and deed.seen.exit_code is None:
            told = "it still ran when its time was over"
        yield Result(
            ok=not told,
            expected="returned",
            actual=told or "returned",
            where=f"subject process, phase {deed.seen.phase}",
            message=deed.seen.error,
        )


def _was_left(seen: Observation) -> bool:
    return any(deed.what == events.KILLED for deed in seen.deeds)
