"""Verdicts, results, and what a finding shows of a value."""

import pytest

from harness.expectations import finding
from harness.expectations.finding import LONGEST, Verdict, equal, shown, worst


def test_the_worst_verdict_is_a_cells():
    """In the order from good to bad."""
    assert worst([Verdict.PASS, Verdict.FAIL, Verdict.NOT_PROVEN]) is Verdict.FAIL
    assert worst([Verdict.ERROR, Verdict.FAIL]) is Verdict.ERROR
    assert worst([Verdict.PASS, Verdict.NOT_PROVEN]) is Verdict.NOT_PROVEN
    assert worst([Verdict.SKIPPED, Verdict.PASS]) is Verdict.PASS
    assert worst([]) is Verdict.NOT_APPLICABLE


def test_two_checks_have_two_names():
    """A name that is taken would hide the first one."""
    with pytest.raises(ValueError, match=r"two checks are called row\.status"):
        finding.check("row.status", "x", why="y", fix="z")(lambda seen: iter(()))


def test_equal_compares():
    """And keeps both sides."""
    good, bad = equal(1, 1, "here"), equal(1, 2, "there", message="odd")
    assert good.ok
    assert not bad.ok
    assert (bad.expected, bad.actual, bad.where, bad.message) == (1, 2, "there", "odd")


def test_a_long_value_is_cut_in_the_middle():
    """Its beginning, its end and its length are left."""
    text = "a" * 5000 + "z" * 5000
    cut = shown(text)
    assert len(cut) < LONGEST
    assert cut.startswith("aaa")
    assert cut.endswith("zzz")
    assert "10000 characters" in cut
    assert shown("short") == "short"
    assert shown(None) == "None"
