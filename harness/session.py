"""What the cells of a run share, started once: processes, database, environments.

The command line and the pytest plugin both run their cells in one of these.
"""

import dataclasses
import itertools
import shutil
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from . import resources
from .environment import registry
from .environment.place import Place, Started
from .environment.simulated import Simulated
from .errors import EnvironmentMissing, HarnessError, HarnessFailure, UsageError
from .expectations.finding import Verdict, worst
from .expectations.judge import judge
from .replay.observation import Observation
from .replay.replay import replay
from .report.cell import LOST, cell_report, not_run, secrets_of
from .report.model import CellReport
from .report.vault import Vault
from .scenario.cells import Cell
from .settings import Settings
from .standin.database import Database, open_database
from .standin.forkserver import ForkServer
from .standin.run_directory import RunDirectory, open_run_directory
from .subject.locate import Subject
from .subject.process import Runner
from .tap.tap import Tap

LEAST_ROOM = 4 * 1024**2
"""With fewer bytes free, what a cell shows is the full disk's doing."""
PROVEN = Verdict.NOT_PROVEN.rank
"""Beyond this something is wrong, so that it is looked at more closely."""
INTERRUPTED = "interrupted before it was done"


class Session:
    """A run's shared parts, and how one cell is run in them."""

    def __init__(
        self,
        settings: Settings,
        run: RunDirectory,
        forks: ForkServer,
        started: dict[str, Started],
        vault: Vault,
    ) -> None:
        self.started = started
        self._settings = settings
        self._run = run
        self._forks = forks
        self._vault = vault
        self._numbers = itertools.count(1)
        self._aborted = False

    def abort(self) -> None:
        """End all that runs, so that whoever waits for it goes on."""
        self._aborted = True
        self._forks.close()

    def run_cell(self, cell: Cell, subject: Subject) -> CellReport:
        """Run one cell and judge it; the harness's own failures are in the report."""
        started = self.started[cell.environment]
        lacking = started.capabilities.missing(cell.scenario)
        if lacking:
            return self._not_run(cell, Verdict.SKIPPED, lacking, subject)
        began, began_at = time.monotonic(), datetime.now(timezone.utc)
        words, check = "", "harness.cell"
        try:
            seen = self._replay(cell, started, subject)
        except HarnessError as error:
            words = str(error)
            if isinstance(error, EnvironmentMissing):
                check = LOST
        except Exception:  # one cell's trouble must not take the others' results away
            words = traceback.format_exc()
        if self._aborted:
            return self._not_run(cell, Verdict.SKIPPED, INTERRUPTED, subject)
        words = self._disk_full() or words
        findings = [] if words else list(judge(seen))
        good = not words and worst(one.verdict for one in findings).rank <= PROVEN
        lost = "" if good else started.lost()
        if words or lost:
            check = LOST if lost else check
            return self._not_run(cell, Verdict.ERROR, lost or words, subject, check)
        if not good:
            seen = _with_node_logs(seen, started, began_at)
        took = time.monotonic() - began
        self._vault.hold(secrets_of(seen))
        return cell_report(
            seen,
            findings,
            subject=subject,
            settings=self._settings,
            duration_s=took,
        )

    def _not_run(
        self,
        cell: Cell,
        verdict: Verdict,
        reason: str,
        subject: Subject,
        check: str = "harness.cell",
    ) -> CellReport:
        return not_run(
            cell,
            verdict,
            reason,
            subject=subject,
            settings=self._settings,
            proof=self.started[cell.environment].proof,
            check=check,
        )

    @contextmanager
    def in_place(
        self, cell: Cell, subject: Subject, *, both: bool = False
    ) -> Iterator[tuple[Place, Runner, Path]]:
        """A place for a cell, and what starts the subject there.

        :param both: a place with both backends, where the environment has them
        """
        started = self.started[cell.environment]
        directory = self._run.path / f"cell-{next(self._numbers)}"
        directory.mkdir()
        runner = Runner(
            subject=subject,
            forks=self._forks,
            sandboxed=started.capabilities.namespaces,
        )
        opening = started.open
        if both:
            if not isinstance(started, Simulated):
                raise UsageError(
                    f"{started.name} has one backend.", "Take the simulated one."
                )
            opening = started.open_both
        with opening(cell, directory) as place:
            yield place, runner, directory

    def _replay(self, cell: Cell, started: Started, subject: Subject) -> Observation:
        both = cell.scenario.migrates
        with self.in_place(cell, subject, both=both) as (place, runner, directory):
            try:
                return replay(
                    cell,
                    place=place,
                    started=started,
                    runner=runner,
                    directory=directory,
                    seed=self._settings.seed,
                    pace=self._settings.pace,
                )
            finally:  # before the place is cleared away, which makes room again
                full = self._disk_full()
                if full:
                    raise HarnessFailure(full)

    def _disk_full(self) -> str:
        """What to say if there is no room left; "" if there is."""
        if shutil.disk_usage(self._run.path).free >= LEAST_ROOM:
            return ""
        return (
            f"There is no room left in {self._settings.temporary}, so the cell proves "
            "nothing.\n  Make room there, or set TMPDIR to a directory that has it."
        )


def _with_node_logs(
    seen: Observation, started: Started, since: datetime
) -> Observation:
    """With what only a failure is worth the asking."""
    try:
        logs = started.node_logs(since)
    except HarnessError as error:
        logs = {"logs of the nodes": str(error)}
    described = {**seen.evidence.get("described", {}), **logs}
    return dataclasses.replace(seen, evidence={**seen.evidence, "described": described})


@contextmanager
def open_session(
    settings: Settings, environments: list[str], vault: Vault | None = None
) -> Iterator[Session]:
    """Start all that the cells need, side by side; end it all afterwards.

    :param vault: where the secrets of the cells are kept, if they are of use later
    :raises EnvironmentMissing: something that is needed isn't there
    """
    with ExitStack() as stack:
        run = stack.enter_context(open_run_directory(settings))
        try:
            session = _start(settings, environments, run, stack, vault or Vault())
        except OSError as error:  # a full disk, mostly
            raise EnvironmentMissing(
                f"The run can't be started in {run.path}: {error}",
                "Make room there, or set TMPDIR to a directory that has it.",
            ) from error
        yield session


def _start(
    settings: Settings,
    environments: list[str],
    run: RunDirectory,
    stack: ExitStack,
    vault: Vault,
) -> Session:
    forks = ForkServer(resources.fixture("qfieldcloud_app"), run.path / "forks.log")
    stack.callback(forks.close)
    run.stop_at_end(forks.pid, 0)  # it ends when its socket is closed
    tap = Tap(run.path)
    stack.callback(tap.close)
    with ThreadPoolExecutor() as pool:
        opening = pool.submit(open_database, settings, run, forks)
        starting = {
            name: pool.submit(registry.STARTS[name], settings, run, forks, tap)
            for name in environments
        }
        futures: list[Future[Any]] = [opening, *starting.values()]
        try:
            _settle(forks, futures)
        finally:  # those that are up are to be taken down, whatever others did
            for future in futures:
                if future.exception() is None:
                    stack.callback(future.result().close)
    database: Database = opening.result()
    started = {name: future.result() for name, future in starting.items()}
    for one in started.values():
        one.use(database)
    return Session(settings, run, forks, started, vault)


def _settle(forks: ForkServer, futures: "list[Future[Any]]") -> None:
    """Wait for what is being started, also after Ctrl-C: it has to be ended then."""
    try:
        wait(futures)
    except BaseException:
        forks.close()
        wait(futures)
        raise
