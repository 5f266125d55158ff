"""Moments on lanes over one time axis."""

import pytest

from harness.report.model import Moment
from harness.report.page.time_axis import time_axis


def moment(at_s, lane="row", seconds=0.0, detail=""):
    """One that is worth nothing else."""
    return Moment(at_s=at_s, lane=lane, what="x", seconds=seconds, detail=detail)


def test_the_axis_goes_from_the_first_moment_to_the_last_ones_end():
    """What was before the wrapper's start has a place, too."""
    axis = time_axis([moment(-1.0), moment(0.0), moment(1.0, seconds=2.0)])
    assert axis.span_s == 4.0
    assert [(mark.x, mark.width) for mark in axis.marks] == [(0, 0), (25, 0), (50, 50)]


def test_the_axis_begins_with_the_wrapper():
    """If nothing was before it."""
    assert time_axis([moment(1.0), moment(2.0)]).marks[0].x == 50


def test_lanes_go_from_cause_to_effect():
    """Those that are there; an unknown one comes last."""
    axis = time_axis([moment(0, "row"), moment(1, "zebra"), moment(2, "api")])
    assert axis.lanes == ("api", "row", "zebra")
    assert [mark.lane for mark in axis.marks] == [1, 2, 0]


@pytest.mark.parametrize(
    ("lane", "detail", "bad"),
    [
        ("api", "200", False),
        ("api", "403 pods is forbidden", True),
        ("api", "500", True),
        ("api", "0", True),
        ("api", "4031 bytes", False),
        ("worker", "403", False),
    ],
)
def test_a_call_that_was_refused_stands_out(lane, detail, bad):
    """Also one whose connection ended without an answer."""
    assert time_axis([moment(0, lane, detail=detail)]).marks[0].bad is bad


@pytest.mark.parametrize("end", [0.0, 0.004, 0.7, 1.5, 8.0, 59.9, 3600.0])
def test_ticks_are_few_and_round(end):
    """Whatever the span; within the axis."""
    axis = time_axis([moment(0.0), moment(end)])
    assert 2 <= len(axis.ticks) <= 9
    assert all(0 <= x <= 100.01 for x, _ in axis.ticks)
    steps = {label.split(" ")[0].strip("0.") or "0" for _, label in axis.ticks[:2]}
    assert steps <= {"0", "1", "2", "5"}
    assert len({label for _, label in axis.ticks}) == len(axis.ticks)
