"""A row of the table excuses the difference that it is about, and no other."""

import dataclasses

import pytest

from harness.parity.known import Known, unused

ROW = Known(
    id="row",
    fields=("worker.env *",),
    left="<token>",
    right=r"\(none\)",
    what="",
    reason="",
    link="",
    seen_in="worker-given",
)
LEFT = {"worker.env A": "<token>", "probe.env A": "1"}
RIGHT = {"probe.env A": "1"}


def explains(row: Known, left=LEFT, right=RIGHT, name="a") -> bool:
    return row.explains("worker.env A", left, right, name)


def test_a_difference_it_names_is_explained():
    """Both values match; a side without the field is ``(none)``."""
    assert explains(ROW)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"worker.env A": "<token> and more"}, {}),
        ({"worker.env A": "<token>"}, {"worker.env A": "x"}),
        ({}, {"worker.env A": "<token>"}),
    ],
    ids=["left-differs", "right-differs", "other-way-round"],
)
def test_another_value_is_not_explained(left, right):
    """A pattern has to match from beginning to end."""
    assert not explains(ROW, left, right)


def test_another_field_is_not_explained():
    """Even with the same values."""
    assert not ROW.explains("worker.label A", LEFT, RIGHT, "a")


def test_only_in_its_own_cells():
    """Elsewhere the same difference is one too many."""
    row = dataclasses.replace(ROW, only_in=("b",))
    assert explains(row, name="b")
    assert not explains(row, name="a")


def test_only_while_another_field_is_equal():
    """The star of ``unless`` is what the field's star stood for."""
    row = dataclasses.replace(ROW, unless="probe.env *")
    assert explains(row)
    assert not explains(row, right={"probe.env A": "2"})


def test_rows_that_nothing_needs_are_told():
    """So that the table doesn't outlive its reasons."""
    assert unused([ROW], []) == [ROW]
    assert unused([ROW], ["row"]) == []
