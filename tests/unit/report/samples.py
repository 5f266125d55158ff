"""Sample reports: every verdict, both backends, hostile text, long logs, many cells.

``python -m report.samples DIRECTORY``, run in ``tests/unit``, writes each of them as a
page, to be looked at.
"""

import dataclasses
import random
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path

from harness.expectations.finding import CHECKS, Finding, Verdict
from harness.report.html import html
from harness.report.model import (
    CellReport,
    EnvironmentReport,
    Moment,
    Report,
    Right,
    overall,
)

from .given import (
    KIND,
    SIMULATED,
    TITLES,
    cell,
    denied,
    finding,
    log_lost,
    skipped,
)

BACKENDS = ("docker", "kubernetes")
HOSTILE = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)></style></pre>"
    "{{7*7}}{% raw %} &lt; ]]> javascript:alert(3) \x00\x1b[31m \u202eevil\u2066 \ud800"
)


def report(cells: Sequence[CellReport], **more: object) -> Report:
    """A run of these cells."""
    environments = {
        SIMULATED: EnvironmentReport(
            name=SIMULATED,
            proof=SIMULATED,
            description={"pace": "real", "workers": "processes in namespaces"},
        ),
        KIND: EnvironmentReport(
            name=KIND,
            proof="real",
            description={"kind": "v0.31.0", "server": "v1.34.0", "nodes": "1"},
            note="one node: scenarios that need two are skipped",
        ),
    }
    used = dict.fromkeys(one.environment for one in cells)
    made = Report(
        verdict=overall(cells, interrupted=False),
        began=datetime(2026, 5, 3, 12, 0, 7, tzinfo=timezone.utc),
        took_s=41.3,
        command="qfc-harness run scenarios/smoke "
        + " ".join(f"--environment {name}" for name in used),
        subject={
            "name": "worker_wrapper",
            "modules": "worker_wrapper.wrapper, worker_wrapper.k8s_wrapper",
            "sha256": "9c56cc51b374c3ba" * 4,
        },
        environments=tuple(environments[name] for name in used),
        fingerprint={
            "harness": "0.1.0",
            "python": "3.11.7",
            "system": "Linux-6.1.0-13-amd64-x86_64-with-glibc2.36",
            "pace": "real",
            "seed": "1",
            "docker": "7.1.0",
            "kubernetes": "34.1.0",
            "django": "5.2.7",
            "qfieldcloud-sdk": "0.16.2",
        },
        cells=tuple(cells),
    )
    return dataclasses.replace(made, **more)  # type: ignore[arg-type]


def all_passed() -> Report:
    """Green, and all of it simulated."""
    return report([cell(name, one) for name in TITLES for one in BACKENDS])


def all_real() -> Report:
    """Green on a real cluster."""
    return report([cell(name, "kubernetes", KIND) for name in TITLES])


def one_of_each() -> Report:
    """Every verdict, both backends, two environments."""
    cells: list[CellReport] = []
    for name in TITLES:
        cells += [cell(name, one) for one in BACKENDS]
        cells.append(cell(name, "kubernetes", KIND))
    found = {one.id: one for one in cells}
    why = "Workers run without namespaces here: a mount can't be told from a folder."
    unproven = [
        finding(check, Verdict.NOT_PROVEN, message=why, expected="", actual="")
        for check in ("worker.io", "worker.grids")
    ]
    gap = finding(
        "simulator.gap",
        Verdict.ERROR,
        expected="an answer",
        actual="501 PATCH /apis/batch/v1/namespaces/qfc/jobs/qfc-4f2a",
        message="The simulator doesn't model PATCH of jobs with an apply patch.",
        where="the tap's journal",
    )
    memory = finding(
        "worker.memory-limit",
        Verdict.FAIL,
        expected="1048576000",
        actual="1000",
        message="1000m was passed on to Kubernetes, where it is one byte.",
        where="/io/probe.json, cgroup memory.max",
    )
    not_here = [
        finding(check, Verdict.NOT_APPLICABLE, expected="", actual="", where="")
        for check in ("deltas.final", "deltas.as-reported", "expect.deltas")
    ]
    replaced = [
        cell("package-trees", "kubernetes", SIMULATED, denied(), log_lost(), *not_here),
        cell("package-trees", "kubernetes", KIND, denied("real"), *not_here),
        cell("memory-limit", "kubernetes", SIMULATED, memory),
        cell("secrets-pgservice", "kubernetes", SIMULATED, gap),
        cell("worker-given", "docker", SIMULATED, *unproven),
        skipped("memory-limit", "kubernetes", KIND, "It needs real_limits."),
    ]
    found |= {one.id: one for one in replaced}
    cells = list(found.values())
    nothing = finding("harness.cell", Verdict.NOT_APPLICABLE, message="No such job.")
    cells.append(
        dataclasses.replace(
            skipped("exit-code-3", "docker", KIND, ""),
            verdict=Verdict.NOT_APPLICABLE,
            findings=(nothing,),
        )
    )
    return report(cells)


