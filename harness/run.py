"""A run from start to end: start reading here.

Scenario files become cells, a session runs each of them, and what was found becomes
the report.
"""

import dataclasses
import itertools
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path

from . import resources
from .environment import registry
from .environment.registry import Choice
from .expectations.finding import Finding, Verdict
from .report.cell import not_run
from .report.model import CellReport, EnvironmentReport, Report, overall
from .report.parity import parity_reports
from .report.vault import Vault
from .scenario import cells as scenario_cells
from .scenario import load
from .scenario.cells import Cell
from .scenario.schema import BACKENDS, Backend
from .session import INTERRUPTED, Session, open_session
from .settings import Settings
from .subject import locate
from .subject.locate import Subject

OURS = "worker_wrapper"
Progress = Callable[[Cell, CellReport | None], None]
"""Told when a cell is started (None) and when it is done."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What the user asked for."""

    paths: tuple[Path, ...] = ()
    expression: str = ""
    backends: tuple[Backend, ...] = BACKENDS
    environment: str = "simulated"
    require_real: bool = False
    """Refuse an environment that is simulated, and take a skipped cell for a fault."""
    subject: str = OURS
    profile: Path | None = None
    cells: int = 0
    """Run the chosen cells again and again until there are so many; 0: once."""
    at_once: int = 0
    """How many cells at once; 0 for as many as the machine is good for."""
    look_again: int = 0
    """How often a failed cell is looked at again, alone; the last look counts."""
    command: str = ""


def run(
    options: Options,
    settings: Settings,
    progress: Progress,
    vault: Vault | None = None,
) -> Report:
    """Run the cells that the options name.

    :param vault: where the secrets of the cells are kept, for what is written later
    :raises HarnessError: nothing could be run, and why
    """
    began, clock = datetime.now(timezone.utc), time.monotonic()
    loaded = load.load(options.paths or [resources.scenarios()])
    subject = locate.locate(options.subject, options.profile)
    choices = registry.choose(
        options.environment,
        settings,
        require_real=options.require_real,
        backends=subject.backends(options.backends),
    )
    cells = scenario_cells.plan(
        loaded,
        environments=[(choice.name, choice.backends) for choice in choices],
        backends=subject.backends(options.backends),
        expression=options.expression,
    )
    if options.cells:
        cells = list(itertools.islice(itertools.cycle(cells), options.cells))
    used = {cell.environment for cell in cells}
    choices = [choice for choice in choices if choice.name in used]
    least, nodes = scenario_cells.nodes_for(cells)
    settings = dataclasses.replace(settings, least_nodes=least, nodes=nodes)
    names = [choice.name for choice in choices]
    with open_session(settings, names, vault) as session:
        ready = time.monotonic() - clock
        results, interrupted = _run_all(
            session, subject, settings, cells, options.at_once, progress
        )
        for _ in range(options.look_again):
            interrupted = interrupted or _look_again(
                session, subject, settings, cells, results, progress
            )
        described = _environments(session, choices)
    parity = parity_reports(results)
    return Report(
        verdict=overall(results, interrupted=interrupted, parity=parity),
        began=began,
        took_s=round(time.monotonic() - clock, 3),
        ready_s=round(ready, 3),
        command=options.command,
        subject={
            "name": subject.name,
            "modules": ", ".join(subject.modules),
            "sha256": subject.sha256,
        },
        environments=described,
        fingerprint=fingerprint(settings),
        cells=tuple(results),
        interrupted=interrupted,
        parity=parity,
    )


def _run_all(
    session: Session,
    subject: Subject,
    settings: Settings,
    cells: list[Cell],
    at_once: int,
    progress: Progress,
) -> tuple[list[CellReport], bool]:
    """Every cell, some side by side; an interruption skips what is not begun."""

    def one(cell: Cell) -> CellReport:
        progress(cell, None)
        report = session.run_cell(cell, subject)
        progress(cell, report)
        return report

    interrupted = False
    workers = at_once or default_at_once()
    with ThreadPoolExecutor(workers, thread_name_prefix="cell") as pool:
        futures = [pool.submit(one, cell) for cell in cells]
        try:
            _wait(futures)
        except BaseException as error:  # whatever it is, nothing may run on
            for future in futures:
                future.cancel()
            session.abort()
            if not isinstance(error, KeyboardInterrupt):
                raise
            interrupted = True
    reports = []
    for cell, future in zip(cells, futures, strict=True):
        if future.cancelled() or (interrupted and future.exception() is not None):
            skipped = Verdict.SKIPPED
            reports.append(
                not_run(cell, skipped, INTERRUPTED, subject=subject, settings=settings)
            )
        else:
            reports.append(future.result())
    return reports, interrupted


def _look_again(
    session: Session,
    subject: Subject,
    settings: Settings,
    cells: list[Cell],
    results: list[CellReport],
    progress: Progress,
) -> bool:
    """What failed once more, one after the other; the new reports take the old ones'
    places and have their failures. Whether it was interrupted.

    Two cells that differ from each other have failed both. On a busy machine a server
    may answer late, or in another order.
    """
    failed = _failures(results)
    if not failed:
        return False
    chosen = [cells[number] for number in failed]
    again, interrupted = _run_all(session, subject, settings, chosen, 1, progress)
    for (number, failures), report in zip(failed.items(), again, strict=True):
        if report.verdict is not Verdict.SKIPPED:
            earlier = (*results[number].earlier, failures)
            results[number] = dataclasses.replace(report, earlier=earlier)
    return interrupted


def _failures(results: list[CellReport]) -> dict[int, tuple[Finding, ...]]:
    """What failed of each cell, by itself or beside the other backend's."""
    bad = (Verdict.FAIL, Verdict.ERROR)
    pairs = [one for one in parity_reports(results) if one.verdict in bad]
    found: dict[int, tuple[Finding, ...]] = {}
    for number, seen in enumerate(results):
        own = [pair for pair in pairs if seen.id in (pair.docker, pair.kubernetes)]
        if seen.verdict in bad or own:
            differ = [
                one for pair in own for one in pair.findings if one.verdict in bad
            ]
            found[number] = (*seen.failures, *differ)
    return found


def _wait(futures: Iterable["Future[CellReport]"]) -> None:
    """Wait for all, awake often enough to notice Ctrl-C; raise what any raised."""
    left = set(futures)
    while left:
        done, left = wait(left, timeout=0.2, return_when=FIRST_COMPLETED)
        for future in done:
            future.result()


def default_at_once() -> int:
    """Cells mostly wait, so a few more than there are cores."""
    return 2 * (os.cpu_count() or 1) + 1


def _environments(
    session: Session, choices: Iterable[Choice]
) -> tuple[EnvironmentReport, ...]:
    why = {choice.name: choice.why for choice in choices}
    return tuple(
        EnvironmentReport(
            name=one.name,
            proof=one.proof,
            description=one.description,
            note="; ".join(filter(None, (why[one.name], one.note))),
        )
        for one in session.started.values()
    )


def fingerprint(settings: Settings) -> dict[str, str]:
    """What the results depend on besides the subject."""
    found = {
        "harness": metadata.version("qfieldcloud-worker-harness"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "pace": settings.pace,
        "seed": str(settings.seed),
        "argv": " ".join(sys.argv),
    }
    for name in ("docker", "kubernetes", "django", "qfieldcloud-sdk"):
        found[name] = metadata.version(name)
    return found
