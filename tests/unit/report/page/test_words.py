"""The sentence that a run comes down to."""

import dataclasses

import pytest

from harness.expectations.finding import Verdict
from harness.report.page.words import headline, seconds, sentence, simulation

from .. import given, samples


def of(*cells):
    """A run of these cells."""
    return samples.report(cells)


SIMULATED = given.cell("a", "docker")
REAL = given.cell("b", "kubernetes", given.KIND)
FAILED = given.cell("c", "kubernetes", given.SIMULATED, given.denied())
UNPROVEN = given.cell(
    "d",
    "docker",
    given.SIMULATED,
    given.finding("worker.io", Verdict.NOT_PROVEN),
)
SKIPPED = given.skipped("e", "docker", given.SIMULATED, "It needs rbac.")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([SIMULATED], "Passed in simulation"),
        ([REAL], "Passed"),
        ([SIMULATED, REAL], "Passed, partly in simulation"),
        ([SIMULATED, FAILED], "Failed"),
        ([REAL, UNPROVEN], "Not proven"),
        ([], "Not proven"),
    ],
)
def test_a_headline_keeps_simulated_and_real_apart(cells, expected):
    """Only a run that was real throughout is just passed."""
    assert headline(of(*cells)) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([SIMULATED], "The one cell passed."),
        ([SIMULATED, REAL], "All 2 cells passed."),
        ([SIMULATED, SKIPPED], "1 of 2 cells passed, 1 skipped."),
        ([SIMULATED, FAILED], "1 of 2 cells failed, in c."),
        (
            [SIMULATED, UNPROVEN],
            "Nothing failed, but 1 of 2 cells could not be proven, in d.",
        ),
        ([SKIPPED], "Of 1 cell, none failed: 1 skipped."),
        ([], "No cell was run, so nothing is proven."),
    ],
)
def test_a_sentence_says_what_came_out(cells, expected):
    """With the scenarios' names where they are one or two."""
    assert sentence(of(*cells)) == expected


def test_an_interruption_is_said():
    """What was left out isn't passed."""
    run = dataclasses.replace(of(SIMULATED, SKIPPED), interrupted=True)
    assert "interrupted" in sentence(run)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([SIMULATED], "no real Docker Engine took part"),
        ([SIMULATED, REAL], "1 of 2 cells simulated, the others real"),
        ([REAL], ""),
        ([SKIPPED], ""),
    ],
)
def test_what_was_simulated_is_said(cells, expected):
    """And nothing where all was real."""
    assert simulation(of(*cells)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0214, "0.021 s"), (3.21, "3.2 s"), (99.9, "99.9 s"), (247.0, "4 min 7 s")],
)
def test_a_duration_is_readable(value, expected):
    """In the unit that fits."""
    assert seconds(value) == expected
