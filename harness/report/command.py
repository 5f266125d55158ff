"""``qfc-harness report``: a report written anew from its data; nothing is run."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..errors import UsageError
from ..options import Compare, Github, Junit
from ..preflight import model
from ..preflight.flow import exit_code as code_of_validation
from ..preflight.killed import from_journal
from ..preflight.model import Validation
from . import save
from .github import commands_stopped, github
from .outcome import exit_code
from .read import loaded
from .terminal import print_report
from .validation.compare import compare as compared_with
from .validation.github import github as github_of_validation
from .validation.save import load
from .validation.save import texts as texts_of_validation
from .validation.terminal import print_validation


def report(
    file: Annotated[
        Path,
        typer.Argument(
            help="A report.json, a validation.json, or the journal.jsonl of a "
            "validation, also of one that was killed.",
            show_default=False,
        ),
    ],
    report_dir: Annotated[
        Path | None,
        typer.Option(
            help="Where the report goes; default: beside the file.", show_default=False
        ),
    ] = None,
    compare: Compare = None,
    junit: Junit = None,
    annotate: Github = False,
) -> None:
    """Write page and JUnit XML anew from a report's data, or from a journal."""
    text, source = save.read(file), str(file)
    directory = report_dir or file.parent
    page = str(directory / save.PAGE)
    console = Console()
    show: Callable[[], None]
    if file.suffix == ".jsonl" or _is_validation(text):
        found = _validation(text, file)
        old = None if compare is None else compared_with(load(compare), found)
        written = texts_of_validation(found, old)
        notes, code = github_of_validation(found), code_of_validation(found)

        def show() -> None:
            print_validation(console, found, page_path=page, comparison=old)

    elif compare is not None:
        raise UsageError(
            f"{file} is the report of a run: only validations are compared.",
            "Leave out --compare.",
        )
    else:
        run = loaded(text, source)
        written, notes, code = save.texts(run), github(run), exit_code(run)

        def show() -> None:
            print_report(console, run, page=page)

    save.prepare(directory)
    _write(written, file, directory, junit)
    with commands_stopped(lambda said: typer.echo(said, nl=False), on=annotate):
        show()
    if annotate:
        typer.echo(notes, nl=False)
    raise typer.Exit(code)


def _is_validation(text: str) -> bool:
    try:
        data = json.loads(text)
    except ValueError:
        return False  # to be told by whoever reads it
    return isinstance(data, dict) and "decision" in data


def _validation(text: str, file: Path) -> Validation:
    if file.suffix == ".jsonl":
        return from_journal(text, str(file))
    return model.loaded(text, str(file))


def _write(
    written: Mapping[str, str], file: Path, directory: Path, junit: Path | None
) -> None:
    """What was read stays as it is."""
    others = {k: v for k, v in written.items() if directory / k != file}
    save.write(others, directory)
    if junit is not None:
        save.write({junit.name: written[save.JUNIT]}, junit.parent)
