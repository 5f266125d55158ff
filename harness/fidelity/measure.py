"""Where the two sides come from: run here, or read from saved reports."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from .. import run as running
from ..errors import UsageError
from ..report.model import as_json
from ..report.save import DATA
from ..settings import Settings
from .fidelity import SIMULATED, CellFacts, Fidelity, cells_of, fidelity

REAL_PACE = "real"
"""The real one's own delays: what a wrapper sees of states depends on them."""


def measure(
    options: running.Options,
    settings: Settings,
    progress: running.Progress,
    saved: tuple[Path, ...] = (),
) -> Fidelity:
    """Run what isn't saved: first the real side, then the simulated one.

    :param saved: report.json files, or their folders, that stand for a side
    :raises HarnessError: nothing could be run, or a file can't be read
    """
    cells = [cell for path in saved for cell in read(path)]
    proofs = {cell.proof for cell in cells}
    if not proofs - {SIMULATED}:
        cells += _run(options, settings, progress)
    if SIMULATED not in proofs:
        real = {cell.backend for cell in cells}
        simulated = dataclasses.replace(
            options,
            environment=SIMULATED,
            require_real=False,
            backends=tuple(one for one in options.backends if one in real),
        )
        slow = dataclasses.replace(settings, pace=REAL_PACE)
        cells += _run(simulated, slow, progress)
    return fidelity(cells)


def _run(
    options: running.Options, settings: Settings, progress: running.Progress
) -> list[CellFacts]:
    report: dict[str, Any] = as_json(running.run(options, settings, progress))
    return cells_of(report)


def read(path: Path) -> list[CellFacts]:
    """The cells of a saved report.

    :raises UsageError: it isn't there, or is no report that has facts
    """
    file = path / DATA if path.is_dir() else path
    hint = "Name a report.json that `qfc-harness run --report-dir` has written."
    try:
        return cells_of(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error}", hint) from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{file} is no report: {error!r}", hint) from error
