"""The page of failure modes: fresh, and each mode is shown or has its reason."""

import re

import pytest

from harness.scenario.failure_modes import DEFECTS, MODES, Mode

from . import failure_modes

EVERY = (*MODES, *DEFECTS)


def test_the_page_is_fresh():
    """`python tests/quality/failure_modes.py`."""
    there = failure_modes.PAGE.read_text(encoding="utf-8")
    fresh = there == failure_modes.page()
    command = failure_modes.COMMAND
    assert fresh, f"docs/failure-modes.md is stale. Write it anew: {command}"


@pytest.mark.parametrize("mode", EVERY, ids=lambda mode: mode.tag)
def test_a_mode_is_shown(mode: Mode):
    """One with its tag, or a reason why there can be none."""
    assert mode.tag in failure_modes.by_tag() or mode.without


def test_the_list_is_whole():
    """Without a gap, so that none falls out unseen."""
    assert [mode.tag for mode in MODES] == [f"fm-{n}" for n in range(1, 47)]
    assert [mode.tag for mode in DEFECTS] == [f"d-{n}" for n in range(1, 13)]


def test_tags_are_of_modes_that_there_are():
    """A scenario of `fm-99`, or of `fm-D1` for `d-1`, would stand nowhere."""
    known = {mode.tag for mode in EVERY}
    tags = {tag for tag in failure_modes.by_tag() if re.match(r"fm-|d-\d", tag)}
    assert tags <= known, tags - known


def test_a_row_says_where_it_is_shown_and_how_it_ends():
    """Several scenarios share a mode's words; without one there is its reason."""
    mode = Mode("fm-0", "It breaks.", "It is mended.", "Nobody can show it.")
    assert failure_modes.rows(mode, []).endswith(
        "| none: Nobody can show it. |  |  |\n"
    )
    shown = failure_modes.by_tag()["fm-22"]
    first, *others = failure_modes.rows(mode, shown).splitlines()
    assert "(../scenarios/cluster/" in first
    assert "| simulated" in first
    assert len(others) == len(shown) - 1
    assert all(one.startswith("| | | | [") for one in others)
    told = {failure_modes.outcome(scenario) for _, scenario in shown}
    assert "failed `NODE_LOST`" in told
