"""The report in the order in which the page shows it: what failed comes first."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ...expectations.finding import Finding, Verdict, worst
from ...parity import parity
from ...parity.comparison import same
from ..model import CellReport, Report
from .plain_text import clip
from .words import BAD, SIMULATED, WORDS

TO_READ = (*BAD, Verdict.NOT_PROVEN, Verdict.SKIPPED)
"""Findings that are shown open, with all they say."""
SHORT = (
    "row.status",
    "row.container_id",
    "feedback.container_exit_code",
    "feedback.error_type",
    "feedback.error_origin",
    "worker.exit_code",
    "worker.arguments",
    "worker.memory_limit",
    "worker.cpu_weight",
    "worker.cpu_cap",
    "worker.states",
    "times.whole, seconds",
)
"""Facts that are shown also where the backends agree."""
_UNFIT = re.compile(r"[^A-Za-z0-9_.-]+")


def fragment(name: str) -> str:
    """A name as a part of an address within the page."""
    return _UNFIT.sub("_", name)[:120]


class Anchors:
    """Addresses within the page: readable, unique, fit for an id and a URL."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, kind: str, name: str) -> str:
        """A new one, for example ``c-package-trees-docker-simulated``."""
        base = anchor = f"{kind}-{fragment(name)}"
        number = 1
        while anchor in self._taken:
            number += 1
            anchor = f"{base}~{number}"
        self._taken.add(anchor)
        return anchor


@dataclass(frozen=True, kw_only=True, slots=True)
class CellView:
    """A cell, its place in ``report.json`` and its address."""

    cell: CellReport
    number: int
    anchor: str
    to_read: tuple[Finding, ...]
    """From bad to good."""
    passed: tuple[Finding, ...]
    not_applicable: tuple[Finding, ...]

    @property
    def simulated(self) -> bool:
        """Whether it proves nothing of a real backend."""
        return self.cell.proof == SIMULATED

    @property
    def needs_a_look(self) -> bool:
        """Whether it is neither passed nor beside the point."""
        return self.cell.verdict in (*BAD, Verdict.NOT_PROVEN)

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that made it what it is, without repetition."""
        decisive = [one for one in self.to_read if one.verdict is self.cell.verdict]
        return tuple(dict.fromkeys(one.check for one in decisive))

    @property
    def gist(self) -> str:
        """Why it is not passed, on one line."""
        if not self.to_read:
            return ""
        first = self.to_read[0]
        return clip(first.message or first.actual or first.title, 200)

    @property
    def tally(self) -> str:
        """``2 failed, 48 passed``."""
        some = (*self.to_read, *self.passed)
        verdicts = [one.verdict for one in some]
        return ", ".join(
            f"{verdicts.count(verdict)} {WORDS[verdict]}"
            for verdict in (*TO_READ, Verdict.PASS)
            if verdict in verdicts
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """Of the matrix."""

    backend: str
    environment: str
    proof: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One field of all the cells of a scenario."""

    name: str
    values: tuple[str, ...]
    known: bool = False
    """Whether the table of known differences explains it."""

    @property
    def differs(self) -> bool:
        """Whether they don't agree, as parity has it: times of one class do.

        None and an empty text look alike here.
        """
        first, *others = (value or None for value in self.values)
        return self.known or any(not same(self.name, first, one) for one in others)

    @property
    def shown(self) -> bool:
        """Whether the page has it; report.json has all."""
        return self.name in SHORT or (self.differs and not self.known)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScenarioView:
    """A scenario and its cells."""

    name: str
    anchor: str
    description: str
    tags: tuple[str, ...]
    verdict: Verdict
    cells: tuple[CellView, ...]

    def at(self, column: Column) -> tuple[CellView, ...]:
        """Its cells in a column of the matrix: one as a rule."""
        place = (column.backend, column.environment)
        return tuple(
            one
            for one in self.cells
            if (one.cell.backend, one.cell.environment) == place
        )

    @property
    def compared(self) -> tuple[CellView, ...]:
        """The cells that have facts."""
        return tuple(one for one in self.cells if one.cell.facts)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Field by field over the cells that are compared."""
        some = [one.cell.facts for one in self.compared]
        names = dict.fromkeys(name for facts in some for name in facts)
        known = self._known()
        return tuple(
            Fact(
                name=name,
                values=tuple(facts.get(name, "") for facts in some),
                known=name in known,
            )
            for name in names
        )

    def _known(self) -> set[str]:
        """The fields whose difference is known, where there is one cell of each."""
        cells = {one.cell.backend: one.cell for one in self.compared}
        if len(self.compared) != 2 or set(cells) != {"docker", "kubernetes"}:
            return set()
        docker, kubernetes = cells["docker"].facts, cells["kubernetes"].facts
        found = parity.beside(docker, kubernetes, self.name).differences
        return {one.field for one in found if one.known}


def scenarios(report: Report) -> tuple[ScenarioView, ...]:
    """All of them, the worst first, what passed last, else in the order of the run."""
    anchors = Anchors()
    found: dict[str, list[CellView]] = {}
    for number, cell in enumerate(report.cells):
        found.setdefault(cell.scenario, []).append(_cell(cell, number, anchors))
    views = (
        ScenarioView(
            name=name,
            anchor=anchors.of("s", name),
            description=some[0].cell.description,
            tags=some[0].cell.tags,
            verdict=worst(one.cell.verdict for one in some),
            cells=tuple(some),
        )
        for name, some in found.items()
    )
    return tuple(
        sorted(views, key=lambda one: (one.verdict is Verdict.PASS, -one.verdict.rank))
    )


def _cell(cell: CellReport, number: int, anchors: Anchors) -> CellView:
    def having(*verdicts: Verdict) -> tuple[Finding, ...]:
        some = (one for one in cell.findings if one.verdict in verdicts)
        return tuple(sorted(some, key=lambda one: -one.verdict.rank))

    return CellView(
        cell=cell,
        number=number,
        anchor=anchors.of("c", cell.id),
        to_read=having(*TO_READ),
        passed=having(Verdict.PASS),
        not_applicable=having(Verdict.NOT_APPLICABLE),
    )


def columns(report: Report) -> tuple[Column, ...]:
    """The backends and environments that took part, in the order of the run."""
    proofs = {one.name: one.proof for one in report.environments}
    for cell in report.cells:
        proofs.setdefault(cell.environment, cell.proof)
    order = list(proofs)
    places = dict.fromkeys((cell.backend, cell.environment) for cell in report.cells)
    return tuple(
        Column(backend=backend, environment=name, proof=proofs[name])
        for backend, name in sorted(places, key=lambda it: (order.index(it[1]), it[0]))
    )


def in_order(some: Iterable[ScenarioView]) -> list[CellView]:
    """The cells as the page has them one under the other."""
    return [cell for scenario in some for cell in scenario.cells]
