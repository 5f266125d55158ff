"""The parts of a cell, as text."""

import dataclasses

import pytest

from harness.report.html import html
from harness.report.page.budget import LOG_LIMIT

from .. import given, samples
from ..reading import Page, words


def page(cell) -> Page:
    """Of a run of this one cell."""
    return Page(html(samples.report([cell])))


def cell(**more):
    """A cell whose right is refused."""
    made = given.cell("a", "kubernetes", given.SIMULATED, given.denied())
    return dataclasses.replace(made, **more)


def test_the_timeline_is_drawn_and_told():
    """As many marks as rows of the table, in the same order."""
    made = page(cell())
    marks = [one for one in made.all("rect") if one.attributes.get("class")]
    lanes = [one.attributes["class"].split()[0] for one in marks]
    assert lanes == [one.lane for one in cell().timeline]
    assert "403 pods is forbidden" in made.one("div", class_="timeline").text


def test_a_refused_right_is_open_and_first():
    """Used, granted and refused are counted."""
    rights = page(cell()).one("details", class_="rights")
    assert "open" in rights.attributes
    said = words(rights.text)
    assert said.startswith("RBAC 5 used, 6 granted, 1 refused")
    assert "Says pods/loggetno·1refused" in said
    assert "jobs.batchgetyes··not used here" in said


def test_logs_are_closed_and_say_their_size():
    """A log that says the same as another isn't repeated."""
    made = page(cell())
    logs = made.one("div", class_="logs")
    assert "12 lines, 745 characters" in logs.text
    assert "output in the row: the same as worker qfc-4f2a-x7" in logs.text
    inside = [
        one
        for one in made.all("details")
        if one.text.startswith(("worker qfc", "wrapper, process"))
    ]
    assert len(inside) == 2
    assert not [one for one in inside if "open" in one.attributes]


def test_a_long_log_is_cut_with_its_length():
    """Beginning, end, and how much is between."""
    text = "begin " + "x" * 100_000 + " end"
    (log,) = page(cell(logs={"worker": text}, row={})).all("pre")
    assert log.text.startswith("\nbegin ")
    assert log.text.endswith(" end")
    left_out = len(text) - LOG_LIMIT
    assert f"… {left_out:,} characters are left out of the page here …" in log.text


def test_the_row_is_json():
    """As it is in the model."""
    (row,) = page(cell(logs={}, row={"id": "4f", "feedback": {"a": [1]}})).all("pre")
    assert words(row.text) == '{ "id": "4f", "feedback": { "a": [ 1 ] } }'


def test_what_passed_is_folded_with_its_count():
    """Each check with what was seen."""
    made = page(cell())
    passed = made.one("details", class_="passed")
    assert "open" not in passed.attributes
    count = len(cell().findings) - 1
    assert words(passed.text).startswith(f"{count} passed checks")
    assert "row.status" in passed.text
    assert passed.text.count("as set") == count


@pytest.mark.parametrize("part", ["timeline", "rights", "logs", "row", "facts"])
def test_an_empty_part_is_not_there(part):
    """No heading without content."""
    empty = {"timeline": (), "rights": ()}.get(part, {})
    made = page(cell(**{part: empty}))
    assert not [
        one
        for one in made.elements
        if part in one.attributes.get("class", "").split()
        and one.tag in ("div", "details")
    ]


def test_facts_that_differ_are_marked_and_counted():
    """In words, not by colour alone."""
    cells = [given.cell("a", backend) for backend in samples.BACKENDS]
    facts = Page(html(samples.report(cells))).one("details", class_="facts")
    assert "2 of 7 fields differ, 1 of them as known" in words(facts.text)
    assert facts.text.count("≠ differs") == 1
    assert "more, equal or known to differ" in words(facts.text)
