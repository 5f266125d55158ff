"""A kill whose reason comes after its exit code."""

import pytest
from samples import pod

from worker_wrapper import failures, kill_reason
from worker_wrapper.kube_client import KubeError
from worker_wrapper.pod_events import Seen
from worker_wrapper.pod_state import judge

KILLED = {"terminated": {"exitCode": 137, "reason": "Error"}}
TOO_MUCH = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
ENDED = {"terminated": {"exitCode": 3, "reason": "Error"}}


class Events:
    """What the watch brings, and how long it takes for each: half a second."""

    def __init__(self, *items):
        self.items = list(items)
        self.now = 0.0

    def next(self, timeout_s):
        """The next one, or None after the time."""
        took = min(timeout_s, 0.5)
        self.now += took
        item = self.items.pop(0) if self.items and took == 0.5 else None
        if isinstance(item, Exception):
            raise item
        return item


def kind_of(events, first):
    """The failure that is told in the end."""
    _, state = kill_reason.awaited(
        events, first, judge(first), clock=lambda: events.now
    )
    return state.failure.kind


def test_the_reason_that_comes_later_is_told():
    """As kind once had it under load: the exit code first, OOMKilled with the phase."""
    later = Seen(pod(TOO_MUCH, phase="Failed"))
    events = Events(Seen(pod(KILLED)), later)
    assert kind_of(events, pod(KILLED)) is failures.OUT_OF_MEMORY
    assert events.now == 1.0


def test_the_last_phase_ends_the_waiting():
    """Nothing more can be known then: somebody has killed it."""
    events = Events(Seen(pod(KILLED, phase="Failed")), Seen(pod(TOO_MUCH)))
    assert kind_of(events, pod(KILLED)) is failures.KUBERNETES_SIGKILL
    assert events.now == 0.5


@pytest.mark.parametrize(
    "first",
    [pod(KILLED, phase="Failed"), pod(TOO_MUCH), pod(ENDED)],
    ids=["already the last phase", "a reason", "not killed"],
)
def test_nobody_waits_where_all_is_known(first):
    """The row is final as soon as it can be."""
    events = Events(Seen(pod(TOO_MUCH)))
    known = judge(first)
    _, state = kill_reason.awaited(events, first, known, clock=lambda: events.now)
    assert (state, events.now) == (known, 0.0)


@pytest.mark.parametrize(
    "items",
    [
        [],
        [None] * 20,
        [Seen(pod(KILLED, phase="Failed", deleted=True), deleted=True)],
        [KubeError(403, "Forbidden", "no", "watch pods")],
    ],
    ids=["silence", "time after time", "the pod is gone", "the API refuses"],
)
def test_what_does_not_come_changes_nothing(items):
    """After a few seconds at most the job ends as it would have."""
    events = Events(*items)
    assert kind_of(events, pod(KILLED)) is failures.KUBERNETES_SIGKILL
    assert events.now <= kill_reason.WAIT_S


def test_a_pod_that_is_deleted_then_was_killed_first():
    """The deletion came after the kill, so it is not its cause."""
    later = Seen(pod(KILLED, phase="Failed", deleted=True))
    assert kind_of(Events(later), pod(KILLED)) is failures.KUBERNETES_SIGKILL
