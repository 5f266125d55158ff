"""The Role as it is shipped: each right is used, or has a scenario that says why not.

A Role that lacks a rule is one more thing that can be broken, so these tests share the
mutants' session, in the simulator or with ``--environment kind_cluster`` on a cluster.
"""

import pytest
from judging import Judging, bad

from harness import resources
from harness.environment import manifests
from harness.expectations.finding import Verdict
from harness.scenario import load
from harness.scenario.schema import Scenario

pytestmark = pytest.mark.namespaces

USING = (
    "contract/worker-given",
    "contract/sweep-while-running",
    "contract/service-account-missing",
)
"""Together they need every right that the wrapper ever uses."""
ROLE = manifests.of_kind(manifests.base(), "Role")[0]
GRANTED = {
    (verb, group, resource)
    for rule in ROLE["rules"]
    for verb in rule["verbs"]
    for group in rule["apiGroups"]
    for resource in rule["resources"]
}
WITHOUT: dict[str, Scenario] = {
    one.scenario.name: one.scenario
    for one in load.load([resources.scenarios() / "rbac"])
    if one.scenario.name.startswith("without-")
}


def without(verb: str, resource: str) -> str:
    """The name of the scenario that takes this right away."""
    return f"without-{verb}-{resource.replace('/', '-')}"


def test_each_right_is_taken_away_somewhere():
    """And each such scenario takes a right away that the Role has, and only that."""
    names = {without(verb, resource) for verb, _, resource in GRANTED}
    assert set(WITHOUT) == names
    for verb, _, resource in GRANTED:
        scenario = WITHOUT[without(verb, resource)]
        taken = [(one.verb, one.resource) for one in scenario.given.without]
        assert taken == [(verb, resource)], scenario.name


def test_a_right_that_nobody_misses_has_a_reason():
    """Where the wrapper is never refused, the scenario says what the right is for."""
    for scenario in WITHOUT.values():
        denied = [(one.verb, one.resource) for one in scenario.expect.denied]
        taken = [(one.verb, one.resource) for one in scenario.given.without]
        assert denied in (taken, []), scenario.name
        assert bool(scenario.reason) or denied, scenario.name


def test_what_is_used_is_granted_and_what_is_granted_is_used(judging: Judging):
    """Over several jobs: the Role has no right too few, and none without its reason."""
    if "kubernetes" not in judging.backends:
        pytest.skip(f"{judging.environment} has no rights")
    reports = judging.judge("worker_wrapper", [(one, "kubernetes") for one in USING])
    for report in reports:
        assert report.verdict is Verdict.PASS, bad(report)
    used = {
        (right.verb, right.group, right.resource)
        for report in reports
        for right in report.rights
        if right.used
    }
    assert used <= GRANTED
    unused = {without(verb, resource) for verb, _, resource in GRANTED - used}
    excused = {name for name, one in WITHOUT.items() if not one.expect.denied}
    assert unused == excused
