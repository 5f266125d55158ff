"""What a run's report comes to as an exit code."""

from ..expectations.finding import Verdict
from .cell import LOST
from .model import CellReport, Report

INTERRUPTED = 130
WORST_FIRST = (INTERRUPTED, 2, 4, 3, 1, 0)
"""Which exit code is given where several hold."""


def is_lost(cell: CellReport) -> bool:
    """Whether its environment went away before it was done."""
    return any(finding.check == LOST for finding in cell.findings)


def exit_code(report: Report, *, require_real: bool = False) -> int:
    """0 all passed · 1 a check failed · 3, 4, 130: see the README."""
    verdicts = report.verdicts
    lost = any(is_lost(cell) for cell in report.cells)
    holding = {
        INTERRUPTED: report.interrupted,
        4: (Verdict.ERROR in verdicts and not lost) or not verdicts,
        3: lost or (require_real and Verdict.SKIPPED in verdicts),
        1: Verdict.FAIL in verdicts,
    }
    return next((code for code in WORST_FIRST if holding.get(code)), 0)
