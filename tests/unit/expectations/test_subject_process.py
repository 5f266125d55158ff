"""The wrapper's own process."""

from typing import Any

import pytest

from harness.environment.seen import State
from harness.expectations.finding import Verdict
from harness.replay.observation import Deed

from .well import at, failing, red, subject, verdict, well

SWEEP = Deed(at=at(0.8), what="sweep", seen=subject(action="sweep"))


@pytest.mark.parametrize("phase", ["prepare", "import", "find", "sweep", "construct"])
def test_a_wrapper_that_does_not_get_as_far_as_run(phase: str):
    """With its own traceback, and at which point."""
    failed = {"phase": phase, "exit_code": 1, "error": "E", "traceback": "in line 3"}
    found = failing(well(subject=failed))
    assert next(iter(found)) == "subject.loads"
    assert found["subject.loads"].actual == "in line 3"
    assert found["subject.loads"].message.endswith(": E")
    assert "subject.run-returns" not in found


@pytest.mark.parametrize(
    ("code", "words"),
    [(-9, "its process ended with -9"), (None, "it still ran after 2 s")],
)
def test_a_sweep_that_raises_nothing_and_does_not_return(code: int | None, words: str):
    """It hung or was killed: no exception is made up."""
    found = failing(well(subject={"phase": "sweep", "exit_code": code}))
    loads = found["subject.loads"]
    assert loads.actual == words
    assert loads.message == f"nothing was raised in phase sweep: {words}"


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        ({"phase": "run", "exit_code": 1, "traceback": "KeyError"}, "KeyError"),
        ({"phase": "run", "exit_code": 0}, "its process ended with 0"),
        ({"phase": "run", "exit_code": None}, "it still ran after 2 s"),
        ({"phase": "done", "exit_code": None}, "it still ran after 2 s"),
    ],
)
def test_run_returns(ended: dict[str, Any], words: str):
    """No exception, no exit, no hang."""
    found = failing(well(subject=ended))
    assert list(found) == ["subject.run-returns"]
    assert found["subject.run-returns"].actual == words


def test_a_wrapper_that_was_told_to_end_may():
    """However it does."""
    stopped = Deed(at=at(1), what="SIGTERM to the wrapper")
    seen = well(subject={"phase": "run", "exit_code": -15}, deeds=(stopped,))
    assert red(seen) == []


def test_a_wrapper_without_a_sweep():
    """Unless it couldn't be imported: then nobody knows."""
    assert red(well(subject={"sweeps": False})) == ["subject.sweeps"]
    unknown = well(subject={"sweeps": False, "phase": "import"})
    assert "subject.sweeps" not in red(unknown)


@pytest.mark.parametrize("what", ["kill", "Pod terminating", "Job deleted"])
def test_a_sweep_that_ends_a_live_worker(what: str):
    """While it had not yet ended by itself."""
    killed = {"states": (State(at=at(0.9), what=what),)}
    found = failing(well(worker=killed, deeds=(SWEEP,)))
    assert list(found) == ["subject.sweep-spares-live"]
    assert "killed the worker" in found["subject.sweep-spares-live"].message


def test_what_ends_a_worker_before_or_after_is_not_the_sweeps():
    """Its removal at the end, or a kill before the sweep."""
    for moment in (0.7, 1.3):
        states = (State(at=at(moment), what="Pod terminating"),)
        assert red(well(worker={"states": states}, deeds=(SWEEP,))) == []


def test_a_sweep_after_the_row_was_deleted_has_to_kill():
    """The worker is an orphan then."""
    deleted = Deed(at=at(0.7), what="delete_job_row")
    killed = {"states": (State(at=at(0.9), what="kill"),)}
    seen = well(worker=killed, deeds=(deleted, SWEEP))
    assert verdict(seen, "subject.sweep-spares-live") is Verdict.NOT_APPLICABLE


def test_a_sweep_that_raises():
    """Its traceback is what is shown."""
    broken = subject(action="sweep", error="E", traceback="in line 9")
    deed = Deed(at=at(0.8), what="sweep", seen=broken)
    found = failing(well(deeds=(deed,)))
    assert found["subject.sweep-spares-live"].actual == "in line 9"


def test_an_event_whose_moment_never_came_proves_nothing():
    """Nor does it count as passed."""
    late = Deed(at=at(1), what="sweep: worker_running never came", happened=False)
    assert verdict(well(deeds=(late,)), "subject.events-came") is Verdict.NOT_PROVEN
    assert verdict(well(deeds=(SWEEP,)), "subject.events-came") is Verdict.PASS
