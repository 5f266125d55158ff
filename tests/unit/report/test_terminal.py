"""The report on a terminal."""

import dataclasses
import io

from rich.console import Console

from harness.expectations.finding import Verdict
from harness.report import terminal
from harness.report.model import CellReport, Report, overall

from . import samples
from .given import KIND, cell, finding

FAILED = finding("row.status", Verdict.FAIL, expected="finished", actual="failed")


def printed(report: Report) -> str:
    """What a wide terminal without colours shows."""
    console = Console(file=io.StringIO(), width=160, color_system=None)
    terminal.print_report(console, report, page="here/report.html")
    return console.file.getvalue()  # type: ignore[attr-defined]


def run(*cells: CellReport) -> Report:
    """A run of cells, with the verdict that they give."""
    verdict = overall(cells, interrupted=False)
    return samples.report(cells, verdict=verdict)


def test_a_column_for_each_backend_and_environment():
    """And a row for each scenario; what there is no cell for stays empty."""
    lines = printed(
        run(
            cell("package-trees", "docker"),
            cell("package-trees", "kubernetes"),
            cell("memory-limit", "kubernetes", KIND),
        )
    ).splitlines()
    assert lines[0].split() == ["docker", "kubernetes", "kubernetes"]
    assert lines[1].split() == ["scenario", "simulated", "simulated", KIND]
    assert lines[2].split() == [
        *("package-trees", "✔", "passed", "1.7", "s"),
        *("✔", "passed", "2.3", "s"),
    ]
    assert lines[3].split() == ["memory-limit", "✔", "passed", "2.3", "s"]


def test_a_repeated_cell_shows_its_worst():
    """With how many of all had it: the last one must not hide the others."""
    good = cell("package-trees", "docker")
    slow = dataclasses.replace(good, duration_s=9.26)
    bad = cell("package-trees", "docker", "simulated", FAILED)
    text = printed(run(slow, bad, good))
    assert "✘ failed 9.3 s (1 of 3)" in text
    assert "✔ passed 9.3 s (2 of 2)" in printed(run(slow, good))


def test_a_failure_is_explained():
    """Expected, actual, why, what to do, and how to repeat it."""
    bad = cell("package-trees", "docker", "simulated", FAILED)
    text = printed(run(bad))
    assert "FAIL row.status: " in text
    assert "expected: finished" in text
    assert "actual:   failed" in text
    assert "why:  " in text
    assert "fix:  " in text
    assert f"repeat:   {bad.repeat}" in text


def test_markup_in_a_text_is_no_markup():
    """What a worker wrote is shown as it is."""
    hostile = dataclasses.replace(FAILED, actual="[red]x[/blue] [link=y]")
    text = printed(run(cell("package-trees", "docker", "simulated", hostile)))
    assert "[red]x[/blue] [link=y]" in text


def test_what_is_not_proven_is_said_once():
    """With its reason and all the checks that it holds for."""
    why = "There are no namespaces here."
    unproven = [
        finding(check, Verdict.NOT_PROVEN, message=why)
        for check in ("worker.io", "worker.grids")
    ]
    text = printed(
        run(*(cell("package-trees", one, "simulated", *unproven) for one in BOTH))
    )
    assert text.count(why) == 1
    assert "worker.grids, worker.io: There" in text
    assert "? not proven: 2 not proven in" in text


BOTH = ("docker", "kubernetes")


def test_the_last_lines_are_verdict_and_page():
    """What a person looks at first."""
    bad = cell("package-trees", "docker", "simulated", FAILED)
    *_, verdict, page = printed(run(bad, cell("memory-limit", "docker"))).splitlines()
    assert verdict == "✘ failed: 1 passed, 1 failed in 41.3 s"
    assert page == "Report: here/report.html"


def test_an_interrupted_run_says_so():
    """It is no run that passed."""
    text = printed(samples.interrupted())
    assert "? not proven: " in text
    assert text.splitlines()[-2].endswith(", interrupted")


def test_what_passed_only_at_a_second_look_is_said():
    """With what had failed, and in the line of the verdict."""
    again = dataclasses.replace(
        cell("package-trees", "kubernetes", KIND), earlier=((FAILED,),)
    )
    words = printed(run(again))
    assert "passed at look 2" in words
    assert "FAIL row.status" in words
    assert "1 of them only at a second look" in words
