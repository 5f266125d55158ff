"""The options that several commands have: one word, one meaning."""

from pathlib import Path
from typing import Annotated

import typer

Scenarios = Annotated[
    list[Path] | None,
    typer.Argument(help="Scenario files or folders; default: all.", show_default=False),
]
Expression = Annotated[
    str, typer.Option("-k", help="Cells by id or tag: `package and not docker`.")
]
Number = Annotated[
    int, typer.Option("-n", min=0, help="Cells at once; 0: as the machine allows.")
]
Subject = Annotated[
    str,
    typer.Option("--subject", help="The wrapper: a folder, a file or a module."),
]
Profile = Annotated[
    Path | None,
    typer.Option("--profile", help="YAML with what convention can't tell of it."),
]
Context = Annotated[
    str,
    typer.Option("--context", help="One of the kubeconfig's.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
ReportAsJson = Annotated[
    bool, typer.Option("--json", help="Print the report as JSON, nothing else.")
]
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
