"""One cell from its rows to its observation."""

from datetime import datetime, timezone
from pathlib import Path

from ..environment.place import Place, Started
from ..scenario.cells import Cell
from ..subject.process import Runner
from .arrange import DEFAULT_CONFIG, arrange
from .events import Events, job_of
from .observation import Observation
from .reference import compared

MARGIN_S = 60.0
"""How much longer than the worker's time-out a wrapper may take."""


def replay(
    cell: Cell,
    *,
    place: Place,
    started: Started,
    runner: Runner,
    directory: Path,
    seed: int,
    pace: str,
) -> Observation:
    """Arrange, run, observe."""
    runner.prepare(place)
    arranged = arrange(cell, place, seed)
    events = Events(cell, place, arranged, runner, directory)
    given = cell.scenario.given
    began = datetime.now(timezone.utc)
    process = runner.start(
        "run",
        place,
        job=job_of(cell, arranged),
        settings=given.settings,
        directory=directory,
    )
    events.begin(process)
    timeout = given.config.get("WORKER_TIMEOUT_S", DEFAULT_CONFIG["WORKER_TIMEOUT_S"])
    seen = process.wait(float(timeout) + MARGIN_S)
    events.settle(float(timeout) + MARGIN_S)
    ended = datetime.now(timezone.utc)
    deeds = events.end()
    snapshot = place.app.control.snapshot(arranged.job_id)
    workers = tuple(place.workers())
    return Observation(
        cell=cell,
        proof=started.proof,
        slow="real" in (started.proof, pace),
        capabilities=started.capabilities,
        arranged=arranged,
        began=began,
        ended=ended,
        environ={**place.environ, **given.settings},
        leftovers=tuple(place.leftovers()),
        bystanders=tuple(place.bystanders()),
        snapshot=snapshot,
        workers=workers,
        subjects=(seen, *(deed.seen for deed in deeds if deed.seen is not None)),
        calls=tuple(place.journal.calls()),
        granted=place.granted,
        deeds=deeds,
        backend_end=place.backend_end(),
        evidence=place.evidence(),
        compared=compared(cell, place, snapshot, started.proof, directory),
    )
