"""``qfc-harness races``: its options, and its exit code."""

import dataclasses
import json
import sys
from typing import Annotated

import typer

from .. import run as running
from .. import settings as harness_settings
from ..errors import UsageError
from ..options import AsJson
from ..scenario.schema import BACKENDS, Backend
from ..screen import Screen, print_figures
from ..session import open_session
from ..subject.locate import locate
from . import race


def races(
    jobs: Annotated[int, typer.Option(min=1, help="How many jobs.")] = 20,
    replicas: Annotated[int, typer.Option(min=2, help="How many wrappers.")] = 4,
    kills: Annotated[
        int, typer.Option(min=0, help="How many of them die on the way.")
    ] = 2,
    backend: Annotated[str, typer.Option(help="docker or kubernetes.")] = "docker",
    environment: Annotated[str, typer.Option(help="As for `run`.")] = "simulated",
    subject: Annotated[str, typer.Option(help="As for `run`.")] = running.OURS,
    migration: Annotated[
        bool,
        typer.Option(
            "--migration",
            help="The backend changes on the way: docker, kubernetes, docker.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Race replicas, sweeps, the reaper and crashes; count what became of the jobs.

    Each job has to run once and to end well; the exit code is 1 if it was not so.
    """
    settings = harness_settings.from_environ()
    plan = race.Plan(
        jobs=jobs,
        replicas=replicas,
        kills=kills,
        seed=settings.seed,
        migration=migration,
    )
    chosen, found = _backend(backend), locate(subject)
    with open_session(settings, [environment]) as session:
        figures = race.run(session, found, environment, chosen, plan)
    if as_json:
        content = [dataclasses.asdict(figure) for figure in figures]
        sys.stdout.write(json.dumps(content, indent=1) + "\n")
    else:
        print_figures(Screen(), figures)
    raise typer.Exit(int(not all(figure.ok for figure in figures)))


def _backend(name: str) -> Backend:
    for one in BACKENDS:
        if one == name:
            return one
    raise UsageError(f"--backend {name}.", f"There are: {', '.join(BACKENDS)}.")
