"""Facts beside each other: equal, known, or neither."""

import pytest

from harness.parity.comparison import compare, same

from .test_known import ROW


def test_each_difference_is_found_and_explained_or_not():
    """A field that one side lacks differs too."""
    left = {"row.status": "finished", "worker.env A": "<token>", "uid": "0"}
    right = {"row.status": "failed", "uid": "0", "new": "1"}
    found = compare(left, right, [ROW], "worker-given")
    assert found.fields == 4
    assert {one.field: one.known for one in found.differences} == {
        "row.status": "",
        "worker.env A": "row",
        "new": "",
    }
    assert [one.field for one in found.unexplained] == ["row.status", "new"]


@pytest.mark.parametrize(
    ("left", "right", "agree"),
    [("0.5", "9.0", True), ("0.5", "80.0", False), ("40.0", "170.0", True)],
)
def test_times_agree_within_their_class(left, right, agree):
    """Machines are slower or faster; a minute more is another thing."""
    assert same("times.whole, seconds", left, right) is agree
    assert same("times.whole, seconds", right, left) is agree


def test_only_times_have_classes():
    """A number elsewhere is equal or not."""
    assert not same("probe.limit memory", "1048576000", "1048576001")


def test_a_time_that_is_missing_differs():
    """It isn't a class of its own."""
    assert not same("times.whole, seconds", None, "1.0")
