"""How the wrapper uses its backend's API."""

from collections.abc import Iterator

from ..replay.observation import Observation
from .finding import Result, check

CALLS_FOR_A_JOB = 8
CALLS_A_MINUTE = 2
CALLS_FOR_A_FAULT = 2
"""Each call that the scenario spoils may be made again, after another look."""
SHOWN = 12


@check(
    "calls.budget",
    "A job costs the Kubernetes API no more than 8 requests, and 2 for each minute.",
    why="A wrapper that polls loads the API server with each replica and each job.",
    fix="Watch the pod in place of asking for it again and again.",
)
def budget(seen: Observation) -> Iterator[Result]:
    """The number of requests."""
    if seen.cell.backend != "kubernetes" or not seen.workers:
        return
    if seen.deeds or seen.cell.scenario.given.without:
        return  # what happens then costs more, and may
    minutes = (seen.ended - seen.began).total_seconds() / 60
    struck = sum(bool(one.fault) for one in seen.calls)
    allowed = CALLS_FOR_A_JOB + int(CALLS_A_MINUTE * minutes)
    allowed += CALLS_FOR_A_FAULT * struck
    calls = [
        f"{one.method} {one.target} {one.status}" for one in seen.calls if not one.fault
    ]
    more = f"; {len(calls) - SHOWN} more" if len(calls) > SHOWN else ""
    yield Result(
        ok=len(calls) <= allowed,
        expected=f"at most {allowed} in {60 * minutes:.0f} s",
        actual=f"{len(calls)}: " + "; ".join(calls[:SHOWN]) + more,
        where="the tap's journal",
    )


@check(
    "simulator.gap",
    "The simulator models all that the wrapper asks for.",
    why="What the simulator can't answer proves nothing about the wrapper.",
    fix="Run this scenario in a real environment, or extend the simulator.",
)
def gaps(seen: Observation) -> Iterator[Result]:
    """No 501 of the simulator's."""
    if seen.proof != "simulated":
        return
    for call in seen.calls:
        if call.gap:
            yield Result(
                ok=False,
                harness_at_fault=True,
                expected="a modelled request",
                actual=f"{call.method} {call.target}: {call.message}",
                where="the tap's journal",
            )
    yield Result(ok=True, expected="no 501", actual="none", where="the tap's journal")
