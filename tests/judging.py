"""Cells of any subject in one session of the harness, run side by side and judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from harness import resources, session, settings
from harness.environment import registry
from harness.expectations.finding import Finding, Verdict
from harness.report.model import CellReport
from harness.scenario import cells, load
from harness.scenario.cells import Cell
from harness.subject.locate import locate

SIMULATED = "simulated"
AT_ONCE = 5


def cell(name: str, backend: str, environment: str = SIMULATED) -> Cell:
    """The cell of a scenario that ships with the harness, by its folder and name."""
    loaded = load.load([resources.scenarios() / f"{name}.yaml"])
    (planned,) = cells.plan(
        loaded,
        environments=[(environment, registry.BACKENDS[environment])],
        backends=[backend],
    )
    return planned


class Judging:
    """An open session: the database, and the backends of one environment."""

    def __init__(self, opened: session.Session, environment: str) -> None:
        self._session = opened
        self.environment = environment
        self.backends = registry.BACKENDS[environment]
        self.directory: Path = opened._run.path
        """All that the run keeps on disk; a path that no other run has."""

    def judge(
        self,
        subject: Path | str,
        wanted: Iterable[tuple[str, str]],
        profile: Path | None = None,
    ) -> list[CellReport]:
        """Run scenario and backend pairs with one subject; reports in their order."""
        found = locate(str(subject), profile)
        planned = [cell(name, backend, self.environment) for name, backend in wanted]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(
                pool.map(lambda one: self._session.run_cell(one, found), planned)
            )


@contextmanager
def open_judging(environment: str = SIMULATED) -> Iterator[Judging]:
    """Start all that cells need, and end it again."""
    with session.open_session(settings.from_environ(), [environment]) as opened:
        yield Judging(opened, environment)


def bad(report: CellReport) -> list[Finding]:
    """What a report complains of, in its order: causes before consequences."""
    return [one for one in report.findings if one.verdict.rank > Verdict.PASS.rank]


def checks(report: CellReport) -> list[str]:
    """The ids of the checks that failed, each once, in order."""
    return list(dict.fromkeys(one.check for one in bad(report)))
