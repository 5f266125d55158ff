"""The report on a terminal: the matrix, what failed, the verdict."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..expectations.finding import Verdict, worst
from .junit import explain
from .model import CellReport, Report

SIGNS = {
    Verdict.PASS: ("✔", "green", "passed"),
    Verdict.FAIL: ("✘", "red", "failed"),
    Verdict.ERROR: ("!", "magenta", "harness error"),
    Verdict.NOT_PROVEN: ("?", "yellow", "not proven"),
    Verdict.SKIPPED: ("-", "dim", "skipped"),
    Verdict.NOT_APPLICABLE: ("·", "dim", "not applicable"),
}


def sign(verdict: Verdict) -> str:
    """A verdict as a coloured sign and a word."""
    mark, colour, word = SIGNS[verdict]
    return f"[{colour}]{mark} {word}[/{colour}]"


def print_report(console: Console, report: Report, *, page: str) -> None:
    """Matrix, failures, verdict, time, and where the page is."""
    console.print(_matrix(report))
    for cell in report.cells:
        if cell.failures and cell.verdict is not Verdict.NOT_PROVEN:
            _print_failures(console, cell)
    _print_unsteady(console, report)
    _print_parity(console, report)
    _print_not_proven(console, report)
    for environment in report.environments:
        if environment.note:
            console.print(f"{environment.name}: {escape(environment.note)}")
    unsteady = len(report.unsteady)
    counts = ", ".join(
        f"{count} {SIGNS[verdict][2]}"
        for verdict, count in report.counts.items()
        if count
    )
    console.print(
        f"\n[bold]{sign(report.verdict)}[/bold]: {counts}"
        + (f", {unsteady} of them only at a second look" if unsteady else "")
        + f" in {report.took_s:.1f} s"
        + (", interrupted" if report.interrupted else "")
    )
    console.print(f"Report: {escape(page)}", soft_wrap=True)


def _matrix(report: Report) -> Table:
    columns = list(
        dict.fromkeys((cell.backend, cell.environment) for cell in report.cells)
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("scenario")
    for backend, environment in columns:
        table.add_column(f"{backend}\n{environment}")
    rows: dict[str, dict[tuple[str, str], list[CellReport]]] = {}
    for cell in report.cells:
        row = rows.setdefault(cell.scenario, {})
        row.setdefault((cell.backend, cell.environment), []).append(cell)
    for scenario, cells in rows.items():
        table.add_row(
            scenario, *(_field(cells[one]) if one in cells else "" for one in columns)
        )
    return table


def _field(repeated: list[CellReport]) -> str:
    """The worst of a cell that was repeated, how often it was, and the longest time."""
    verdict = worst(cell.verdict for cell in repeated)
    words = f"{sign(verdict)} {max(cell.duration_s for cell in repeated):.1f} s"
    if len(repeated) == 1:
        return words
    alike = sum(cell.verdict is verdict for cell in repeated)
    return f"{words} ({alike} of {len(repeated)})"


def _print_failures(console: Console, cell: CellReport) -> None:
    console.print(f"\n[bold]{escape(cell.id)}[/bold]")
    for finding in cell.failures:
        if finding.verdict is not Verdict.NOT_PROVEN:
            console.print(escape(explain(finding)), soft_wrap=True, highlight=False)
    console.print(f"  repeat:   {escape(cell.repeat)}", soft_wrap=True, highlight=False)


def _print_unsteady(console: Console, report: Report) -> None:
    """What passed only when it was looked at again, and what had failed."""
    for cell in report.unsteady:
        looks = len(cell.earlier) + 1
        console.print(f"\n[bold]{escape(cell.id)}[/bold]: passed at look {looks}")
        for finding in cell.earlier[-1]:
            if finding.verdict is not Verdict.NOT_PROVEN:
                console.print(escape(explain(finding)), soft_wrap=True, highlight=False)


def _print_parity(console: Console, report: Report) -> None:
    """What differs between the backends for no known reason; else one line."""
    if not report.parity:
        return
    fields = sum(one.fields for one in report.parity)
    bad = [one for one in report.parity if one.unexplained]
    for pair in bad:
        console.print(f"\n[bold]{escape(pair.id)}[/bold]")
        for finding in pair.findings:
            console.print(escape(explain(finding)), soft_wrap=True, highlight=False)
    pairs = len(report.parity)
    console.print(
        f"\nDocker beside Kubernetes: {pairs - len(bad)} of {pairs} scenarios differ "
        "in nothing but what is known (docs/known-differences.md); "
        f"{fields} fields."
    )


def _print_not_proven(console: Console, report: Report) -> None:
    reasons: dict[str, set[str]] = {}
    for cell in report.cells:
        for finding in cell.findings:
            if finding.verdict is Verdict.NOT_PROVEN:
                reasons.setdefault(finding.message, set()).add(finding.check)
    for reason, checks in reasons.items():
        names = ", ".join(sorted(checks))
        console.print(f"\n{sign(Verdict.NOT_PROVEN)} {names}: {escape(reason)}")
