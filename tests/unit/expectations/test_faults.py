"""Faults of a scenario: that they struck, and what the wrapper made of them."""

import dataclasses

from harness.environment import faults
from harness.expectations.finding import Verdict

from .well import at, call, failing, red, verdict, well

JOBS = "/apis/batch/v1/namespaces/qfc/jobs"
TWICE = {"faults": [{"at": "POST jobs", "answer": 429, "retry_after_s": 1}]}


def seen(*calls, **changes):
    return well("kubernetes", scenario=TWICE, calls=calls, granted=None, **changes)


def struck(seconds: float, **more):
    (fault,) = faults.of_cell(seen().cell)
    one = call("POST", JOBS, 429, fault=fault.label, injected=True, **more)
    return dataclasses.replace(one, at=at(seconds), seconds=0.0)


def again(seconds: float):
    return dataclasses.replace(call("POST", JOBS, 201), at=at(seconds))


def test_a_fault_that_never_struck_is_an_error():
    """The cell shows nothing, and the wrapper is not to blame."""
    assert verdict(seen(again(0)), "faults.struck") is Verdict.ERROR
    assert verdict(seen(struck(0), again(1)), "faults.struck") is Verdict.PASS


def test_retry_after_is_waited_for():
    """To the next call of the same kind."""
    assert red(seen(struck(0), again(1.0))) == []
    found = failing(seen(struck(0), again(0.5)))["faults.retry-after"]
    assert (found.expected, found.actual) == ("at least 1 s", "0.50 s")


def test_an_injected_refusal_is_no_missing_right():
    """The Role isn't to blame for what the tap says."""
    words = b'{"message": "jobs.batch is forbidden: User x cannot create"}'
    refused = call("POST", JOBS, 403, response=words, injected=True)
    assert "rbac.denied" not in red(well(calls=(refused,)))
    real = call("POST", JOBS, 403, response=words)
    assert "rbac.denied" in red(well(calls=(real,)))


def test_a_struck_call_may_be_made_again():
    """Two calls more for each, and it costs none itself."""
    calls = (struck(0), *(again(1) for _ in range(10)))
    assert red(seen(*calls)) == []
    assert red(seen(*calls, again(2))) == ["calls.budget"]
