"""``qfc-harness up``, ``down``, ``status``, ``gc``: what outlives a run."""

import json
from typing import Annotated

import typer

from .. import settings as harness_settings
from ..interruption import interruptible
from ..options import AsJson
from .saying import say

Kept = Annotated[
    str,
    typer.Argument(
        help="docker_engine or kind_cluster; default: all.", show_default=False
    ),
]


def up(
    environment: Kept = "",
    nodes: Annotated[
        int, typer.Option(min=1, max=2, help="Of a cluster; some scenarios need two.")
    ] = 1,
) -> None:
    """Keep an environment, so that each run on it starts at once."""
    from .. import upkeep

    with interruptible():
        upkeep.up(harness_settings.from_environ(), environment, nodes, say)


def down(environment: Kept = "") -> None:
    """Remove what `up` made."""
    from .. import upkeep

    upkeep.down(harness_settings.from_environ(), environment, say)


def status(
    as_json: AsJson = False,
) -> None:
    """Say what is kept, and which runs go on."""
    from .. import upkeep

    if as_json:
        say(json.dumps(upkeep.state(harness_settings.from_environ()), indent=1))
    else:
        upkeep.status(harness_settings.from_environ(), say)


def gc(
    dry: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be removed.")
    ] = False,
) -> None:
    """Remove what runs left that were killed (SIGKILL), and nothing else."""
    from .. import upkeep

    if not upkeep.gc(harness_settings.from_environ(), say, dry=dry):
        raise typer.Exit(4)
