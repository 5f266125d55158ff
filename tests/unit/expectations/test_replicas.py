"""What is said of wrappers that come beside the first one, or after it."""

from typing import Any

import pytest

from harness.replay import events
from harness.replay.observation import Deed

from .well import CALLS, at, call, failing, red, subject, well

KILLED = Deed(at=at(0.5), what=events.KILLED)
REMOVED = call("DELETE", "/v1.43/containers/abc123?force=1", 404, at=at(1.5))


def replica(**changes: Any) -> Deed:
    """Another wrapper, which has returned."""
    return Deed(
        at=at(0.6), what=events.REPLICA, seen=subject(action="dequeue", **changes)
    )


def test_one_that_finishes_the_job_of_a_wrapper_that_died():
    """There is nothing to say; the first one may have begun to remove the worker."""
    calls = (*CALLS["docker"], REMOVED)
    assert red(well("docker", deeds=(KILLED, replica()), calls=calls)) == []


def test_a_worker_that_is_run_again():
    """By its reports, whoever started it."""
    seen = well(deeds=(KILLED, replica()))
    twice = list(seen.snapshot["probe"]) * 2
    found = failing(well(deeds=seen.deeds, snapshot={"probe": twice}))
    assert next(iter(found)) == "replica.runs-once"
    assert found["replica.runs-once"].actual == "started 2 times"


def test_one_that_meddles_with_a_live_wrappers_job():
    """Nobody had died; without another wrapper, a second try is the first one's own."""
    calls = (*CALLS["docker"], REMOVED)
    assert "replica.leaves-alone" in red(
        well("docker", deeds=(replica(),), calls=calls)
    )
    assert "replica.leaves-alone" not in red(well("docker", calls=calls))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"exit_code": 1, "traceback": "in line 3", "error": "E"}, "in line 3"),
        ({"exit_code": None}, "it still ran when its time was over"),
    ],
)
def test_one_that_does_not_end_well(changes: dict[str, Any], words: str):
    """With its own words."""
    found = failing(well(deeds=(KILLED, replica(**changes))))
    assert found["replica.ends-well"].actual == words
