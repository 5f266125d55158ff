"""The options that every command has which ends in a report."""

from pathlib import Path
from typing import Annotated

import typer

Junit = Annotated[
    Path | None,
    typer.Option(
        "--junit",
        help="Where JUnit XML goes as well; it is beside the page anyway.",
        show_default=False,
    ),
]
Github = Annotated[
    bool,
    typer.Option("--github", help="Print annotations for GitHub Actions."),
]
Compare = Annotated[
    Path | None,
    typer.Option(
        "--compare",
        help="An earlier validation.json: what is fixed, new, still there.",
        show_default=False,
    ),
]
