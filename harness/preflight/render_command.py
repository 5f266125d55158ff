"""The command ``qfc-harness manifests``."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..environment import kustomization, rendering
from . import values as settings_file

app = typer.Typer(no_args_is_help=True, help="The wrapper's Kubernetes manifests.")


@app.command(
    "render",
    epilog="Example: `qfc-harness manifests render --namespace qfieldcloud "
    "--overlay production --values settings.env | kubectl apply -f -`",
)
def render(
    namespace: Annotated[
        str,
        typer.Option(
            help="Where all objects go; default: the overlay's own.", show_default=False
        ),
    ] = "",
    overlay: Annotated[
        str,
        typer.Option(
            help="base, kind, minimal-rbac, production, or a folder of yours with a "
            "kustomization.yaml."
        ),
    ] = rendering.BASE,
    values: Annotated[
        Path | None,
        typer.Option(
            help="File with QFieldCloud's settings, NAME=value on each line: becomes "
            "the Secret that the wrapper reads them from.",
            show_default=False,
        ),
    ] = None,
    image: Annotated[
        str, typer.Option(help="The wrapper's image.", show_default=False)
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="As one JSON List instead of YAML.")
    ] = False,
) -> None:
    """Print the objects as YAML, as `kubectl kustomize` does, but without kubectl.

    With `--values`, what is printed holds your secrets.
    """
    objects = rendering.rendered(
        overlay,
        namespace=namespace,
        image=image,
        settings=None if values is None else settings_file.read(values),
    )
    if as_json:
        items = {"apiVersion": "v1", "kind": "List", "items": objects}
        sys.stdout.write(json.dumps(items, indent=1) + "\n")
    else:
        sys.stdout.write(kustomization.dumped(objects))


@app.command("list", epilog="Example: `qfc-harness manifests list`")
def overlays(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List what can be rendered, and where it lies."""
    found = {name: str(rendering.folder(name)) for name in rendering.overlays()}
    if as_json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
        return
    for name, path in found.items():
        sys.stdout.write(f"{name:16} {path}\n")
