"""Cells of the simulator beside the same cells of the real thing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..parity.comparison import Comparison, Difference, compare
from ..parity.known import Known, unused
from .table import KNOWN

SIMULATED = "simulated"
Facts = Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class CellFacts:
    """What is compared of one cell."""

    scenario: str
    backend: str
    environment: str
    proof: str
    verdict: str
    facts: Facts


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """A cell, simulated and real."""

    scenario: str
    backend: str
    environment: str
    """The real one."""
    compared: Comparison

    @property
    def id(self) -> str:
        """Unique in a table."""
        return f"{self.scenario}-{self.backend}-{self.environment}"

    @property
    def unexplained(self) -> tuple[Difference, ...]:
        """The differences that no row of the table explains."""
        return self.compared.unexplained


@dataclass(frozen=True, kw_only=True, slots=True)
class Fidelity:
    """All pairs, and what had no counterpart."""

    pairs: tuple[Pair, ...]
    alone: tuple[str, ...]
    """Cells that have no counterpart, each with the reason."""

    @property
    def agree(self) -> int:
        """Pairs without a difference that isn't known."""
        return sum(not one.unexplained for one in self.pairs)

    @property
    def fields(self) -> int:
        """All fields of all pairs."""
        return sum(one.compared.fields for one in self.pairs)

    @property
    def equal(self) -> int:
        """Fields with the same value on both sides."""
        return self.fields - sum(len(one.compared.differences) for one in self.pairs)

    @property
    def known(self) -> int:
        """Fields that differ for a known reason."""
        differences = (one for pair in self.pairs for one in pair.compared.differences)
        return sum(bool(one.known) for one in differences)

    @property
    def unused(self) -> tuple[Known, ...]:
        """Rows of the table whose scenario was run, and that nothing needed."""
        needed = [one.known for pair in self.pairs for one in pair.compared.differences]
        ran = {
            (pair.scenario, one) for pair in self.pairs for one in ("", pair.backend)
        }
        return tuple(
            row
            for row in unused(KNOWN, needed)
            if row.sure and (row.seen_in, row.backend) in ran
        )


def fidelity(cells: Iterable[CellFacts]) -> Fidelity:
    """Pair the cells by scenario and backend, and compare each pair."""
    simulated: dict[tuple[str, str], CellFacts] = {}
    real: list[CellFacts] = []
    alone: list[str] = []
    for cell in cells:
        if not cell.facts:
            alone.append(f"{_name(cell)}: {cell.verdict}")
        elif cell.proof == SIMULATED:
            simulated[cell.scenario, cell.backend] = cell
        else:
            real.append(cell)
    pairs = [
        _pair(simulated[one.scenario, one.backend], one)
        for one in real
        if (one.scenario, one.backend) in simulated
    ]
    paired = {(one.scenario, one.backend) for one in pairs}
    alone += [
        f"{_name(one)}: nothing to compare with"
        for one in (*simulated.values(), *real)
        if (one.scenario, one.backend) not in paired
    ]
    return Fidelity(pairs=tuple(pairs), alone=tuple(alone))


def _name(cell: CellFacts) -> str:
    return f"{cell.scenario}-{cell.backend}-{cell.environment}"


def _pair(simulated: CellFacts, real: CellFacts) -> Pair:
    return Pair(
        scenario=real.scenario,
        backend=real.backend,
        environment=real.environment,
        compared=compare(simulated.facts, real.facts, KNOWN, real.scenario),
    )


def cells_of(report: Mapping[str, Any]) -> list[CellFacts]:
    """The cells of a report, as ``report.json`` has them."""
    return [
        CellFacts(
            scenario=cell["scenario"],
            backend=cell["backend"],
            environment=cell["environment"],
            proof=cell["proof"],
            verdict=cell["verdict"],
            facts=cell["facts"],
        )
        for cell in report["cells"]
    ]
