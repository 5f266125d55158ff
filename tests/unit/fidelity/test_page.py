"""``docs/known-differences.md`` is made of the tables, and says what they say."""

import re
from pathlib import Path

import pytest

import harness.expectations.judge  # noqa: F401 (registers the checks)
from harness import resources
from harness.expectations.finding import CHECKS
from harness.fidelity import table
from harness.fidelity.page import page
from harness.parity import parity
from harness.parity import table as parity_table
from harness.parity.known import Known
from harness.scenario import load

ROOT = Path(__file__).parents[3]
ROWS = (*parity_table.KNOWN, *table.KNOWN)
SCENARIOS = {one.scenario.name for one in load.load([resources.scenarios()])}
OFFICIAL = (
    "https://kubernetes.io/docs/",
    "https://docs.docker.com/",
    "https://docs.python.org/",
    "https://docs.qgis.org/",
    "https://man7.org/linux/man-pages/",
    "https://github.com/containerd/",
    "https://github.com/containers/bubblewrap/",
)


def test_the_page_is_fresh():
    """Write it anew: ``qfc-harness fidelity --page > docs/known-differences.md``."""
    assert (ROOT / "docs/known-differences.md").read_text("utf-8") == page()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_each_row_says_what_and_why_and_where(row: Known):
    """With official documentation, and a scenario that shows it."""
    assert row.what.endswith(".")
    assert row.reason.endswith(".")
    assert row.link.startswith(OFFICIAL)
    assert {row.seen_in, *row.only_in} <= SCENARIOS | {"image-unreachable"}
    assert not row.only_in or row.seen_in in row.only_in


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_patterns_and_checks_exist(row: Known):
    """A name in the text that nothing has would send the reader nowhere."""
    re.compile(row.left)
    re.compile(row.right)
    checks = {*CHECKS, parity.CHECK}
    for name in re.findall(r"check `([a-z.-]+)`", row.reason + row.what):
        assert name in checks


def test_the_engines_logs_are_excused_in_real_jobs_alone():
    """The probe's log is the same wherever it runs."""
    loaded = load.load([resources.scenarios()])
    jobs = {one.scenario.name for one in loaded if one.scenario.worker == "job"}
    assert set(table.REAL_JOBS) == jobs
    (row,) = (one for one in table.KNOWN if one.id == "engine-log")
    long = "begin… 5000 characters, sha256 0123456789abcdef"
    left, right = {"worker.log": long}, {"worker.log": long.replace("5000", "4999")}
    assert row.explains("worker.log", left, right, "package-trees")
    assert not row.explains("worker.log", left, right, "log-large")


def test_no_row_excuses_a_whole_section():
    """But the APIs, which have nothing in common."""
    broad = [row.id for row in ROWS if any(one.startswith("*") for one in row.fields)]
    assert broad == []
    names = [row.id for row in parity_table.KNOWN if "API *" in row.fields]
    assert names == ["api"]
