"""All checks together: what they make of a cell in which all is well."""

import dataclasses
from pathlib import Path

import pytest

from harness.expectations import judge as judging
from harness.expectations.finding import CHECKS, Verdict
from harness.expectations.judge import in_order, judge

from .well import at, subject, well, worker


@pytest.mark.parametrize("proof", ["simulated", "real"])
@pytest.mark.parametrize("backend", ["docker", "kubernetes"])
def test_nothing_is_said_of_a_cell_in_which_all_is_well(backend: str, proof: str):
    """What follows in these tests differs from it in one thing each."""
    found = judge(well(backend, proof=proof))
    worse = [one for one in found if one.verdict.rank > Verdict.PASS.rank]
    assert worse == []
    assert sum(one.verdict is Verdict.PASS for one in found) > 30


def test_each_check_says_something():
    """A pass, or that it doesn't apply: none is silent."""
    assert {one.check for one in judge(well())} == set(CHECKS)


def test_each_check_is_written_for_who_has_to_act():
    """A title that is a sentence, a reason, and what to do."""
    for check in CHECKS.values():
        for text in (check.title, check.why, check.fix):
            assert len(text) > 15, check.id
            assert text.endswith("."), check.id


def test_causes_come_before_consequences():
    """A wrapper that can't be imported is the first thing to read."""
    order = [check.id for check in in_order()]
    assert order[0] == "subject.loads"
    assert order.index("rbac.denied") < order.index("row.status")
    assert order.index("worker.memory-request") < order.index("row.status")
    assert order.index("row.status") < order.index("leftovers.worker")


def test_every_module_of_checks_takes_part():
    """One that is not in the list would never be imported."""
    assert {check.function.__module__ for check in CHECKS.values()} == {
        module.__name__ for module in judging.MODULES
    }


def test_a_check_that_breaks_hides_no_other(monkeypatch: pytest.MonkeyPatch):
    """It is the harness's fault, and told as such."""

    def broken(_: object):
        raise LookupError("no such thing")

    monkeypatch.setitem(
        CHECKS,
        "row.status",
        dataclasses.replace(CHECKS["row.status"], function=broken),
    )
    monkeypatch.setitem(judging.__dict__, "in_order", lambda: list(CHECKS.values()))
    found = judge(well())
    (error,) = [one for one in found if one.verdict is Verdict.ERROR]
    assert error.check == "row.status"
    assert "LookupError: no such thing" in error.message
    assert {one.check for one in found} == set(CHECKS)


def test_a_wrapper_that_did_nothing_breaks_no_check():
    """No row, no worker, no report, no call: nothing raises."""
    seen = well(
        snapshot={"job": None, "history": [], "tokens": [], "project": None},
        row=None,
        probe=None,
        workers=(),
        calls=(),
        subjects=(subject(phase="import", exit_code=1, error="no module"),),
        backend_end=None,
    )
    found = judge(seen)
    assert not [one for one in found if one.verdict is Verdict.ERROR]
    assert found[0].check == "subject.loads"
    assert found[0].verdict is Verdict.FAIL


def test_two_workers_break_no_check():
    """Whatever asks for the one worker has none then."""
    both = (worker(), worker(id="def456", started_at=at(0.4)))
    found = judge(well(workers=both))
    assert not [one for one in found if one.verdict is Verdict.ERROR]


def test_each_check_is_named_in_a_test():
    """A check that nobody saw fail may be one that can't."""
    texts = [
        path.read_text()
        for path in Path(__file__).parent.glob("test_*.py")
        if path.name != "test_judge.py"
    ]
    for check in CHECKS.values():
        module = check.function.__module__.rpartition(".")[2]
        names = (f'"{check.id}"', f"{module}.{check.function.__name__}(")
        assert any(name in text for text in texts for name in names), check.id
