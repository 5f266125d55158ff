"""A failed cell that is looked at again."""

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from report.given import cell, finding

from harness import run, settings
from harness.expectations.finding import Verdict
from harness.report.model import CellReport, Report
from harness.scenario.schema import BACKENDS, Backend

FAILED = finding("row.status", Verdict.FAIL)
BAD = cell("timeout", "docker", "simulated", FAILED)
GOOD = cell("timeout", "docker")


class Looks:
    """A session whose one cell gives these reports, one after the other."""

    started: Mapping[str, Any] = {}

    def __init__(self, *reports: CellReport) -> None:
        self.left = list(reports)

    def run_cell(self, _cell: Any, _subject: Any) -> CellReport:
        """The next."""
        return self.left.pop(0)


def report_of(
    monkeypatch: pytest.MonkeyPatch,
    look_again: int,
    *reports: CellReport,
    backends: tuple[Backend, ...] = ("docker",),
) -> Report:
    """What a run reports whose cells give these, look by look."""
    looks = Looks(*reports)

    @contextmanager
    def session(*_: Any) -> Iterator[Looks]:
        yield looks

    monkeypatch.setattr(run, "open_session", session)
    options = run.Options(
        expression="timeout and not ignores and contract",
        backends=backends,
        at_once=1,
        look_again=look_again,
    )
    report = run.run(options, settings.from_environ(), lambda *_: None)
    assert not looks.left
    return report


def test_the_last_look_counts_and_the_first_is_kept(monkeypatch: pytest.MonkeyPatch):
    """Passed, with what had failed before."""
    report = report_of(monkeypatch, 1, BAD, GOOD)
    assert report.verdict is Verdict.PASS
    assert report.cells[0].earlier == ((FAILED,),)


def test_what_fails_each_time_has_failed(monkeypatch: pytest.MonkeyPatch):
    """All looks are kept."""
    report = report_of(monkeypatch, 2, BAD, BAD, BAD)
    assert report.verdict is Verdict.FAIL
    assert report.cells[0].earlier == ((FAILED,), (FAILED,))


@pytest.mark.parametrize(("looks", "seen"), [(3, GOOD), (0, BAD)])
def test_who_needs_no_other_look_gets_none(
    monkeypatch: pytest.MonkeyPatch, looks: int, seen: CellReport
):
    """What passed, and what failed where nobody asked for more looks."""
    report = report_of(monkeypatch, looks, seen)
    assert report.cells == (seen,)


def _pair(docker: str, kubernetes: str) -> list[CellReport]:
    return [
        dataclasses.replace(cell("timeout", backend), facts={"row.status": status})
        for backend, status in (("docker", docker), ("kubernetes", kubernetes))
    ]


def test_cells_that_differ_are_looked_at_again(monkeypatch: pytest.MonkeyPatch):
    """Each passed by itself; what differed is kept."""
    looks = [*_pair("failed", "started"), *_pair("failed", "failed")]
    report = report_of(monkeypatch, 1, *looks, backends=BACKENDS)
    assert report.verdict is Verdict.PASS
    for one in report.cells:
        ((differed,),) = one.earlier
        assert (differed.check, differed.where) == ("parity.fields", "row.status")


def test_cells_that_go_on_to_differ_have_failed(monkeypatch: pytest.MonkeyPatch):
    """The verdict is the last look's."""
    looks = [*_pair("failed", "started")] * 2
    report = report_of(monkeypatch, 1, *looks, backends=BACKENDS)
    assert report.verdict is Verdict.FAIL
