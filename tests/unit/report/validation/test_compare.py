"""A validation beside an earlier one."""

import dataclasses

import pytest

from harness.preflight.model import Proof, Severity, Status
from harness.report.validation.compare import State, compare

from . import samples
from .given import SCOPE, result, validation

NAME = "QFV-304"
PASS, FAIL, OPEN = Status.PASS, Status.FAIL, Status.NOT_PROVEN
ERROR, SKIPPED, NONE = Status.ERROR, Status.SKIPPED, Status.NOT_APPLICABLE


def one(status: Status, **more: object):
    """A report of one result."""
    return validation({NAME: result(NAME, status, **more)})


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        (PASS, PASS, None),
        (PASS, FAIL, State.NEW),
        (PASS, ERROR, State.NEW),
        (PASS, OPEN, State.NO_LONGER_PROVEN),
        (PASS, SKIPPED, State.NO_LONGER_CHECKED),
        (PASS, NONE, State.NO_LONGER_CHECKED),
        (FAIL, PASS, State.FIXED),
        (FAIL, FAIL, State.STILL),
        (FAIL, ERROR, State.STILL),
        (FAIL, OPEN, State.NO_LONGER_PROVEN),
        (OPEN, PASS, State.BETTER),
        (OPEN, FAIL, State.NEW),
        (OPEN, SKIPPED, None),
        (NONE, FAIL, State.NEW),
        (NONE, PASS, None),
    ],
    ids=str,
)
def test_what_became_of_a_result(before, after, state):
    """A state that isn't good never reads as fixed because nobody looked."""
    changes = compare(one(before), one(after)).changes
    assert [change.state for change in changes] == ([state] if state else [])


def test_a_warning_that_became_a_blocker_is_worse():
    """And the other way round better."""
    warning = one(FAIL, severity=Severity.WARNING)
    blocker = one(FAIL, severity=Severity.BLOCKER)
    (worse,) = compare(warning, blocker).changes
    (better,) = compare(blocker, warning).changes
    assert worse.state is State.WORSE
    assert worse.before.startswith("warning, fail")
    assert better.state is State.BETTER


def test_a_pass_with_a_weaker_proof_is_worse():
    """What a job has shown is more than what was read."""
    job, read = one(PASS, proof=Proof.REAL_JOB), one(PASS, proof=Proof.READ)
    assert compare(job, read).changes[0].state is State.WORSE
    assert compare(read, job).changes[0].state is State.BETTER


def test_checks_that_only_one_of_them_has():
    """A check that is gone is told, and so is one that did not exist then."""
    old = validation({NAME: result(NAME), "QFV-101": result("QFV-101")})
    new = validation({NAME: result(NAME), "QFV-102": result("QFV-102")})
    found = {change.id: change.state for change in compare(old, new).changes}
    assert found == {
        "QFV-101": State.NO_LONGER_CHECKED,
        "QFV-102": State.NEW_CHECK,
    }


def test_one_more_thing_that_a_known_check_looks_at():
    """It is new if it is bad."""
    more = result(NAME, FAIL, id=f"{NAME}/istio")
    old, new = one(PASS), validation([result(NAME), more])
    (change,) = compare(old, new).changes
    assert (change.id, change.state) == (f"{NAME}/istio", State.NEW)


def test_the_most_pressing_come_first_and_are_counted():
    """In the order of the states."""
    comparison = compare(samples.no_go(), samples.go_with_warnings())
    states = [change.state for change in comparison.changes]
    assert states == sorted(states, key=list(State).index)
    assert comparison.line == "3 new, 3 no longer proven, 19 fixed"
    assert compare(samples.go(), samples.go()).line == "nothing changed"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("server", "https://other", "Not the same cluster: https://10.20.30.40:6443"),
        ("user", "", "Not the same user: operator@example.org → none"),
        ("real_jobs", False, "Not the same real jobs: yes → no"),
        ("replicas", 3, "Not the same replicas: 2 → 3"),
    ],
)
def test_what_makes_them_unlike_is_told(field, value, said):
    """Else a difference of the clusters reads as a change."""
    new = validation(
        {NAME: result(NAME)}, scope=dataclasses.replace(SCOPE, **{field: value})
    )
    (unlike,) = compare(one(PASS), new).unlike
    assert unlike.startswith(said)


def test_one_that_did_not_end_is_unlike():
    """Whichever of the two."""
    unlike = compare(samples.killed(), samples.go()).unlike
    assert unlike == (
        "The earlier validation did not end: Ended at 12:03:11 in check 32 of 64",
    )


def test_a_changed_fingerprint_is_told():
    """It may explain the rest."""
    new = validation({NAME: result(NAME)}, fingerprint={"server": "v1.35.0"})
    found = compare(one(PASS), new).fingerprint
    assert "server: v1.34.0 → v1.35.0" in found
    assert "wrapper: 9c56cc51b374c3ba → none" in found
