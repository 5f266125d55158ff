"""The run seen by check."""

from harness.expectations.finding import CHECKS, Verdict
from harness.report.page import checks, view

from .. import given, samples


def cells(*some):
    """The views of a run of these cells."""
    return view.in_order(view.scenarios(samples.report(some)))


def denied(scenario, **more):
    """A cell without a right."""
    return given.cell(scenario, "kubernetes", given.SIMULATED, given.denied())


def test_each_cell_counts_once_for_a_check():
    """With its worst finding."""
    twice = given.cell(
        "a",
        "docker",
        given.SIMULATED,
        given.finding("row.status"),
        given.finding("row.status", Verdict.FAIL),
    )
    found = {one.id: one for one in checks.checks(cells(twice, denied("b")))}
    assert found["row.status"].counts == {Verdict.FAIL: 1, Verdict.PASS: 1}
    assert found["rbac.denied"].counts == {Verdict.FAIL: 1, Verdict.PASS: 1}
    assert found.keys() == CHECKS.keys()


def test_failed_checks_come_first():
    """The others in the order in which they were made."""
    first = checks.checks(cells(denied("a")))[0]
    assert (first.id, first.verdict) == ("rbac.denied", Verdict.FAIL)
    assert first.why == CHECKS["rbac.denied"].why


def test_one_remedy_is_one_task():
    """However many cells wait for it."""
    (task,) = checks.tasks(cells(denied("a"), denied("b")))
    assert task.checks == ("rbac.denied",)
    assert task.fix.startswith("Add to the Role")
    assert [one.cell.scenario for one in task.cells] == ["a", "b"]
    assert len(task.messages) == 1


def test_what_can_not_be_proven_for_one_reason_is_one_task():
    """It names all checks; the remedy of a failure would mislead."""
    unproven = given.cell(
        "a",
        "docker",
        given.SIMULATED,
        *(
            given.finding(check, Verdict.NOT_PROVEN, message="No namespaces.")
            for check in ("worker.io", "worker.grids")
        ),
    )
    (task,) = checks.tasks(cells(unproven))
    assert task.checks == ("worker.io", "worker.grids")
    assert (task.messages, task.fix) == (("No namespaces.",), "")


def test_tasks_go_from_bad_to_good():
    """And from many cells to few."""
    unproven = given.finding("worker.io", Verdict.NOT_PROVEN)
    lost = given.log_lost()
    found = checks.tasks(
        cells(
            given.cell("a", "docker", given.SIMULATED, unproven, lost),
            denied("b"),
            denied("c"),
        )
    )
    names = [one.checks[0] for one in found]
    assert names == ["rbac.denied", "output.whole", "worker.io"]
