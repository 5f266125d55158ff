"""The two backends' cells of each scenario, beside each other."""

from collections.abc import Iterable

from ..expectations.finding import Verdict, worst
from ..parity import parity
from .model import CellReport, ParityReport

RAN = (Verdict.PASS, Verdict.FAIL, Verdict.NOT_PROVEN)


def parity_reports(cells: Iterable[CellReport]) -> tuple[ParityReport, ...]:
    """A pair for each scenario that ran on both, simulated or real, but not mixed."""
    found: dict[tuple[str, str], dict[str, CellReport]] = {}
    for cell in cells:
        if cell.facts and cell.verdict in RAN:
            pair = found.setdefault((cell.scenario, cell.proof), {})
            pair.setdefault(cell.backend, cell)
    return tuple(
        _pair(pair["docker"], pair["kubernetes"])
        for pair in found.values()
        if {"docker", "kubernetes"} <= set(pair)
    )


def _pair(docker: CellReport, kubernetes: CellReport) -> ParityReport:
    compared = parity.beside(docker.facts, kubernetes.facts, docker.scenario)
    findings = tuple(parity.findings(compared, docker.proof))
    return ParityReport(
        scenario=docker.scenario,
        docker=docker.id,
        kubernetes=kubernetes.id,
        proof=docker.proof,
        verdict=worst(one.verdict for one in findings),
        fields=compared.fields,
        differences=compared.differences,
        findings=findings,
    )
