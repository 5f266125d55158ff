"""How fast a kept real environment is, and a wrapper on it beside the bare client.

The bare client (``fixtures/bare_client``) runs the same worker with no wrapper around
it: create, wait, read the log, remove. Both run as subjects, in turns, through the same
tap.
"""

import statistics
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import resources
from .bench import Figure, Ran, command, end_to_final, verdicts
from .environment import keeping, registry
from .errors import EnvironmentMissing
from .scenario import load
from .settings import Settings

ROUNDS = 3
IN_A_ROUND = 5
WORKER = """
name: bench
description: A worker that works for one second.
job: {type: package}
worker: {run_s: 1}
expect: {status: finished}
"""


def measure(
    settings: Settings, environment: str, times: int, *, suite: bool = True
) -> Iterator[Figure]:
    """All figures of a kept environment, as they come; takes some minutes.

    :param times: how often a whole command is repeated
    :param suite: run all scenarios with the probe too
    :raises EnvironmentMissing: none is kept
    """
    keeper = registry.KEEPERS.get(environment)
    kept = keeper and keeping.look(settings, environment, keeper)
    if not kept or kept.wrong:
        raise EnvironmentMissing(
            f"No {environment} is kept: {kept.wrong if kept else 'it has to be made'}.",
            f"Keep one: qfc-harness up {environment}",
        )
    chosen = [f"--environment={environment}"]
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        scenario = place / "scenarios" / "bench.yaml"
        scenario.parent.mkdir()
        scenario.write_text(WORKER, encoding="utf-8")
        one = [str(scenario), *chosen]
        yield _start([command(one, place) for _ in range(times)], environment)
        rounds = []
        for number in range(1, ROUNDS + 1):
            ours = _turn(one, place)
            bare = _turn([*one, f"--subject={_bare()}"], place)
            rounds.append((ours, bare))
            yield _round(number, ours, bare)
        yield from end_to_final([cell for ran, _ in rounds for cell in ran.cells])
        yield from _beside_the_bare_client(rounds)
        if suite:
            yield from _of_suite(command([*_with_probe(), *chosen], place), environment)


def _start(warm: Iterable[Ran], environment: str) -> Figure:
    ready = [ran.ready_s for ran in warm]
    return Figure(
        name=f"from the command to its first cell, kept {environment}",
        value=statistics.median(ready),
        unit="s",
        budget=3,
        detail=f"median of {len(ready)}; {min(ready):.2f} to {max(ready):.2f}",
    )


def _round(number: int, ours: Ran, bare: Ran) -> Figure:
    """What comes of one round, for who waits for all of them."""
    wrapped, alone = (statistics.median(_wholes([ran])) for ran in (ours, bare))
    return Figure(
        name=f"round {number} of {ROUNDS}: a job beside the bare client's",
        value=wrapped / alone,
        unit="×",
        budget=None,
        detail=f"{wrapped:.2f} s, bare {alone:.2f} s",
    )


def _wholes(runs: Iterable[Ran]) -> list[float]:
    return [whole(cell["timeline"]) for ran in runs for cell in ran.cells]


def _of_suite(ran: Ran, environment: str) -> Iterator[Figure]:
    yield Figure(
        name=f"all scenarios with the probe on {environment}",
        value=ran.seconds,
        unit="s",
        budget=240,
        detail=verdicts(ran.cells),
    )
    for figure in end_to_final(ran.cells):
        yield replace(figure, name=f"{figure.name}, many at once")


def _with_probe() -> list[str]:
    """The files of all scenarios whose worker is a script."""
    loaded = load.load([resources.scenarios()])
    return [str(one.path) for one in loaded if one.scenario.worker != "job"]


def _bare() -> Path:
    return resources.fixture("bare_client") / "bare.py"


def _turn(arguments: Iterable[str], place: Path) -> Ran:
    """A few cells, one after the other."""
    return command([*arguments, f"--cells={IN_A_ROUND}", "-n1"], place)


def _beside_the_bare_client(rounds: Iterable[tuple[Ran, Ran]]) -> list[Figure]:
    """A job's whole time with the wrapper, and without."""
    turns = list(rounds)
    ours, bare = _wholes(one for one, _ in turns), _wholes(one for _, one in turns)
    wrapped, alone = statistics.median(ours), statistics.median(bare)
    return [
        Figure(
            name="a job with a worker of 1 s, the bare client",
            value=alone,
            unit="s",
            budget=None,
            detail=f"median of {len(bare)}; {min(bare):.2f} to {max(bare):.2f}",
        ),
        Figure(
            name="the same with the wrapper",
            value=wrapped,
            unit="s",
            budget=None,
            detail=f"median of {len(ours)}; {min(ours):.2f} to {max(ours):.2f}",
        ),
        Figure(name="times the bare one", value=wrapped / alone, unit="×", budget=1.15),
    ]


def whole(timeline: Iterable[Mapping[str, Any]]) -> float:
    """Seconds from the first that was done for a job to the last.

    That is, where a wrapper did it, from the row's ``started``; to the answer to the
    last call, or the row's last change. A watch ends whenever it is let go.

    >>> create = {"lane": "api", "what": "POST", "at_s": 1.0, "seconds": 0.5}
    >>> remove = {"lane": "api", "what": "DELETE", "at_s": 3.0, "seconds": 0.5}
    >>> whole([create, remove])
    2.5
    >>> started = {"lane": "row", "what": "queued → started", "at_s": 0.8}
    >>> whole([started, create, remove])
    2.7
    """
    moments = sorted(timeline, key=lambda moment: float(moment["at_s"]))
    taken = [one for one in moments if str(one["what"]).endswith("→ started")]
    begin = float(taken[0]["at_s"]) if taken else None
    end = 0.0
    for moment in moments:
        what, at = str(moment["what"]), float(moment["at_s"])
        if moment["lane"] == "api":
            begin = at if begin is None else begin
            end = max(end, at if "watch=" in what else at + float(moment["seconds"]))
        elif moment["lane"] == "row":
            end = max(end, at)
    return end - (begin or 0.0)
