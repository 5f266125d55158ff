"""Wrappers that are broken on purpose: each is caught, and by what names its fault.

Each mutant is one realistic mistake on top of ours. Were a check blind to it, the cells
that it judges would prove nothing about any wrapper.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from judging import AT_ONCE, SIMULATED, Judging, bad, checks

from harness.expectations.finding import Verdict
from harness.report.model import CellReport

pytestmark = pytest.mark.namespaces

FOLDER = Path(__file__).parent
BOTH = ("docker", "kubernetes")
GIVEN, EXIT_CODE, SWEEP, NO_FEEDBACK, ARGUMENTS, SECRETS, MEMORY = (
    "contract/worker-given",
    "contract/exit-code",
    "contract/sweep-while-running",
    "contract/feedback-missing",
    "contract/arguments-byte-for-byte",
    "contract/secrets-byte-for-byte",
    "contract/out-of-memory",
)
ROW_GONE = "contract/row-gone-before"
DELTAS, KILLED, PACKAGE = (
    "contract/delta-worker-fails",
    "contract/killed",
    "smoke/package-trees",
)
THROTTLED, LOST, LOG_CUT, FORBIDDEN = (
    "api-faults/create-throttled",
    "api-faults/create-answer-lost",
    "api-faults/log-cut",
    "api-faults/create-forbidden",
)
CRASHED, REPLICAS, REAPED, CUT = (
    "crash/crash-while-running",
    "concurrency/replicas-while-running",
    "concurrency/reaped-before-final",
    "crash/database-cut-at-the-end",
)
KUBE = ("kubernetes",)
DATUM = "smoke/process-projectfile-datum"
UNKNOWN, ROTATED = ("cluster/phase-unknown", "logs/rotated")


@dataclass(frozen=True)
class Mutant:
    """What is expected of one mutant."""

    name: str
    scenario: str
    """One in which the mistake shows and does as little else as it can."""
    caught_by: str
    """The check that names the fault."""
    first: str = ""
    """The check whose finding is read first, if another fails before that one."""
    or_first: tuple[str, ...] = ()
    """Checks that may come before: it depends on when the log is rotated."""
    backends: tuple[str, ...] = BOTH
    real: bool = False
    """The simulator can't show it."""


MUTANTS = (
    Mutant("entrypoint_replaced", GIVEN, "worker.entrypoint"),
    Mutant("exit_code_lost", EXIT_CODE, "row.exit-code"),
    Mutant("worker_left_behind", GIVEN, "leftovers.worker"),
    Mutant(
        "memory_as_quantity",
        GIVEN,
        "worker.memory-request",
        backends=("kubernetes",),
    ),
    Mutant("cpu_weight_as_cap", GIVEN, "worker.cpu-cap"),
    Mutant("sweep_kills_live", SWEEP, "subject.sweep-spares-live"),
    Mutant("secret_in_plain_sight", GIVEN, "secrets.plain-sight"),
    # a worker that reports nothing: feedback in a place of its own would tell already
    Mutant("io_too_wide", EXIT_CODE, "worker.io-isolation"),
    # one in which no feedback is expected anyway
    Mutant("io_read_only", NO_FEEDBACK, "worker.io"),
    # in the simulator every file belongs to the one user that runs it
    Mutant("worker_of_another_user", GIVEN, "worker.io-ownership", real=True),
    Mutant("grids_not_mounted", GIVEN, "worker.grids"),
    Mutant("grids_writable", GIVEN, "worker.grids-read-only"),
    Mutant(
        "memory_unlimited",
        GIVEN,
        "worker.memory-limit",
        first="worker.memory-given",
    ),
    Mutant("cpu_weight_lost", GIVEN, "worker.cpu-share", first="worker.cpu-weight"),
    Mutant("out_of_memory_untold", MEMORY, "expect.error"),
    Mutant("token_in_worker", GIVEN, "worker.no-token", backends=("kubernetes",)),
    # the simulated engine has no socket on its host
    Mutant(
        "engine_in_worker", GIVEN, "worker.no-engine", backends=("docker",), real=True
    ),
    Mutant("arguments_as_text", ARGUMENTS, "worker.arguments"),
    Mutant("secrets_trimmed", SECRETS, "worker.environment"),
    Mutant("environment_passed_on", GIVEN, "worker.environment-foreign"),
    Mutant("label_lost", GIVEN, "worker.labels"),
    Mutant("row_needed", ROW_GONE, "subject.loads"),
    Mutant("finished_at_forgotten", EXIT_CODE, "row.finished-at"),
    Mutant("directory_left", EXIT_CODE, "leftovers.directory"),
    Mutant("token_valid_for_ever", GIVEN, "leftovers.token"),
    Mutant("deltas_left_started", DELTAS, "deltas.final"),
    Mutant("container_id_lost", GIVEN, "row.container-id"),
    Mutant("docker_finished_at_forgotten", EXIT_CODE, "row.docker-times"),
    Mutant("log_read_too_late", KILLED, "output.whole"),
    Mutant("run_raises", EXIT_CODE, "subject.run-returns"),
    Mutant("sweep_renamed", GIVEN, "subject.sweeps"),
    Mutant("package_dated_at_its_end", PACKAGE, "project.package"),
    Mutant("retry_after_ignored", THROTTLED, "faults.retry-after", backends=KUBE),
    Mutant("answer_lost_made_again", LOST, "worker.count", backends=("docker",)),
    Mutant("log_begun_again", LOG_CUT, "output.once"),
    Mutant("run_again_after_a_crash", CRASHED, "replica.runs-once"),
    Mutant("lock_of_nobody", REPLICAS, "replica.leaves-alone"),
    Mutant("final_row_overwritten", REAPED, "row.history", first="row.status"),
    Mutant("database_not_waited_for", CUT, "row.status"),
    Mutant("refusal_tried_again", FORBIDDEN, "row.in-time", backends=KUBE),
    Mutant("secret_without_owner", GIVEN, "leftovers.secrets", backends=KUBE),
    Mutant(
        *("unknown_is_lost", UNKNOWN, "expect.exit-code"),
        first="row.status",
        backends=KUBE,
    ),
    Mutant(
        "log_read_at_end",
        ROTATED,
        "expect.output",
        or_first=("output.says-cut",),
        backends=KUBE,
    ),
)


