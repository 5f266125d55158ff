"""What a job leaves in its project."""

from typing import Any

import pytest

from harness.expectations.finding import Verdict

from .well import SNAPSHOT, failing, iso, red, verdict, well

DETAILS = SNAPSHOT["project"]["project_details"]
REPORTED = {
    "container_exit_code": 0,
    "outputs": {"project_details": {"project_details": DETAILS}},
}


def expecting(changes: dict[str, Any] | None = None, **expect: Any):
    """A project, and what is expected of it."""
    return well(
        feedback=REPORTED,
        scenario={"expect": {"project": expect}},
        snapshot=changes or {},
    )


GOOD_AND_BAD = {
    "project.details": [
        ({"details": True}, {"details": False}),
        ({"layers": 2}, {"layers": 3}),
        ({"crs": "EPSG:2056"}, {"crs": "EPSG:4326"}),
        ({"extent_begins": "Polygon Z"}, {"extent_begins": "Polygon M"}),
    ],
    "project.thumbnail": [({"thumbnail": True}, {"thumbnail": False})],
    "project.package": [({"packaged": True}, {"packaged": False})],
    "project.files": [
        ({"package_files": ["data.gpkg"]}, {"package_files": ["data.gpkg", "x"]}),
        ({"files": ["trees.qgs"]}, {"files": ["data.gpkg"]}),
    ],
}


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [(check, *pair) for check, pairs in GOOD_AND_BAD.items() for pair in pairs],
)
def test_what_is_expected_is_looked_at(
    check: str, good: dict[str, Any], bad: dict[str, Any]
):
    """Each key alone, one that holds and one that doesn't."""
    assert red(expecting(**good)) == []
    assert red(expecting(**bad)) == [check]


def test_details_are_those_of_the_feedback():
    """Another project's, or none, are not."""
    for details in (None, {"crs": "EPSG:4326"}):
        changes = {"project": {**SNAPSHOT["project"], "project_details": details}}
        changes["project"]["project_details"] = details
        assert red(expecting(changes, details=True)) == ["project.details"]


def test_an_empty_picture_is_none():
    """A file of no size is no thumbnail."""
    for picture in (None, {"size": 0}):
        found = red(expecting({"thumbnail": picture}, thumbnail=True))
        assert found == ["project.thumbnail"]


@pytest.mark.parametrize("when", [None, iso(-60), iso(60)], ids=repr)
def test_the_package_is_dated_when_the_run_began(when: str | None):
    """Data that changed meanwhile makes it stale."""
    changes = {"project": {"data_last_packaged_at": when}}
    found = failing(expecting(changes, packaged=True))
    assert list(found) == ["project.package"]
    assert found["project.package"].where == "project.data_last_packaged_at"


def test_a_package_of_another_job():
    """The one before, still."""
    changes = {"project": {"last_package_job_id": "another"}}
    assert red(expecting(changes, packaged=True)) == ["project.package"]


def test_nothing_is_asked_of_a_project_that_is_gone():
    """Nor where the scenario says nothing."""
    gone = well(snapshot={"project": None}, scenario={"expect": {"status": "gone"}})
    for check in ("project.details", "project.package", "project.thumbnail"):
        assert verdict(gone, check) is Verdict.NOT_APPLICABLE
        assert verdict(well(), check) is Verdict.NOT_APPLICABLE
