"""A failed cell that is looked at again."""

from typing import Any

from report.given import cell, finding

from harness import run
from harness.expectations.finding import Verdict
from harness.report.model import CellReport

FAILED = finding("row.status", Verdict.FAIL)
BAD = cell("timeout", "docker", "simulated", FAILED)
GOOD = cell("timeout", "docker")


class Looks:
    """A session whose one cell gives these reports, one after the other."""

    def __init__(self, *reports: CellReport) -> None:
        self.left = list(reports)

    def run_cell(self, _cell: Any, _subject: Any) -> CellReport:
        """The next."""
        return self.left.pop(0)


def again(seen: CellReport, *reports: CellReport) -> CellReport:
    """What comes of one more look."""
    session: Any = Looks(*reports)
    return run._again(session, Any, Any, seen, lambda *_: None)  # type: ignore[arg-type]


def test_the_last_look_counts_and_the_first_is_kept():
    """Passed, with what had failed before."""
    report = again(BAD, GOOD)
    assert report.verdict is Verdict.PASS
    assert report.earlier == ((FAILED,),)


def test_what_fails_each_time_has_failed():
    """All looks are kept."""
    report = again(again(BAD, BAD), BAD)
    assert report.verdict is Verdict.FAIL
    assert report.earlier == ((FAILED,), (FAILED,))


def test_what_passed_is_not_looked_at_again():
    """The session isn't asked."""
    assert again(GOOD) is GOOD
