"""Scenario files as pytest items: ``pytest -k scenario``. Glue only, no logic.

Loaded in every pytest session of the environment it is installed in, so it imports the
harness only when a scenario is collected.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .environment.registry import Choice
    from .report.model import CellReport
    from .scenario.cells import Cell
    from .session import Session
    from .settings import Settings
    from .subject.locate import Subject

FOLDER = "scenarios"
_stack = pytest.StashKey[ExitStack]()
_session = pytest.StashKey["Session | Exception"]()
_subject = pytest.StashKey["Subject"]()
_choices = pytest.StashKey["list[Choice]"]()
_cells = pytest.StashKey["list[Cell]"]()
_shared = pytest.StashKey[Path]()
SHARED = "qfc_harness_shared"
"""What xdist's controller tells its workers: where they share an environment."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options that choose environment and subject: those of ``qfc-harness run``."""
    group = parser.getgroup("qfc-harness", "QFieldCloud worker harness")
    add = group.addoption
    add("--environment", default="simulated", help="who answers (simulated)")
    add("--require", choices=["real"], help="refuse a simulated environment")
    add("--worker-image", help="the worker's image, in place of the one built here")
    add("--wrapper", choices=["host", "pod"], help="where it runs in a real cluster")
    add("--app-image", help="of the wrapper's pod")
    add("--probe-image", help="of fixtures/probe, for a cluster")
    add("--namespace", help="the only one that is used there")
    add("--subject", default="worker_wrapper", help="the wrapper under test")
    add("--profile", type=Path, help="YAML with what convention can't tell of it")


def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> pytest.Collector | None:
    """YAML files below a folder ``scenarios`` of the project are scenarios."""
    root = parent.config.rootpath
    inside = file_path.relative_to(root) if root in file_path.parents else file_path
    if file_path.suffix in (".yaml", ".yml") and FOLDER in inside.parts:
        collector: pytest.Collector = ScenarioFile.from_parent(parent, path=file_path)
        return collector
    return None


class ScenarioFile(pytest.File):
    """A scenario file; each of its cells is an item."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item for each backend and environment."""
        from .errors import HarnessError
        from .scenario import cells, load
        from .scenario.schema import BACKENDS

        try:
            planned = cells.plan(
                load.load([self.path]),
                environments=[
                    (one.name, one.backends) for one in environments(self.config)
                ],
                backends=subject_of(self.config).backends(BACKENDS),
                none_is_wrong=False,
            )
        except HarnessError as error:
            raise self.CollectError(str(error)) from None
        for cell in planned:
            yield CellItem.from_parent(self, name=f"scenario[{cell.id}]", cell=cell)


class CellFailed(Exception):
    """A cell's verdict is not a pass; carries its report."""


class CellItem(pytest.Item):
    """One cell."""

    def __init__(self, *, cell: Cell, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cell = cell

    def runtest(self) -> None:
        """Run the cell in the session's environment."""
        from .expectations.finding import Verdict

        report = session_of(self.config).run_cell(self.cell, subject_of(self.config))
        required = self.config.getoption("--require")
        if report.verdict is Verdict.NOT_PROVEN or (report.skipped and not required):
            reasons = dict.fromkeys(one.message for one in report.failures)
            why = report.skipped or "; ".join(reasons)
            pytest.skip(f"{report.verdict.value}: {why}")
        if report.verdict not in (Verdict.PASS, Verdict.NOT_APPLICABLE):
            raise CellFailed(report)

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> Any:
        """The findings: expected, actual, why, what to do."""
        from .errors import HarnessError
        from .report.junit import explain

        if excinfo.errisinstance(HarnessError):
            return str(excinfo.value)
        if not excinfo.errisinstance(CellFailed):
            return super().repr_failure(excinfo, style)
        report: CellReport = excinfo.value.args[0]
        lines = [explain(finding) for finding in report.failures or report.findings]
        return "\n\n".join([report.description, *lines, f"repeat: {report.repeat}"])

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the cell comes from."""
        return self.path, 0, self.name


def environments(config: pytest.Config) -> list[Choice]:
    """The environments that the options choose; looked for once."""
    if _choices not in config.stash:
        from .environment import registry

        config.stash[_choices] = registry.choose(
            config.getoption("--environment"),
            settings_of(config),
            require_real=config.getoption("--require") == registry.REAL,
        )
    return config.stash[_choices]


def pytest_report_header(config: pytest.Config) -> list[str]:
    """What ``--environment auto`` took, and why."""
    if config.getoption("--environment") != "auto":
        return []
    from .errors import HarnessError

    try:
        return [f"environment {one.name}: {one.why}" for one in environments(config)]
    except HarnessError:
        return []  # each scenario file says it


def subject_of(config: pytest.Config) -> Subject:
    """The subject that the options name; looked for once."""
    if _subject not in config.stash:
        from .subject.locate import locate

        named, profile = config.getoption("--subject"), config.getoption("--profile")
        config.stash[_subject] = locate(named, profile)
    return config.stash[_subject]


def settings_of(config: pytest.Config) -> Settings:
    """The settings of the environment, with what the options say besides."""
    from . import settings

    named = ("worker_image", "wrapper", "app_image", "probe_image", "namespace")
    said = {name: config.getoption(name) for name in named}
    # --kubeconfig is an option of pytest-kind's, which not everybody has
    said["kubeconfig"] = config.getoption("kubeconfig", default=None)
    found = settings.with_options(settings.from_environ(), said)
    shared = getattr(config, "workerinput", {}).get(SHARED)
    return dataclasses.replace(
        found,
        shared=Path(shared) if shared else None,
    )


def session_of(config: pytest.Config) -> Session:
    """The run's shared parts, started (or not) when the first cell is run."""
    if _session not in config.stash:
        from .scenario.cells import nodes_for
        from .session import open_session

        stack = config.stash.setdefault(_stack, ExitStack())
        try:
            cells = config.stash.get(_cells, [])
            used = {cell.environment for cell in cells}
            least, nodes = nodes_for(cells)
            settings = settings_of(config)
            opening = open_session(
                dataclasses.replace(settings, least_nodes=least, nodes=nodes),
                [one.name for one in environments(config) if one.name in used],
            )
            config.stash[_session] = stack.enter_context(opening)
        except Exception as error:  # what doesn't start isn't tried for each cell
            config.stash[_session] = error
    found = config.stash[_session]
    if isinstance(found, Exception):
        raise found
    return found


def pytest_collection_finish(session: pytest.Session) -> None:
    """Note the cells that are left, by which the environments are started."""
    items = [item.cell for item in session.items if isinstance(item, CellItem)]
    session.config.stash[_cells] = items


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist's controller keeps what its workers share, so that any of them may die."""
    config = node.config
    if config.getoption("--environment") == "simulated":
        return
    if _shared not in config.stash:
        from .environment import keeping, registry

        stack = config.stash.setdefault(_stack, ExitStack())
        opening = keeping.sharing(settings_of(config), registry.KEEPERS)
        config.stash[_shared] = stack.enter_context(opening)
    node.workerinput[SHARED] = str(config.stash[_shared])


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what was started."""
    if _stack in config.stash:
        config.stash[_stack].close()
