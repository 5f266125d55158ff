"""Whole jobs of a validation: which are run, and what each of them proves."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness import resources
from harness import settings as harness_settings
from harness.errors import EnvironmentMissing
from harness.expectations.finding import Finding, Verdict
from harness.preflight.given import Asked
from harness.preflight.model import Proof, Status
from harness.report.model import CellReport
from harness.scenario import load
from harness.scenario.cells import plan
from harness.validation import whole_jobs


def _cell(name: str, tags: tuple[str, ...], verdict: Verdict) -> CellReport:
    finding = Finding(
        check="row.status",
        verdict=verdict,
        title="The job ends well.",
        expected="finished",
        actual="failed",
    )
    return CellReport(
        id=name,
        scenario=name,
        description="It ends well.",
        tags=tags,
        backend="kubernetes",
        environment="kubeconfig",
        proof="real",
        subject="worker_wrapper",
        verdict=verdict,
        duration_s=1.0,
        findings=(finding,),
        repeat="qfc-harness run",
    )


def _run(monkeypatch: pytest.MonkeyPatch, answer: Any, **asked: bool) -> Any:
    chosen: list[str] = []

    def run(options: Any, *_: Any) -> Any:
        chosen.append(options.expression)
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(cells=answer)

    monkeypatch.setattr(whole_jobs, "run", run)
    given = Asked(command="validate", kubeconfig=Path("none"), **asked)
    course: Any = SimpleNamespace(asked=given, more=[], say=print)
    whole_jobs.run_whole_jobs(course, harness_settings.from_environ())
    return chosen[0], {f"{one.check} {one.status.value}": one for one in course.more}


def test_a_job_of_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole job, and one without a rule, are results of different checks."""
    cells = [
        _cell("package-trees", ("smoke", "production-safe"), Verdict.FAIL),
        _cell("without-get-pods-log", ("rbac",), Verdict.PASS),
    ]
    chosen, found = _run(monkeypatch, cells, each_rule=True)
    assert set(found) == {"QFV-920 fail", "QFV-921 pass"}
    failed = found["QFV-920 fail"]
    assert failed.seen == "row.status: expected finished, saw failed"
    assert failed.proof is Proof.REAL_JOB
    names = {
        cell.scenario.name
        for cell in plan(
            load.load([resources.scenarios()]),
            environments=[("kubeconfig", frozenset({"kubernetes"}))],
            backends=["kubernetes"],
            expression=chosen,
        )
    }
    assert {"package-trees", "without-get-pods-log"} <= names
    assert "timeout" not in names


def test_where_nothing_can_be_run_nothing_is_proven(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The reason is told, and what was seen until then stays."""
    error = EnvironmentMissing("The image can't be pulled.", "Push it.")
    _, found = _run(monkeypatch, error)
    (one,) = found.values()
    assert one.status is Status.NOT_PROVEN
    assert "can't be pulled" in one.seen
