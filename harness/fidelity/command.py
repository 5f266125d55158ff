"""``qfc-harness fidelity``: its options, and its exit code."""

import json
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from .. import run as running
from .. import settings as harness_settings
from ..interruption import interruptible
from ..options import Expression, Number, Scenarios, Subject
from ..report.model import CellReport
from ..scenario.cells import Cell
from ..scenario.schema import BACKENDS
from . import measure, show
from .page import page

REAL = "docker_engine or kind_cluster; default: auto, the best that is here."


def fidelity(
    scenarios: Scenarios = None,
    expression: Expression = "",
    environment: Annotated[str, typer.Option(help=f"The real one: {REAL}")] = "auto",
    subject: Subject = running.OURS,
    real: Annotated[
        Path | None,
        typer.Option(
            "--of", help="A saved report.json of the real one.", show_default=False
        ),
    ] = None,
    simulated: Annotated[
        Path | None,
        typer.Option(
            "--against",
            help="A saved report.json of the simulator.",
            show_default=False,
        ),
    ] = None,
    number: Number = 0,
    every: Annotated[
        bool, typer.Option("--all", help="Show known differences too.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the table as JSON, nothing else.")
    ] = False,
    write_page: Annotated[
        bool, typer.Option("--page", help="Print docs/known-differences.md.")
    ] = False,
) -> None:
    """Compare the simulator with the real thing, cell by cell and field by field.

    Exit codes: 0 all agree · 1 a field differs for no known reason · 2 wrong usage ·
    3 there is no real environment · 4 the harness failed, or nothing was compared.
    """
    if write_page:
        sys.stdout.write(page())
        return
    options = running.Options(
        paths=tuple(scenarios or ()),
        expression=expression,
        backends=BACKENDS,
        environment=environment,
        require_real=True,
        subject=subject,
        at_once=number,
        command=shlex.join(["qfc-harness", *sys.argv[1:]]),
    )
    console = Console(stderr=True)

    def progress(cell: Cell, report: CellReport | None) -> None:
        if report is not None:
            words = f"{report.verdict.value} {cell.id} {report.duration_s:.1f} s"
            console.print(escape(words), highlight=False)

    saved = tuple(path for path in (real, simulated) if path is not None)
    with interruptible():
        found = measure.measure(
            options, harness_settings.from_environ(), progress, saved
        )
    if as_json:
        sys.stdout.write(json.dumps(show.as_data(found), indent=1) + "\n")
    else:
        for line in show.lines(found, every_field=every):
            sys.stdout.write(f"{line}\n")
    raise typer.Exit(exit_code(found.agree, len(found.pairs)))


def exit_code(agree: int, pairs: int) -> int:
    """Nothing that was compared proves nothing."""
    if not pairs:
        return 4
    return 0 if agree == pairs else 1
