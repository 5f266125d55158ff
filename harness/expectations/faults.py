"""What the tap put in between: whether it struck, and how the wrapper took it."""

from collections.abc import Iterator
from datetime import timedelta

from ..environment import faults
from ..replay.observation import Observation
from ..tap.chosen import is_chosen
from ..tap.journal import Call
from .finding import Result, check

WHERE = "the tap's journal"


@check(
    "faults.struck",
    "Each fault of the scenario struck a call.",
    why="What a fault was to show was not shown: a pass would mean nothing.",
    fix="Compare the fault's `at` and `nth` with the calls that the wrapper made.",
)
def struck(seen: Observation) -> Iterator[Result]:
    """At least one call each."""
    for fault in faults.of_cell(seen.cell):
        count = sum(call.fault == fault.label for call in seen.calls)
        yield Result(
            ok=count > 0,
            harness_at_fault=count == 0,
            expected=f"{fault.label} strikes a call",
            actual=f"{count} calls were struck",
            where=WHERE,
            message="" if count else f"{fault.label} never struck.",
        )


@check(
    "faults.retry-after",
    "After a refusal with Retry-After the wrapper asks no earlier than it is told.",
    why="An API server that sheds load is kept down by those who don't wait.",
    fix="Wait at least as long as the header says before the same call is tried again.",
)
def retry_after(seen: Observation) -> Iterator[Result]:
    """The next call of the same kind comes after the time."""
    waits = {
        fault.label: fault
        for fault in faults.of_cell(seen.cell)
        if fault.retry_after_s is not None
    }
    for number, call in enumerate(seen.calls):
        fault = waits.get(call.fault)
        if fault is None or fault.retry_after_s is None:
            continue
        following = _next(seen.calls[number + 1 :], fault.at)
        if following is None:
            continue
        refused = call.at + timedelta(seconds=call.seconds)
        waited = (following.at - refused).total_seconds()
        yield Result(
            ok=waited >= fault.retry_after_s - 0.01,
            expected=f"at least {fault.retry_after_s:g} s",
            actual=f"{waited:.2f} s",
            where=WHERE,
        )


def _next(calls: tuple[Call, ...], at: str) -> Call | None:
    return next((one for one in calls if at == "*" or is_chosen(at, one)), None)
