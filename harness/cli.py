"""The commands; the one place where errors become exit codes, and that prints."""

import dataclasses
import difflib
import errno
import json
import os
import shlex
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from . import resources
from . import run as running
from . import settings as harness_settings
from .environment.registry import KEEPERS, PLANS, REAL, refuse_unused
from .errors import HarnessError, HarnessFailure, UsageError
from .fidelity.command import fidelity
from .interruption import interruptible
from .preflight import render_command
from .races.command import races
from .report import save as saving
from .report.command import report as report_command
from .report.github import commands_stopped
from .report.github import github as annotations
from .report.model import CellReport, Report
from .report.options import Github, Junit
from .report.outcome import INTERRUPTED, exit_code
from .report.vault import SecretInReport, Vault
from .scenario import catalogue, load
from .scenario.cells import Cell
from .scenario.schema import BACKENDS
from .screen import Screen
from .validation.command import validate

REPORT_DIRECTORY = Path(".qfc-harness/latest")
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class _Commands(TyperGroup):
    """All commands; takes their errors before Typer makes exit codes of its own."""

    def invoke(self, ctx: Any) -> Any:
        """Call the command."""
        with _exit_codes():
            return super().invoke(ctx)


app = typer.Typer(
    name="qfc-harness",
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Replays QGIS jobs against a QFieldCloud worker wrapper and judges it.",
)


@app.command(
    epilog="Example: `qfc-harness run scenarios/smoke --backend kubernetes -n 2`"
)
def run(
    scenarios: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Scenario files or folders; default: all.", show_default=False
        ),
    ] = None,
    expression: Annotated[
        str, typer.Option("-k", help="Cells by id or tag: `package and not docker`.")
    ] = "",
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
    subject: Annotated[
        str, typer.Option(help="The wrapper: a folder, a file or a module.")
    ] = running.OURS,
    profile: Annotated[
        Path | None, typer.Option(help="YAML with what convention can't tell of it.")
    ] = None,
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
    context: Annotated[
        str, typer.Option(help="One of the kubeconfig's.", show_default=False)
    ] = "",
    namespace: Annotated[
        str, typer.Option(help="The only one that is used there.", show_default=False)
    ] = "",
    report_dir: Annotated[
        Path, typer.Option(help="Where report.html, .json and junit.xml go.")
    ] = REPORT_DIRECTORY,
    number: Annotated[
        int, typer.Option("-n", min=0, help="Cells at once; 0: as the machine allows.")
    ] = 0,
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
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON, nothing else.")
    ] = False,
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
    if environment in PLANS:
        for line in PLANS[environment](settings):
            console.print(escape(line), highlight=False)
    saving.prepare(report_dir, junit)
    with interruptible():
        vault = Vault()
        report = running.run(options, settings, _Progress(console), vault)
    with commands_stopped(_write, on=github and not as_json):
        _finish(console, report, report_dir, vault, junit=junit, as_json=as_json)
    if github:
        (sys.stderr if as_json else sys.stdout).write(annotations(report))
    raise typer.Exit(exit_code(report, require_real=options.require_real))


@app.command(epilog="Example: `qfc-harness doctor`")
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Say what this machine has, what each environment needs, and what to do."""
    from . import doctor as examination
    from .screen import print_doctor

    facts = examination.examine(harness_settings.from_environ())
    ready = examination.ready(facts)
    if as_json:
        content = {
            "facts": [dataclasses.asdict(fact) for fact in facts],
            "ready": {name: not missing for name, missing in ready.items()},
        }
        sys.stdout.write(json.dumps(content, indent=1) + "\n")
    else:
        print_doctor(Screen(), facts, ready)


@app.command(epilog="Example: `qfc-harness bench --environment docker_engine`")
def bench(
    environment: Annotated[
        str,
        typer.Option(help="simulated, or one that is kept (`up`)."),
    ] = "simulated",
    suite: Annotated[
        bool, typer.Option(help="On a kept one: run all scenarios with the probe too.")
    ] = True,
    times: Annotated[
        int, typer.Option(min=1, help="How often a command is repeated.")
    ] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Measure the harness and print each figure beside its budget."""
    from . import bench as benchmark
    from . import bench_real
    from .screen import print_figures

    if environment == "simulated":
        figures = benchmark.measure(times)
    elif environment in KEEPERS:
        settings = harness_settings.from_environ()
        figures = []
        for one in bench_real.measure(settings, environment, times, suite=suite):
            figures.append(one)
            if not as_json:  # it takes minutes: show what there is
                _say(f"{one.name}: {one.value:.2f} {one.unit}")
    else:
        known = ", ".join(["simulated", *KEEPERS])
        raise UsageError(f"bench --environment {environment}.", f"There are: {known}.")
    if as_json:
        content = [dataclasses.asdict(figure) for figure in figures]
        sys.stdout.write(json.dumps(content, indent=1) + "\n")
    else:
        print_figures(Screen(), figures)


app.command(epilog="Example: `qfc-harness races --jobs 200 --kills 5`")(races)


app.command(
    "fidelity", epilog="Example: `qfc-harness fidelity --environment docker_engine`"
)(fidelity)


