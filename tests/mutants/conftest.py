"""One session of the harness for all mutants.

In the simulator; with ``--environment docker_engine`` or ``kind_cluster`` on the real
thing, where each check has to turn red too. ``--detection-rounds 10`` judges each
mutant ten times, and prints how often it was caught.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from judging import Judging, open_judging

ROUNDS = "--detection-rounds"


def pytest_addoption(parser: pytest.Parser) -> None:
    """How often; taken where this folder is named on the command line."""
    help_ = "judge each mutant so often, and print the detection table"
    parser.addoption(ROUNDS, type=int, default=0, help=help_)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each round is a test of its own."""
    if "detection_round" in metafunc.fixturenames:
        rounds = max(1, metafunc.config.getoption(ROUNDS, 0))
        metafunc.parametrize("detection_round", range(1, rounds + 1))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """The detection table, on demand."""
    if not config.getoption(ROUNDS, 0):
        return
    judged: Counter[tuple[str, str]] = Counter()
    caught: Counter[tuple[str, str]] = Counter()
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, ()):
            told = dict(getattr(report, "user_properties", ()))
            if "mutant" in told and "caught_by" in told:
                key = str(told["mutant"]), str(told["caught_by"])
                judged[key] += 1
                caught[key] += outcome == "passed"
    terminalreporter.section("detection")
    for name, check in sorted(judged):
        figures = f"{caught[name, check]} of {judged[name, check]}"
        terminalreporter.line(f"{name:32} {check:28} {figures}")
    always = sum(caught[key] == judged[key] for key in judged)
    terminalreporter.line(f"{always} of {len(judged)} mutants were caught each time")


@pytest.fixture(scope="session")
def judging(request: pytest.FixtureRequest) -> Iterator[Judging]:
    """The session that judges, in the environment that the option names."""
    with open_judging(request.config.getoption("--environment")) as opened:
        yield opened
