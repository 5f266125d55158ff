"""States: what both backends have, and each object's own path."""

import dataclasses

import pytest
from expectations.well import at, worker

from harness.environment.seen import State
from harness.parity import states


def seen(*words: str, backend="kubernetes", seconds=0.1):
    """A worker that went through these, so many seconds apart."""
    path = [
        State(at=at(number * seconds), what=what, detail=detail)
        for number, (what, _, detail) in enumerate(one.partition("|") for one in words)
    ]
    return worker(backend, states=tuple(path))


POD = ("Job added", "Pod added", "Pod Pending")
ENDED = ("container terminated|Completed 0", "Pod Succeeded")


@pytest.mark.parametrize(
    ("found", "common"),
    [
        (seen("create", "start", "die|0", "destroy", backend="docker"), 4),
        (seen(*POD, *ENDED, "Job deleted"), 4),
        (seen("create", "die|0", backend="docker"), 3),
        (seen(*POD, "Job deleted"), 2),
    ],
    ids=["docker", "too-fast-to-be-seen-running", "left-behind", "never-ran"],
)
def test_common_states(found, common):
    """The same words for both backends, in the order of a life."""
    words = states.common(found)
    assert len(words) == common
    order = ["made", "running", "ended", "removed"]
    assert words == [one for one in order if one in words]


def test_objects_have_their_own_paths():
    """Job and pod are watched apart: whichever came first says nothing."""
    one = states.own(seen(*POD, *ENDED, "Pod deleted", "Job deleted"), long=True)
    two = states.own(seen(*POD, *ENDED, "Job deleted", "Pod deleted"), long=True)
    assert one == two
    assert one["Job"] == "Job added → Job deleted"


def test_a_missing_state_shows():
    """What isn't left to chance is compared."""
    whole = states.own(seen(*POD, *ENDED, "Pod deleted"), long=True)
    assert whole != states.own(seen(*POD, *ENDED), long=True)


def test_running_counts_where_it_is_long():
    """Nobody misses five seconds; of a shorter one it is chance."""
    words = (*POD, "container running", *ENDED)
    assert "running" in states.own(seen(*words), long=True)["pod"]
    assert "running" not in states.own(seen(*words), long=False)["pod"]


def test_a_pod_that_goes_after_its_job_is_removed():
    """In the background: it may take longer than is looked."""
    job_gone, both_gone = (*POD, *ENDED, "Job deleted"), "Pod deleted"
    one, two = seen(*job_gone), seen(*job_gone, both_gone)
    assert states.own(one, long=True) == states.own(two, long=True)
    assert states.removed(one)
    left = seen(*POD, *ENDED)
    assert not states.removed(dataclasses.replace(left, removed=False))


def test_a_job_that_stays_has_its_conditions():
    """Only where it is deleted at once the controller may be too late."""
    closing = (*POD, *ENDED, "Job Complete|CompletionsReached", "Event Completed")
    stays = states.own(seen(*closing), long=True)
    assert "Job Complete" in stays["Job"]
    assert stays["events"] == "Completed"
    gone = states.own(seen(*closing, "Job deleted"), long=True)
    assert "Job Complete" not in gone["Job"]
    assert "events" not in gone


def test_what_failed_for_good_is_an_event_that_counts():
    """FailedScheduling before Scheduled is forgotten, alone it isn't."""
    tried = seen(*POD, "Event FailedScheduling", "Event Scheduled")
    assert states.own(tried, long=True)["events"] == "Scheduled"
    never = seen(*POD, "Event FailedScheduling")
    assert states.own(never, long=True)["events"] == "FailedScheduling"