app.command(
    "report", epilog="Example: `qfc-harness report .qfc-harness/latest/report.json`"
)(report_command)


app.command(
    epilog="Example: `qfc-harness validate --namespace qfieldcloud --plan`",
)(validate)


Kept = Annotated[
    str,
    typer.Argument(
        help="docker_engine or kind_cluster; default: all.", show_default=False
    ),
]


@app.command(epilog="Example: `qfc-harness up kind_cluster`")
def up(
    environment: Kept = "",
    nodes: Annotated[
        int, typer.Option(min=1, max=2, help="Of a cluster; some scenarios need two.")
    ] = 1,
) -> None:
    """Keep an environment, so that each run on it starts at once."""
    from . import upkeep

    with interruptible():
        upkeep.up(harness_settings.from_environ(), environment, nodes, _say)


@app.command(epilog="Example: `qfc-harness down`")
def down(environment: Kept = "") -> None:
    """Remove what `up` made."""
    from . import upkeep

    upkeep.down(harness_settings.from_environ(), environment, _say)


@app.command(epilog="Example: `qfc-harness status`")
def status(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Say what is kept, and which runs go on."""
    from . import upkeep

    if as_json:
        _say(json.dumps(upkeep.state(harness_settings.from_environ()), indent=1))
    else:
        upkeep.status(harness_settings.from_environ(), _say)


@app.command(epilog="Example: `qfc-harness gc --dry-run`")
def gc(
    dry: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be removed.")
    ] = False,
) -> None:
    """Remove what runs left that were killed (SIGKILL), and nothing else."""
    from . import upkeep

    if not upkeep.gc(harness_settings.from_environ(), _say, dry=dry):
        raise typer.Exit(4)


def _say(words: str) -> None:
    _write(f"{words}\n")


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


scenarios_app = typer.Typer(no_args_is_help=True, help="Look at scenario files.")
app.add_typer(scenarios_app, name="scenarios")
app.add_typer(render_command.app, name="manifests")
Paths = Annotated[
    list[Path] | None, typer.Argument(help="Files or folders; default: all.")
]


@scenarios_app.command("list", epilog="Example: `qfc-harness scenarios list`")
def scenarios_list(
    paths: Paths = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="As scenarios/README.md.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List scenarios with their tags."""
    loaded = load.load(paths or [resources.scenarios()])
    if markdown:
        sys.stdout.write(catalogue.markdown(loaded, resources.scenarios()))
        return
    if as_json:
        sys.stdout.write(catalogue.listing(loaded))
        return
    for one in loaded:
        tags = ", ".join(one.scenario.tags)
        sys.stdout.write(f"{one.scenario.name:44} {tags}\n")


@scenarios_app.command("show", epilog="Example: `qfc-harness scenarios show timeout`")
def scenarios_show(name: str) -> None:
    """Print one scenario's file."""
    loaded = load.load([resources.scenarios()])
    for one in loaded:
        if one.scenario.name == name:
            sys.stdout.write(f"# {one.path}\n{one.path.read_text(encoding='utf-8')}")
            return
    near = difflib.get_close_matches(name, [one.scenario.name for one in loaded], 1)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise UsageError(
        f"There is no scenario {name!r}.{meant}",
        "`qfc-harness scenarios list` lists them.",
    )


@scenarios_app.command(
    "check", epilog="Example: `qfc-harness scenarios check scenarios`"
)
def scenarios_check(paths: Paths = None) -> None:
    """Say everything that is wrong in scenario files."""
    loaded = load.load(paths or [resources.scenarios()])
    sys.stdout.write(f"{len(loaded)} scenarios, no mistake\n")


@scenarios_app.command("schema", epilog="Example: `qfc-harness scenarios schema`")
def scenarios_schema() -> None:
    """Print the JSON schema that editors complete scenario files from."""
    sys.stdout.write(catalogue.json_schema())


class _Progress:
    """A line for each cell that is done."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, cell: Cell, report: CellReport | None) -> None:
        from .report.terminal import sign

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
    from .report.terminal import print_report

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


@contextmanager
def _exit_codes() -> Iterator[None]:
    try:
        yield
    except HarnessError as error:
        _leave(str(error), error.exit_code)
    except KeyboardInterrupt:
        _leave("interrupted", INTERRUPTED)
    except OSError as error:
        if error.errno == errno.EPIPE:  # whoever read our output has had enough
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            sys.exit(INTERRUPTED)
        if error.errno not in NO_ROOM:
            raise
        _leave(f"There is no room left: {error}\n  Make room there.", 4)


def _leave(message: str, code: int) -> NoReturn:
    sys.stderr.write(f"qfc-harness: {message}\n")
    sys.exit(code)


def main(arguments: list[str] | None = None) -> NoReturn:
    """The entry point ``qfc-harness``."""
    try:
        with _exit_codes():
            app(args=arguments)
            sys.exit(0)
    except Exception:  # a mistake of ours must not look like a check that failed
        traceback.print_exc()
        _leave("This is a mistake of the harness; please report it.", 4)
