"""``qfc-harness run``: its options, a line for each cell, and the report at the end."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from .. import run as running
from .. import settings as harness_settings
from ..environment.registry import PLANS, REAL, refuse_real_only, refuse_unused
from ..errors import HarnessFailure
from ..interruption import interruptible
from ..options import (
    Context,
    Expression,
    Github,
    Junit,
    Number,
    Profile,
    ReportAsJson,
    Scenarios,
    Subject,
)
from ..report import save as saving
from ..report.github import commands_stopped
from ..report.github import github as annotations
from ..report.model import CellReport, Report
from ..report.outcome import exit_code
from ..report.terminal import print_report, sign
from ..report.vault import SecretInReport, Vault
from ..scenario.cells import Cell
from ..scenario.schema import BACKENDS
from ..screen import Screen
from .saying import write

REPORT_DIRECTORY = Path(".qfc-harness/latest")


def run(
    scenarios: Scenarios = None,
    expression: Expression = "",
    backend: Annotated[
        str, typer.Option(help="docker or kubernetes; default: both.")
    ] = "",
    environment: Annotated[
        str,
        typer.Option(
            help="Who answers: simulated, docker_engine, kind_cluster, kubeconfig, or "
            "auto."
        ),
    ] = "simulated",
    require: Annotated[
        str,
        typer.Option(
            help="`real`: exit 3 where the environment is simulated, or lacks what a "
            "scenario needs.",
            show_default=False,
        ),
    ] = "",
    subject: Subject = running.OURS,
    profile: Profile = None,
    worker_image: Annotated[
        str,
        typer.Option(
            help="The worker's image for a real engine or cluster, QFieldCloud's own "
            "for example; default: built from fixtures/worker.",
            show_default=False,
        ),
    ] = "",
    wrapper: Annotated[
        str,
        typer.Option(
            help="In a real cluster: `pod`, as in production, or `host`, with the same "
            "rights.",
            show_default=False,
        ),
    ] = "",
    app_image: Annotated[
        str,
        typer.Option(
            help="Of the wrapper's pod; default: built here where it can be.",
            show_default=False,
        ),
    ] = "",
    probe_image: Annotated[
        str,
        typer.Option(help="Of fixtures/probe, for a cluster.", show_default=False),
    ] = "",
    kubeconfig: Annotated[
        str, typer.Option(help="For --environment kubeconfig.", show_default=False)
    ] = "",
    context: Context = "",
    namespace: Annotated[
        str, typer.Option(help="The only one that is used there.", show_default=False)
    ] = "",
    report_dir: Annotated[
        Path, typer.Option(help="Where report.html, .json and junit.xml go.")
    ] = REPORT_DIRECTORY,
    number: Number = 0,
    cells: Annotated[
        int, typer.Option(min=0, help="Repeat the cells until there are so many.")
    ] = 0,
    look_again: Annotated[
        int,
        typer.Option(
            min=0,
            max=3,
            help="Look so often again, alone, at a cell that failed; the last look "
            "counts, and the report says what failed before.",
        ),
    ] = 0,
    as_json: ReportAsJson = False,
    junit: Junit = None,
    github: Github = False,
) -> None:
    """Replay scenarios against a wrapper."""
    if backend and backend not in BACKENDS:
        raise typer.BadParameter(f"--backend {backend}: neither docker nor kubernetes")
    if require not in ("", REAL):
        raise typer.BadParameter(f"--require {require}: only {REAL} can be required")
    options = running.Options(
        paths=tuple(scenarios or ()),
        expression=expression,
        backends=tuple(one for one in BACKENDS if backend in ("", one)),
        environment=environment,
        require_real=require == REAL,
        subject=subject,
        profile=profile,
        cells=cells,
        at_once=number,
        look_again=look_again,
        command=shlex.join(["qfc-harness", *sys.argv[1:]]),
    )
    console = Screen(stderr=as_json)
    settings = harness_settings.with_options(
        harness_settings.from_environ(),
        {
            "worker_image": worker_image,
            "wrapper": wrapper,
            "app_image": app_image,
            "probe_image": probe_image,
            "kubeconfig": kubeconfig,
            "context": context,
            "namespace": namespace,
        },
    )
    refuse_unused(
        environment,
        {"--kubeconfig": kubeconfig, "--context": context, "--namespace": namespace},
    )
    refuse_real_only(
        environment,
        {
            "--worker-image": worker_image,
            "--wrapper": wrapper,
            "--app-image": app_image,
            "--probe-image": probe_image,
        },
    )
    if environment in PLANS:
        for line in PLANS[environment](settings):
            console.print(escape(line), highlight=False)
    saving.prepare(report_dir, junit)
    with interruptible():
        vault = Vault()
        report = running.run(options, settings, _Progress(console), vault)
    with commands_stopped(write, on=github and not as_json):
        _finish(console, report, report_dir, vault, junit=junit, as_json=as_json)
    if github:
        (sys.stderr if as_json else sys.stdout).write(annotations(report))
    raise typer.Exit(exit_code(report, require_real=options.require_real))


class _Progress:
    """A line for each cell that is done."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, cell: Cell, report: CellReport | None) -> None:
        if report is None:
            return
        self._console.print(
            f"{sign(report.verdict)} {escape(cell.id)} {report.duration_s:.1f} s",
            highlight=False,
        )


def _finish(
    console: Console,
    report: Report,
    directory: Path,
    vault: Vault,
    *,
    junit: Path | None,
    as_json: bool,
) -> None:
    """Print and write the report; what can't be written is still printed."""
    page, error = "", None
    try:
        page = str(saving.save(report, directory, vault, junit=junit))
    except SecretInReport:
        raise
    except HarnessFailure as failure:
        error = failure
    if as_json:
        sys.stdout.write(saving.dumped(report))
    else:
        print_report(console, report, page=page or "not written")
    if error is not None:
        raise error