Reports = Callable[[Mutant, int], list[CellReport]]


@pytest.fixture(scope="session")
def reports(judging: Judging, request: pytest.FixtureRequest) -> Iterator[Reports]:
    """The reports of a mutant; all that are asked for are judged side by side."""

    def judge(mutant: Mutant) -> list[CellReport]:
        wanted = [(mutant.scenario, one) for one in backends_of(mutant, judging)]
        return judging.judge(FOLDER / f"{mutant.name}.py", wanted)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        begun: dict[tuple[Mutant, int], Future[list[CellReport]]] = {}
        if not hasattr(request.config, "workerinput"):  # xdist hands tests out itself
            for item in request.session.items:
                given = item.callspec.params if hasattr(item, "callspec") else {}
                if "mutant" in given:
                    key = given["mutant"], given["detection_round"]
                    begun[key] = pool.submit(judge, key[0])

        def reports_of(mutant: Mutant, number: int) -> list[CellReport]:
            future = begun.get((mutant, number)) or pool.submit(judge, mutant)
            return future.result()

        yield reports_of


def backends_of(mutant: Mutant, judging: Judging) -> list[str]:
    """Where the environment can show it."""
    if mutant.real and judging.environment == SIMULATED:
        return []
    return [one for one in mutant.backends if one in judging.backends]


def skip_where_it_was(report: CellReport) -> None:
    """A cell that this environment can't have; a simulator can have them all."""
    if report.verdict is Verdict.SKIPPED and report.environment != SIMULATED:
        pytest.skip(f"{report.id}: {report.skipped}")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_caught(
    judging: Judging,
    reports: Reports,
    mutant: Mutant,
    detection_round: int,
    record_property: Callable[[str, object], None],
):
    """The check that names the fault fails, on each backend that has it."""
    record_property("mutant", mutant.name)
    record_property("caught_by", mutant.caught_by)
    if not backends_of(mutant, judging):
        pytest.skip(f"{judging.environment} has nothing to show it with")
    for report in reports(mutant, detection_round):
        skip_where_it_was(report)
        assert report.verdict is Verdict.FAIL, bad(report)
        failed = [one for one in bad(report) if one.verdict is Verdict.FAIL]
        assert mutant.caught_by in checks(report), failed
        first = (mutant.first or mutant.caught_by, *mutant.or_first)
        assert failed[0].check in first, failed


def test_without_the_grids_coordinates_are_off(judging: Judging):
    """PROJ uses the mounted grid: without it the datum project lies elsewhere."""
    wanted = [(DATUM, one) for one in BOTH if one in judging.backends]
    for report in judging.judge(FOLDER / "grids_not_mounted.py", wanted):
        assert checks(report)[0] == "project.details", bad(report)
    for report in judging.judge("worker_wrapper", wanted):
        assert report.verdict is Verdict.PASS, bad(report)


UNMUTATED = {
    scenario: tuple(
        backend
        for backend in BOTH
        if any(one.scenario == scenario and backend in one.backends for one in MUTANTS)
    )
    for scenario in sorted({one.scenario for one in MUTANTS})
}


@pytest.mark.parametrize("scenario", UNMUTATED)
def test_the_unmutated_wrapper_passes_the_same_cells(judging: Judging, scenario: str):
    """What catches the mutants has nothing to say of ours."""
    there = [one for one in UNMUTATED[scenario] if one in judging.backends]
    reports = judging.judge("worker_wrapper", [(scenario, one) for one in there])
    for report in reports:
        skip_where_it_was(report)
        assert report.verdict is Verdict.PASS, bad(report)


def test_there_are_thirty():
    """Each with a scenario that it shows in."""
    assert len(MUTANTS) >= 30


def test_no_two_mutants_are_caught_by_the_same_finding():
    """Who reads the first finding of a scenario knows which mistake it is."""
    caught_by = [mutant.caught_by for mutant in MUTANTS]
    first = [(one.first or one.caught_by, one.scenario) for one in MUTANTS]
    assert len(set(caught_by)) == len(set(first)) == len(MUTANTS)


def test_every_mutant_is_in_the_table():
    """A mutant that nobody runs proves nothing."""
    files = {path.stem for path in FOLDER.glob("*.py")}
    assert files - {"conftest", "test_mutants", "test_rights"} == {
        one.name for one in MUTANTS
    }
