"""The mounts, as the probe found them from inside."""

from typing import Any

import pytest

from harness.environment.place import NEIGHBOUR
from harness.environment.seen import MountGiven
from harness.expectations.finding import Verdict

from .well import JOB, failing, red, verdict, well

WITHOUT = {"capabilities": {"namespaces": False}, "probe": {"mounts_redirected": True}}


@pytest.mark.parametrize(
    ("report", "check"),
    [
        ({"io": {"writable": False}}, "worker.io"),
        ({"mounts": {"/io": None}}, "worker.io"),
        ({"io": {"files": [f"jobs/2/{NEIGHBOUR}"]}}, "worker.io-isolation"),
        ({"io": {"jobs": ["another-job"]}}, "worker.io-isolation"),
        ({"transformation_grids": {"files": []}}, "worker.grids"),
        (
            {"mounts": {"/transformation_grids": {"read_only": False}}},
            "worker.grids-read-only",
        ),
        ({"transformation_grids": {"writable": True}}, "worker.grids-read-only"),
    ],
)
def test_each_mount_as_it_should_not_be(report: dict[str, Any], check: str):
    """Caught by one check each."""
    assert red(well(probe=report)) == [check]


def test_an_empty_dir_is_shared_with_nobody():
    """The worker can write there, and no wrapper will ever read it."""
    mount = MountGiven(target="/io", kind="emptyDir", source="")
    found = failing(well(worker={"mounts": (mount,)}))
    assert list(found) == ["worker.io"]
    assert "no other pod sees" in found["worker.io"].actual


def test_the_own_jobs_directory_may_show():
    """By its id."""
    assert red(well(probe={"io": {"jobs": [f"job-{JOB}"]}})) == []


@pytest.mark.parametrize(
    "check", ["worker.io", "worker.io-isolation", "worker.grids-read-only"]
)
def test_without_mount_namespaces_nothing_is_proven(check: str):
    """Neither good nor bad; it is said plainly."""
    assert verdict(well(**WITHOUT), check) is Verdict.NOT_PROVEN


def test_without_mount_namespaces_writing_still_is_tried():
    """What can be seen is judged."""
    seen = well(
        capabilities={"namespaces": False},
        probe={"mounts_redirected": True, "io": {"writable": False}},
    )
    assert verdict(seen, "worker.io") is Verdict.FAIL


@pytest.mark.parametrize(
    ("uid", "gid", "umask", "good"),
    [
        (33, 33, "0022", True),  # the wrapper's own user
        (0, 33, "0002", True),  # its group, which may write
        (0, 33, "0022", False),
        (0, 0, "0002", False),
    ],
)
def test_the_wrapper_can_remove_what_the_worker_wrote(
    uid: int, gid: int, umask: str, good: bool
):
    """By user, or by group and umask; simulated users show nothing."""
    report = {
        "io": {"owner": [33, 33], "new_file": {"uid": uid, "gid": gid}},
        "process": {"umask": umask},
    }
    seen = well(probe=report, proof="real")
    assert red(seen) == ([] if good else ["worker.io-ownership"])
    check = "worker.io-ownership"
    assert verdict(well(probe=report), check) is Verdict.NOT_APPLICABLE


def test_grids_that_are_not_mounted_are_one_finding():
    """Not two."""
    report = {
        "mounts": {"/transformation_grids": None},
        "transformation_grids": {"files": []},
    }
    assert red(well(probe=report)) == ["worker.grids"]