def few() -> Report:
    """Every verdict with a handful of checks: for tools that look at each element."""
    names = ("package-trees", "secrets-pgservice", "memory-limit", "worker-given")
    return report(
        [
            dataclasses.replace(
                one,
                findings=tuple(
                    found
                    for number, found in enumerate(one.findings)
                    if found.verdict is not Verdict.PASS or number < 8
                ),
            )
            for one in one_of_each().cells
            if one.scenario in names or one.verdict is Verdict.NOT_APPLICABLE
        ]
    )


def hostile() -> Report:
    """Every text that comes from a subject or a scenario tries to break out."""
    name = f"x {HOSTILE}"
    twins = [
        dataclasses.replace(
            cell("delta-apply-conflict", backend),
            id=f"{name}-{backend}",
            scenario=name,
            description=HOSTILE,
            tags=(HOSTILE, "t"),
            environment=HOSTILE,
            repeat=HOSTILE,
            verdict=Verdict.FAIL,
            findings=(
                Finding(
                    check="row.status",
                    verdict=Verdict.FAIL,
                    **dict.fromkeys(
                        (
                            "title",
                            "expected",
                            "message",
                            "where",
                            "why",
                            "fix",
                            "proof",
                        ),
                        HOSTILE,
                    ),
                    actual=f"{HOSTILE}\n{HOSTILE} more",
                ),
                finding("row.final", title=HOSTILE, actual=HOSTILE),
            ),
            facts={HOSTILE: backend},
            timeline=(Moment(at_s=1, lane=HOSTILE, what=HOSTILE, detail=HOSTILE),),
            rights=(
                Right(
                    verb=HOSTILE,
                    group=HOSTILE,
                    resource=HOSTILE,
                    used=1,
                    refused=1,
                    granted=False,
                ),
            ),
            logs={HOSTILE: HOSTILE, "again": HOSTILE + "\r\nend"},
            row={HOSTILE: HOSTILE, "urls": "http://203.0.113.1/ //evil.example"},
        )
        for backend in ("docker", "docker", HOSTILE)
    ]
    place = EnvironmentReport(
        name=HOSTILE, proof="real", description={HOSTILE: HOSTILE}, note=HOSTILE
    )
    return dataclasses.replace(
        report([]),
        cells=tuple(twins),
        verdict=Verdict.FAIL,
        environments=(place,),
        command=HOSTILE,
        subject={"name": HOSTILE, "sha256": HOSTILE},
        fingerprint={HOSTILE: HOSTILE, "harness": HOSTILE},
    )


def large() -> Report:
    """200 cells, 20 of them failed with logs of 64 KiB: the page's budget."""
    chance = random.Random(7)
    cells = []
    for number in range(100):
        topic = chance.choice(list(TITLES))
        for backend in BACKENDS:
            bad = (denied(), log_lost()) if chance.random() < 0.1 else ()
            cells.append(
                cell(
                    f"{topic}-{number:03d}",
                    backend,
                    SIMULATED,
                    *bad,
                    log_lines=1000 if bad else 12,
                )
            )
    return report(cells)


def everything_failed() -> Report:
    """200 cells in which every check failed with all the text that it may have."""
    cells = []
    for number in range(100):
        for backend in BACKENDS:
            bad = [
                finding(
                    check,
                    Verdict.FAIL,
                    expected="expected words " * 120,
                    actual="actual words " * 140,
                    message="It is wrong.",
                )
                for check in CHECKS
            ]
            cells.append(cell(f"s-{number:03d}", backend, SIMULATED, *bad))
    return report(cells)


def none_run() -> Report:
    """No cell at all."""
    return report([])


def interrupted() -> Report:
    """Ended by Ctrl-C in the middle."""
    why = "interrupted before it was done"
    done = [cell(name, "docker") for name in list(TITLES)[:3]]
    left = [skipped(name, "docker", SIMULATED, why) for name in list(TITLES)[3:]]
    cells = [*done, *left]
    verdict = overall(cells, interrupted=True)
    return report(cells, interrupted=True, verdict=verdict)


SAMPLES: dict[str, Callable[[], Report]] = {
    one.__name__.replace("_", "-"): one
    for one in (
        all_passed,
        all_real,
        one_of_each,
        few,
        hostile,
        large,
        everything_failed,
        none_run,
        interrupted,
    )
}


if __name__ == "__main__":
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for name, make in SAMPLES.items():
        (directory / f"{name}.html").write_text(html(make()), encoding="utf-8")
