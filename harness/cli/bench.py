"""``qfc-harness bench``: its options, and what is measured where."""

import dataclasses
import json
import sys
from typing import Annotated

import typer

from .. import bench as benchmark
from .. import settings as harness_settings
from ..environment.registry import KEEPERS
from ..errors import UsageError
from ..options import AsJson
from ..screen import Screen, print_figures
from .saying import say


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
    as_json: AsJson = False,
) -> None:
    """Measure the harness and print each figure beside its budget."""
    from .. import bench_real

    if environment == "simulated":
        figures = benchmark.measure(times)
    elif environment in KEEPERS:
        settings = harness_settings.from_environ()
        figures = []
        for one in bench_real.measure(settings, environment, times, suite=suite):
            figures.append(one)
            if not as_json:  # it takes minutes: show what there is
                say(f"{one.name}: {one.value:.2f} {one.unit}")
    else:
        known = ", ".join(["simulated", *KEEPERS])
        raise UsageError(f"bench --environment {environment}.", f"There are: {known}.")
    if as_json:
        content = [dataclasses.asdict(figure) for figure in figures]
        sys.stdout.write(json.dumps(content, indent=1) + "\n")
    else:
        print_figures(Screen(), figures)
