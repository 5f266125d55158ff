"""What a scenario needs and an environment lacks is the reason of a skip."""

import dataclasses

import pytest

from harness import resources
from harness.environment.capabilities import Capabilities
from harness.scenario import load
from harness.scenario.schema import Scenario

ALL = Capabilities(
    namespaces=True,
    rbac=True,
    real_limits=True,
    registry=True,
    two_nodes=True,
    own_node=True,
    both_backends=True,
    injection=True,
)


def scenario(name: str) -> Scenario:
    """One of ours."""
    (loaded,) = load.load([resources.scenarios() / f"{name}.yaml"])
    return loaded.scenario


@pytest.mark.parametrize(
    ("lacking", "name", "words"),
    [
        ("job_image", "smoke/package-trees", "no --worker-image is given"),
        ("probe_image", "contract/exit-code", "no --probe-image is given"),
        ("two_nodes", "cluster/worker-on-another-node", "only one node"),
        ("both_backends", "migration/switched-beside", "there is one backend here"),
        ("node", "contract/killed", "can't reach into the nodes"),
        ("node", "cluster/preempted", "can't reach into the nodes"),
        ("namespace_rules", "cluster/quota-of-jobs-exceeded", "are not ours"),
    ],
)
def test_what_is_lacking_is_said(lacking: str, name: str, words: str) -> None:
    """And nothing, where nothing is lacking."""
    assert ALL.missing(scenario(name)) == ""
    poorer = dataclasses.replace(ALL, **{lacking: False})
    assert words in poorer.missing(scenario(name))


def test_an_image_that_is_never_run_need_not_be_there() -> None:
    """As where its pull has to fail."""
    poorer = dataclasses.replace(ALL, job_image=False, probe_image=False)
    assert poorer.missing(scenario("contract/image-missing")) == ""
