"""The command line ``qfc-harness``: all commands, in the order of ``--help``."""

import sys
import traceback
from importlib import metadata
from typing import Annotated, NoReturn

import typer

from ..fidelity import command as fidelity
from ..preflight import render_command as manifests
from ..races import command as races
from ..report import command as report
from ..validation import command as validation
from . import bench, doctor, environments, run, scenarios
from .endings import Commands, exit_codes, leave

app = typer.Typer(
    name="qfc-harness",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Replays QGIS jobs against a QFieldCloud worker wrapper and judges it.",
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(metadata.version("qfieldcloud-worker-harness"))
        raise typer.Exit


@app.callback()
def _common(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=_say_version,
            help="Print the version, and end.",
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command."""
    del version


for command, example in (
    (run.run, "run scenarios/smoke --backend kubernetes -n 2"),
    (doctor.doctor, "doctor"),
    (bench.bench, "bench --environment docker_engine"),
    (races.races, "races --jobs 200 --kills 5"),
    (fidelity.fidelity, "fidelity --environment docker_engine"),
    (report.report, "report .qfc-harness/latest/report.json"),
    (validation.validate, "validate --namespace qfieldcloud --plan"),
    (environments.up, "up kind_cluster"),
    (environments.down, "down"),
    (environments.status, "status"),
    (environments.gc, "gc --dry-run"),
):
    app.command(epilog=f"Example: `qfc-harness {example}`")(command)
app.add_typer(scenarios.app, name="scenarios")
app.add_typer(manifests.app, name="manifests")


def main(arguments: list[str] | None = None) -> NoReturn:
    """The entry point ``qfc-harness``."""
    try:
        with exit_codes():
            app(args=arguments)
            sys.exit(0)
    except Exception:  # a mistake of ours must not look like a check that failed
        traceback.print_exc()
        leave("This is a mistake of the harness; please report it.", 4)
