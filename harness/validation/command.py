"""``qfc-harness validate``: options, consent, exit code."""

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from .. import run as running
from .. import settings as harness_settings
from ..errors import HarnessError, UsageError
from ..interruption import interruptible
from ..options import (
    Compare,
    Context,
    Github,
    Junit,
    Profile,
    ReportAsJson,
    Subject,
)
from ..preflight import merging, model
from ..preflight.course import Course
from ..preflight.flow import FAILED, INTERRUPTED, NO_GO, USAGE, exit_code
from ..preflight.flow import validate as validating
from ..preflight.given import Asked
from ..preflight.journal import Journal
from ..preflight.model import Plan, Validation
from ..report.github import commands_stopped
from ..report.redact import Redaction
from ..report.save import prepare
from ..report.validation import compare as comparison
from ..report.validation import save as saving
from ..report.validation.github import github as annotations
from ..report.validation.terminal import print_validation
from ..report.vault import Vault
from ..screen import Screen
from ..settings import Settings
from .known import known_secrets
from .terminal import plan_lines
from .whole_jobs import run_whole_jobs

DIRECTORY = Path(".qfc-harness/validation")
WARN = "warn"


def validate(
    kubeconfig: Annotated[
        str, typer.Option(help="Default: as kubectl finds it.", show_default=False)
    ] = "",
    context: Context = "",
    namespace: Annotated[
        str, typer.Option(help="Where the wrapper is to work.", show_default=False)
    ] = "",
    values: Annotated[
        Path | None, typer.Option(help="Production's settings: NAME=value lines.")
    ] = None,
    subject: Subject = running.OURS,
    profile: Profile = None,
    service_account: Annotated[
        str,
        typer.Option(help="The wrapper's; default: the settings'.", show_default=False),
    ] = "",
    replicas: Annotated[
        int, typer.Option(min=1, help="Of the wrapper: so many workers at once.")
    ] = 1,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only say what the real jobs would do.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Run the real jobs without asking.")
    ] = False,
    yes_plan: Annotated[
        str, typer.Option(help="Run them if the plan has this hash.", metavar="HASH")
    ] = "",
    app_image: Annotated[
        str,
        typer.Option(
            help="Run whole jobs too; the image of wrapper and stand-in.",
            show_default=False,
        ),
    ] = "",
    each_rule: Annotated[
        bool,
        typer.Option(
            "--each-rule",
            help="With --app-image: also whole jobs without one rule of the Role each.",
        ),
    ] = False,
    probe_image: Annotated[
        str, typer.Option(help="Of fixtures/probe, for whole jobs.", show_default=False)
    ] = "",
    create_namespace: Annotated[
        bool,
        typer.Option(
            "--create-namespace", help="One of its own, removed again; with --yes."
        ),
    ] = False,
    fail_on: Annotated[
        str, typer.Option(help="`warn`: exit 1 also for GO WITH WARNINGS.")
    ] = "",
    require_proof: Annotated[
        bool, typer.Option("--require-proof", help="What is not proven is NO-GO.")
    ] = False,
    waive: Annotated[
        Path | None,
        typer.Option(help="YAML: check, owner, reason, expires for each."),
    ] = None,
    merge: Annotated[
        list[Path] | None,
        typer.Option(help="Reports of people who may see more; joined with this one."),
    ] = None,
    report_dir: Annotated[
        Path, typer.Option(help="Where report and journal go.")
    ] = DIRECTORY,
    as_json: ReportAsJson = False,
    compare: Compare = None,
    junit: Junit = None,
    github: Github = False,
) -> None:
    """Say GO or NO-GO for a real cluster: read-only checks, then real jobs."""
    if fail_on not in ("", WARN):
        raise UsageError(f"--fail-on {fail_on}: there is no such value.", "Say warn.")
    if each_rule and not app_image:
        raise UsageError(
            "--each-rule runs whole jobs, and no image for them is given.",
            "Add --app-image (docs/validating-a-cluster.md says how it is built).",
        )
    old = None if compare is None else saving.load(compare)
    prepare(report_dir, junit)
    settings = harness_settings.with_options(
        harness_settings.from_environ(),
        {
            "kubeconfig": kubeconfig,
            "context": context,
            "namespace": namespace,
            "app_image": app_image,
            "probe_image": probe_image,
        },
    )
    asked = Asked(
        command=shlex.join(["qfc-harness", *sys.argv[1:]]),
        kubeconfig=Path(settings.kubeconfig),
        context=context,
        namespace=namespace,
        values=values,
        subject=subject,
        profile=profile,
        service_account=service_account,
        replicas=replicas,
        yes=yes,
        yes_plan=yes_plan,
        only_plan=plan,
        require_proof=require_proof,
        create_namespace=create_namespace,
        each_rule=each_rule,
        waivers=waive,
    )
    console = Screen(stderr=as_json)
    report, code, secrets = _validated(
        asked, settings, report_dir, console, whole=app_image
    )
    code, report = _joined(report, merge or [], code, console)
    report = saving.masked(report, secrets)
    compared = None if old is None else comparison.compare(old, report)
    vault = Vault(secrets)
    page = saving.save(report, report_dir, vault, comparison=compared, junit=junit)
    if as_json:
        sys.stdout.write(model.dumped(report) + "\n")
    else:
        with commands_stopped(sys.stdout.write, on=github):
            print_validation(console, report, page_path=str(page), comparison=compared)
    if github:
        (sys.stderr if as_json else sys.stdout).write(annotations(report))
    if code not in (USAGE, INTERRUPTED, FAILED):
        code = exit_code(report, fail_on_warn=fail_on == WARN)
    raise typer.Exit(code)


