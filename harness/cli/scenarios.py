"""``qfc-harness scenarios``: looks at scenario files; nothing is run."""

import difflib
import sys
from pathlib import Path
from typing import Annotated

import typer

from .. import resources
from ..errors import UsageError
from ..options import AsJson
from ..scenario import catalogue, load

app = typer.Typer(no_args_is_help=True, help="Look at scenario files.")
Paths = Annotated[
    list[Path] | None, typer.Argument(help="Files or folders; default: all.")
]


@app.command("list", epilog="Example: `qfc-harness scenarios list`")
def list_(
    paths: Paths = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="As scenarios/README.md.")
    ] = False,
    as_json: AsJson = False,
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


@app.command("show", epilog="Example: `qfc-harness scenarios show timeout`")
def show(name: str) -> None:
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


@app.command("check", epilog="Example: `qfc-harness scenarios check scenarios`")
def check(paths: Paths = None) -> None:
    """Say everything that is wrong in scenario files."""
    loaded = load.load(paths or [resources.scenarios()])
    sys.stdout.write(f"{len(loaded)} scenario{'s' * (len(loaded) != 1)}, no mistake\n")


@app.command("schema", epilog="Example: `qfc-harness scenarios schema`")
def schema() -> None:
    """Print the JSON schema that editors complete scenario files from."""
    sys.stdout.write(catalogue.json_schema())
