"""The model of a report: frozen data that is ``report.json`` when it is dumped.

Cells hold all that a page or a terminal shows of them; no secret value is in here
(see ``redact``).
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..expectations.finding import Finding, Verdict, worst
from ..parity.comparison import Difference
from ..preflight.model import Masked
from .redact import total

SCHEMA_VERSION = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """Something that happened, on the one time axis of a cell."""

    at_s: float
    """Seconds since the wrapper was started."""
    lane: str
    """``row``, ``worker``, ``api``, ``event`` or ``wrapper``."""
    what: str
    detail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Right:
    """One right of the wrapper: used, granted, or both."""

    verb: str
    group: str
    resource: str
    used: int
    refused: int
    granted: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CellReport:
    """One cell, with all that its part of the page shows."""

    id: str
    scenario: str
    description: str
    tags: tuple[str, ...]
    backend: str
    environment: str
    proof: str
    subject: str
    verdict: Verdict
    duration_s: float
    findings: tuple[Finding, ...]
    repeat: str
    """The command that runs this cell alone."""
    earlier: tuple[tuple[Finding, ...], ...] = ()
    """What failed in looks before this one, which counts (``--look-again``)."""
    skipped: str = ""
    """Why it was not run."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What is compared between the backends, field by field."""
    timeline: tuple[Moment, ...] = ()
    rights: tuple[Right, ...] = ()
    logs: Mapping[str, str] = field(default_factory=dict)
    """By whose they are: worker, wrapper, stand-in, cluster events."""
    row: Mapping[str, Any] = field(default_factory=dict)
    masked: tuple[Masked, ...] = ()
    """The secret values that were taken out of the above."""

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The findings that are neither passed nor beside the point."""
        bad = (Verdict.FAIL, Verdict.ERROR, Verdict.NOT_PROVEN)
        return tuple(one for one in self.findings if one.verdict in bad)


@dataclass(frozen=True, kw_only=True, slots=True)
class ParityReport:
    """One scenario's two backends beside each other."""

    scenario: str
    docker: str
    """The cell's id."""
    kubernetes: str
    proof: str
    verdict: Verdict
    fields: int
    """So many were compared."""
    differences: tuple[Difference, ...]
    """The known ones too."""
    findings: tuple[Finding, ...]

    @property
    def id(self) -> str:
        """Unique in a run."""
        return f"{self.scenario}-parity-{self.proof}"

    @property
    def known(self) -> tuple[str, ...]:
        """The rows of the table of known differences that were needed."""
        return tuple(dict.fromkeys(one.known for one in self.differences if one.known))

    @property
    def unexplained(self) -> tuple[Difference, ...]:
        """The differences that no row explains."""
        return tuple(one for one in self.differences if not one.known)


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentReport:
    """An environment that took part, or why it didn't."""

    name: str
    proof: str
    description: Mapping[str, str]
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A run."""

    verdict: Verdict
    began: datetime
    took_s: float
    command: str
    subject: Mapping[str, str]
    environments: tuple[EnvironmentReport, ...]
    fingerprint: Mapping[str, str]
    cells: tuple[CellReport, ...]
    interrupted: bool = False
    ready_s: float = 0.0
    """Seconds of it until the first cells began."""
    parity: tuple[ParityReport, ...] = ()
    """Of scenarios that ran on both backends."""
    schema_version: int = SCHEMA_VERSION

    @property
    def verdicts(self) -> set[Verdict]:
        """Of all cells, and of the pairs of them."""
        return {one.verdict for one in self.cells} | {
            one.verdict for one in self.parity
        }

    @property
    def unsteady(self) -> tuple[CellReport, ...]:
        """The cells that passed only when they were looked at again."""
        return tuple(
            cell
            for cell in self.cells
            if cell.earlier and cell.verdict not in (Verdict.FAIL, Verdict.ERROR)
        )

    @property
    def masked(self) -> tuple[Masked, ...]:
        """The secret values that were taken out, of all cells."""
        return total(one for cell in self.cells for one in cell.masked)

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many cells have which verdict."""
        return {
            verdict: sum(cell.verdict is verdict for cell in self.cells)
            for verdict in Verdict
        }


def overall(
    cells: Iterable[CellReport],
    *,
    interrupted: bool,
    parity: Iterable[ParityReport] = (),
) -> Verdict:
    """A run has the worst of its cells and pairs; none at all prove nothing."""
    verdict = worst([*(one.verdict for one in cells), *(one.verdict for one in parity)])
    if verdict in (Verdict.NOT_APPLICABLE, Verdict.SKIPPED) or (
        interrupted and verdict is Verdict.PASS
    ):
        return Verdict.NOT_PROVEN
    return verdict


def as_json(value: Any) -> Any:
    """A part of the model as JSON data."""
    if isinstance(value, Verdict):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            one.name: as_json(getattr(value, one.name))
            for one in dataclasses.fields(value)
        }
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    return value
