"""The order and the addresses of the page."""

import dataclasses

from harness.expectations.finding import Verdict
from harness.report.page import view

from .. import given, samples


def test_the_worst_comes_first():
    """What wasn't run is before what passed; else the order is that of the run."""
    left = given.skipped("left-out", "docker", given.SIMULATED, "It needs rbac.")
    found = view.scenarios(samples.report([*samples.one_of_each().cells, left]))
    assert [one.verdict.value for one in found[:5]] == [
        "error",
        "fail",
        "fail",
        "not_proven",
        "skipped",
    ]
    passed = [one.name for one in found if one.verdict is Verdict.PASS]
    order = [name for name in given.TITLES if name in passed]
    assert passed == order


def test_two_cells_of_one_name_have_two_addresses():
    """Also two that differ only in what an address can't have."""
    one = given.cell("a", "docker")
    cells = [dataclasses.replace(one, id=name) for name in ("x y", "x y", "x<y")]
    found = view.in_order(view.scenarios(samples.report(cells)))
    assert [each.anchor for each in found] == ["c-x_y", "c-x_y~2", "c-x_y~3"]
    assert [each.number for each in found] == [0, 1, 2]


def test_columns_go_by_environment_and_backend():
    """Side by side stand the backends of one environment."""
    places = [
        (one.backend, one.environment, one.proof)
        for one in view.columns(samples.one_of_each())
    ]
    assert places == [
        ("docker", "simulated", "simulated"),
        ("kubernetes", "simulated", "simulated"),
        ("docker", "kind_cluster", "real"),
        ("kubernetes", "kind_cluster", "real"),
    ]


def test_findings_to_read_go_from_bad_to_good():
    """Errors, failures, what couldn't be proven; the others are counted."""
    cell = given.cell(
        "a",
        "docker",
        given.SIMULATED,
        given.finding("worker.io", Verdict.NOT_PROVEN),
        given.denied(),
        given.finding("simulator.gap", Verdict.ERROR),
        given.finding("deltas.final", Verdict.NOT_APPLICABLE),
    )
    (found,) = view.in_order(view.scenarios(samples.report([cell])))
    read = [one.check for one in found.to_read]
    assert read == ["simulator.gap", "rbac.denied", "worker.io"]
    assert found.checks == ("simulator.gap",)
    rest = len(cell.findings) - 4
    assert found.tally == f"1 harness error, 1 failed, 1 not proven, {rest} passed"


def test_facts_are_compared_over_all_cells():
    """A field that one backend lacks differs."""
    left = given.cell("a", "docker")
    right = dataclasses.replace(
        given.cell("a", "kubernetes"),
        facts={"job.status": "finished", "new": "1"},
    )
    (found,) = view.scenarios(samples.report([left, right]))
    facts = {fact.name: fact for fact in found.facts}
    assert not facts["job.status"].differs
    assert facts["new"].values == ("", "1")
    assert facts["new"].differs


def test_a_known_difference_is_a_difference():
    """Also between no value and an empty one, which look alike."""
    assert view.Fact(name="row.output", values=("", ""), known=True).differs
    assert not view.Fact(name="row.output", values=("", "")).differs


def test_times_of_one_class_do_not_differ():
    """As parity has it: else the page tells of differences that nobody found."""
    name = "times.whole, seconds"
    assert not view.Fact(name=name, values=("1.9", "2.0")).differs
    assert view.Fact(name=name, values=("1.9", "190.0")).differs
    assert view.Fact(name=name, values=("1.9", "")).differs
    assert not view.Fact(name="row.output", values=("", "")).differs
