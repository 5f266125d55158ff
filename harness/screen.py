"""What the smaller commands print; a run's report is printed by ``report.terminal``."""

import errno
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .bench import Figure
from .doctor import Fact


class Screen(Console):
    """A console whose reader may go away (``| head -1``)."""

    def on_broken_pipe(self) -> None:
        """Say so, in place of exiting on the spot."""
        raise BrokenPipeError(errno.EPIPE, "nobody reads the output any more")


def print_doctor(
    console: Console,
    facts: Iterable[Fact],
    ready: Mapping[str, Sequence[Fact]],
) -> None:
    """What the machine has; for each environment whether it can start."""
    for fact in facts:
        mark = "[green]✔[/green]" if fact.ok else "[yellow]✘[/yellow]"
        if not fact.ok and fact.needed_for == ("optional",):
            mark = "[dim]–[/dim]"
        console.print(f"{mark} {fact.name}: {escape(fact.seen)}", highlight=False)
        if not fact.ok:
            console.print(f"    → {escape(fact.todo)}", highlight=False)
    console.print()
    for name, missing in ready.items():
        words = "ready"
        if missing:
            words = "needs " + ", ".join(fact.name for fact in missing)
        colour = "yellow" if missing else "green"
        console.print(f"[bold]{name}[/bold]: [{colour}]{words}[/{colour}]")


def print_figures(console: Console, figures: Iterable[Figure]) -> None:
    """A table of measured figures beside their budgets."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("figure", "measured", "budget", ""):
        table.add_column(column)
    for figure in figures:
        colour = "green" if figure.ok else "red"
        table.add_row(
            figure.name,
            f"[{colour}]{figure.value:.2f} {figure.unit}[/{colour}]",
            "" if figure.budget is None else f"≤ {figure.budget:g} {figure.unit}",
            escape(figure.detail),
        )
    console.print(table)
