"""Docker beside Kubernetes, simulated: what is known shows, anything else is red."""

from pathlib import Path

import pytest
from judging import Judging, checks

from harness import resources
from harness.expectations.finding import Verdict
from harness.parity.table import KNOWN
from harness.report.model import ParityReport
from harness.report.parity import parity_reports

pytestmark = pytest.mark.namespaces

FOLDER = Path(__file__).parent
OURS = "worker_wrapper"
GIVEN = "contract/worker-given"
SHOWN = [row for row in KNOWN if "simulated" in row.proofs]


def path_of(name: str) -> str:
    """A scenario's folder and name."""
    (found,) = resources.scenarios().rglob(f"{name}.yaml")
    return str(found.relative_to(resources.scenarios()).with_suffix(""))


def beside(judging: Judging, subject: Path | str, *names: str) -> list[ParityReport]:
    """The two backends of these scenarios, with one subject."""
    wanted = [(name, backend) for name in names for backend in ("docker", "kubernetes")]
    cells = judging.judge(subject, wanted)
    assert {
        one.id: checks(one) for one in cells if one.verdict is not Verdict.PASS
    } == {}
    return list(parity_reports(cells))


@pytest.fixture(scope="module")
def ours(judging: Judging) -> list[ParityReport]:
    """Each scenario that a row of the table names."""
    names = dict.fromkeys(path_of(row.seen_in) for row in SHOWN)
    return beside(judging, OURS, *names)


def test_nothing_differs_but_what_is_known(ours):
    """With our wrapper."""
    found = [(one.scenario, field) for one in ours for field in one.unexplained]
    assert found == []
    assert {one.verdict for one in ours} == {Verdict.PASS}
    without_worker = ("image-missing", "backend-gone")
    few = [one.scenario for one in ours if one.fields <= 100]
    assert [one for one in few if one not in without_worker] == []


@pytest.mark.parametrize("row", SHOWN, ids=lambda row: row.id)
def test_each_row_is_needed(ours, row):
    """By the scenario that it names; else its reason is gone, and it has to go too."""
    (pair,) = (one for one in ours if one.scenario == row.seen_in)
    if not row.sure and row.id not in pair.known:
        pytest.skip("chance didn't show it this time")
    assert row.id in pair.known


@pytest.mark.parametrize(
    ("mutant", "field", "docker", "kubernetes"),
    [
        (
            "another_env_on_kubernetes",
            "probe.env QGIS_PLUGINPATH",
            None,
            "/plugins",
        ),
        ("named_on_docker", "probe.hostname", "qgis", "<pod>"),
    ],
)
def test_a_wrapper_that_differs_is_red(judging, mutant, field, docker, kubernetes):
    """Although each backend's own cell passes."""
    (pair,) = beside(judging, FOLDER / f"{mutant}.py", GIVEN)
    assert pair.verdict is Verdict.FAIL
    found = {one.field: (one.left, one.right) for one in pair.unexplained}
    assert found[field] == (docker, kubernetes)
    (finding,) = (one for one in pair.findings if one.where == field)
    assert finding.check == "parity.fields"
    assert finding.verdict is Verdict.FAIL
