"""Docker beside Kubernetes, as the page shows it: what is not known first."""

from collections import Counter
from dataclasses import dataclass

from ...parity import table
from ...parity.comparison import Difference
from ...parity.known import Known
from ..model import ParityReport, Report

MOST = 100
"""Differences that the page shows; report.json has all of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownView:
    """A row of the table of known differences, and how often it was needed."""

    row: Known
    scenarios: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ParityView:
    """All pairs of a run."""

    pairs: int
    fields: int
    bad: tuple[tuple[ParityReport, Difference], ...]
    """What no row explains; the first ones."""
    left_out: int
    known: tuple[KnownView, ...]

    @property
    def differing(self) -> int:
        """Differences that no row explains."""
        return len(self.bad) + self.left_out


def parity_view(report: Report) -> ParityView:
    """Of a run; without pairs, the page has no such part."""
    bad = [(pair, one) for pair in report.parity for one in pair.unexplained]
    counts = Counter(name for pair in report.parity for name in pair.known)
    return ParityView(
        pairs=len(report.parity),
        fields=sum(pair.fields for pair in report.parity),
        bad=tuple(bad[:MOST]),
        left_out=max(0, len(bad) - MOST),
        known=tuple(
            KnownView(row=row, scenarios=counts[row.id])
            for row in table.KNOWN
            if counts[row.id]
        ),
    )
