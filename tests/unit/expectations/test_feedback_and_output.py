"""Feedback and log, as the row has them."""

from typing import Any

import pytest

from harness.expectations.feedback_and_output import KEPT_AT_LEAST
from harness.expectations.finding import Verdict

from .well import LINE, failing, log, red, verdict, well

LONG = "".join(f"line {number:06d} of a long log\n" for number in range(25_000))


@pytest.mark.parametrize(
    "feedback", [{}, {"steps": []}, None, [1], "text"], ids=lambda value: repr(value)
)
def test_feedback_without_an_exit_code(feedback: Any):
    """Or that is no object at all."""
    assert "row.feedback" in red(well(feedback=feedback))


@pytest.mark.parametrize("missing", ["error", "error_origin"])
def test_a_failure_says_what_and_whose(missing: str):
    """Both keys, or QFieldCloud shows nothing."""
    told = {"container_exit_code": 0, "error": "E", "error_origin": "container"}
    row = {"status": "failed"}
    assert "row.feedback" not in red(well(row=row | {"feedback": told}))
    del told[missing]
    seen = well(row=row, feedback=told)
    assert "row.feedback" in red(seen)


def steps(*stages: tuple[str, int]):
    """A job that should have two steps, and the stages it has."""
    told = [{"id": name, "stage": stage} for name, stage in stages]
    return well(
        feedback={"container_exit_code": 0, "steps": told},
        scenario={"expect": {"steps": ["start", "upload"]}},
    )


def test_steps_are_all_completed():
    """One that is missing or not done is shown with the others."""
    assert red(steps(("start", 2), ("upload", 2))) == []
    assert red(steps(("start", 2))) == ["feedback.steps"]
    found = failing(steps(("start", 2), ("upload", 1)))["feedback.steps"]
    assert found.actual == "start 2, upload 1"


@pytest.mark.parametrize("output", ["", None, "INFO another line\n", LINE[:20]])
def test_a_line_that_is_missing_from_the_output(output: str | None):
    """It is shown, with how many there are."""
    found = failing(well(row={"output": output}))
    assert list(found) == ["output.whole"]
    assert LINE in found["output.whole"].actual
    assert found["output.whole"].message == "1 lines of the log are missing."


def test_a_long_line_that_is_missing():
    """One of 300 kB too; of which only the beginning is shown."""
    long = log(f"{LINE}\n{'x' * 300_000}\n")
    assert red(well(worker={"log": long}, row={"output": long.text})) == []
    found = failing(well(worker={"log": long}, row={"output": f"{LINE}\n"}))
    assert list(found) == ["output.whole"]
    assert len(found["output.whole"].actual) < 300


def test_a_line_that_is_there_twice():
    """The wrapper may add lines of its own, but none of the worker's."""
    assert red(well(row={"output": f"{LINE}\nnote\nnote\n"})) == []
    found = failing(well(row={"output": f"{LINE}\nnote\n{LINE}\n"}))
    assert list(found) == ["output.once"]
    assert LINE in found["output.once"].actual
    twice = log(f"{LINE}\n{LINE}\n")
    assert red(well(worker={"log": twice}, row={"output": f"{LINE}\n{LINE}"})) == []


def test_bytes_that_are_no_text_are_not_compared():
    """A wrapper may show them as it likes."""
    odd = log("", head=b"\xff\xfe\x00\n" + LINE.encode(), size=4 + len(LINE))
    assert red(well(worker={"log": odd}, row={"output": f"???\n{LINE}"})) == []


def test_a_log_that_could_not_be_followed_proves_nothing():
    """Whatever the output holds."""
    for unseen in (None, log(LINE, whole=False)):
        assert verdict(well(worker={"log": unseen}), "output.whole") is (
            Verdict.NOT_PROVEN
        )


def test_a_worker_that_never_ran_has_no_log():
    """Nor where the scenario doesn't ask for all of it."""
    never = well(worker={"started_at": None}, row={"output": ""})
    assert verdict(never, "output.whole") is Verdict.NOT_APPLICABLE
    expect = {"expect": {"output_whole": False}}
    unasked = well(scenario=expect, row={"output": ""})
    assert verdict(unasked, "output.whole") is Verdict.NOT_APPLICABLE


def cut(mark: str, kept: int = KEPT_AT_LEAST):
    """A long log of which the output has head and tail."""
    output = f"{LONG[:kept]}\n{mark}\n{LONG[-kept:]}"
    return well(worker={"log": log(LONG)}, row={"output": output})


def test_a_long_log_may_be_cut_in_its_middle_if_it_says_so():
    """Head and tail are kept, and a line tells what isn't."""
    assert len(LONG) > 2 * KEPT_AT_LEAST
    assert red(cut("… 150000 bytes were left out …")) == []
    assert red(cut("")) == ["output.says-cut"]


def test_too_much_may_not_be_cut():
    """Lines that have to be there are missing then."""
    assert red(cut("… the rest is left out …", kept=1000)) == ["output.whole"]
    tail_only = well(
        worker={"log": log(LONG)}, row={"output": f"cut\n{LONG[-KEPT_AT_LEAST:]}"}
    )
    assert red(tail_only) == ["output.whole"]


def test_expected_output():
    """What it has to hold, and what it must not."""
    for key, good, bad in (
        ("output_contains", "trees read", "towns read"),
        ("output_lacks", "towns read", "trees read"),
    ):
        assert red(well(scenario={"expect": {key: [good]}})) == []
        assert red(well(scenario={"expect": {key: [bad]}})) == ["expect.output"]