def _validated(
    asked: Asked, settings: Settings, directory: Path, console: Console, *, whole: str
) -> tuple[Validation, int, dict[str, str]]:
    """Report, exit code, and every secret that must not be in what is written."""

    def say(words: str) -> None:
        console.print(escape(words), highlight=False, soft_wrap=True)

    def consent(plan: Plan) -> str:
        return _consent(asked, plan, console)

    def mask(line: str) -> str:
        return str(Redaction(known_secrets(course))(line))

    with Journal(directory / saving.JOURNAL, mask) as journal:
        course = Course(asked=asked, journal=journal, say=say)

        def whole_jobs(course: Course) -> None:
            assert course.given is not None
            own = replace(
                settings,
                namespace=course.given.namespace,
                worker_image=course.given.rendered.pod["spec"]["containers"][0][
                    "image"
                ],
            )
            run_whole_jobs(course, own)

        with interruptible():
            whole_too = whole_jobs if whole else None
            return *validating(course, consent, whole_too), known_secrets(course)


def _consent(asked: Asked, plan: Plan, console: Console) -> str:
    """Whether the real jobs may be run: "" or why not."""
    for line in plan_lines(plan, asked.namespace):
        console.print(escape(line), highlight=False, soft_wrap=True)
    if asked.only_plan:
        return "only the plan was asked for"
    if asked.yes:
        return ""
    if asked.yes_plan:
        if asked.yes_plan == plan.hash:
            return ""
        return f"the plan is {plan.hash} now, and {asked.yes_plan} was agreed to"
    if sys.stdin.isatty() and typer.confirm("Run them?", default=False, err=True):
        return ""
    return "not agreed to: --yes runs them"


def _joined(
    report: Validation, others: list[Path], code: int, console: Console
) -> tuple[int, Validation]:
    for path in others:
        try:
            report = merging.merged(report, saving.load(path), str(path))
        except HarnessError as error:
            console.print(escape(str(error)), highlight=False, soft_wrap=True)
            ended = replace(report, ended=report.ended or str(error))
            decision = replace(report.decision, word=model.Word.NO_GO)
            return USAGE, replace(ended, decision=decision)
    return code or NO_GO * (report.decision.word is model.Word.NO_GO), report
