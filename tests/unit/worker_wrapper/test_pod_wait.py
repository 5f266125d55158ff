"""The clocks: how long is waited for what, on a clock of the test's own."""

import pytest
from samples import settings

from worker_wrapper import failures
from worker_wrapper.failures import WorkerFailed
from worker_wrapper.pod_state import PodState, Stage
from worker_wrapper.pod_wait import SECRET_GRACE_S, Patience


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The moment."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def patience(clock) -> Patience:
    return Patience(settings(schedule_timeout_s=100, start_timeout_s=50), clock)


def pending(why: str = "") -> PodState:
    return PodState(Stage.PENDING, waiting=why)


def scheduled(why: str = "") -> PodState:
    return PodState(Stage.SCHEDULED, waiting=why)


def test_no_node_in_time(patience, clock):
    """The scheduler's reason is told."""
    clock.now += 100
    patience.check_waiting(pending("Unschedulable: no room"))
    clock.now += 1
    with pytest.raises(WorkerFailed, match="100 seconds: Unschedulable") as caught:
        patience.check_waiting(pending("Unschedulable: no room"))
    assert caught.value.failure.kind is failures.SCHEDULE_TIMEOUT


def test_the_start_has_a_clock_of_its_own(patience, clock):
    """It begins when there is a node, however long that took."""
    clock.now += 99
    patience.check_waiting(scheduled())
    clock.now += 50
    patience.check_waiting(scheduled())
    clock.now += 1
    with pytest.raises(WorkerFailed, match="after 50 seconds") as caught:
        patience.check_waiting(scheduled("ContainerCreating: mounting"))
    assert caught.value.failure.kind is failures.START_TIMEOUT
    assert "mounting" in str(caught.value)


def test_a_pull_that_does_not_end_is_a_pulls_failure(patience, clock):
    """Not just slow to start."""
    patience.check_waiting(scheduled("ImagePullBackOff: i/o timeout"))
    clock.now += 51
    with pytest.raises(WorkerFailed) as caught:
        patience.check_waiting(scheduled("ImagePullBackOff: i/o timeout"))
    assert caught.value.failure.kind is failures.IMAGE_PULL_FAILED


def test_a_secret_may_come_a_little_later(patience, clock):
    """But not too late."""
    late = scheduled('CreateContainerConfigError: secret "x" not found')
    patience.check_waiting(late)
    clock.now += SECRET_GRACE_S
    patience.check_waiting(late)
    clock.now += 1
    with pytest.raises(WorkerFailed, match='secret "x" not found') as caught:
        patience.check_waiting(late)
    assert caught.value.failure.kind is failures.CONTAINER_START


def test_a_secret_that_came_stops_its_clock(patience, clock):
    """A later one begins anew."""
    late = scheduled("CreateContainerConfigError: x")
    patience.check_waiting(late)
    patience.check_waiting(scheduled())
    clock.now += SECRET_GRACE_S + 1
    patience.check_waiting(late)


def test_why_there_is_no_pod_is_asked_now_and_then(patience, clock):
    """Each question is a request to the API: ever fewer."""
    asked = []

    def why() -> str:
        asked.append(clock.now - 1000)
        return ""

    for _ in range(60):
        patience.check_no_pod(why)
        clock.now += 1
    assert asked == [3, 9, 21, 36, 51]


def test_no_pod_for_a_rule_of_the_cluster(patience, clock):
    """It won't pass by waiting."""
    clock.now += 4
    with pytest.raises(WorkerFailed) as caught:
        patience.check_no_pod(lambda: "violates PodSecurity restricted")
    assert caught.value.failure.kind is failures.ADMISSION_DENIED


def test_no_pod_for_the_quota_is_waited_for(patience, clock):
    """Another job's end may free it; at the end the quota is named."""
    words = "exceeded quota: compute"
    clock.now += 4
    patience.check_no_pod(lambda: words)
    clock.now += 100
    with pytest.raises(WorkerFailed, match=words) as caught:
        patience.check_no_pod(lambda: "")
    assert caught.value.failure.kind is failures.QUOTA_EXCEEDED


def test_no_pod_and_no_reason(patience, clock):
    """Said as it is."""
    clock.now += 101
    with pytest.raises(WorkerFailed, match="events say no reason") as caught:
        patience.check_no_pod(lambda: "")
    assert caught.value.failure.kind is failures.SCHEDULE_TIMEOUT


def test_a_quota_that_stays_full(clock):
    """The Job itself is refused: waited for in pauses, then given up."""
    patience = Patience(settings(schedule_timeout_s=0), clock)
    full = failures.Failure(failures.QUOTA_EXCEEDED, "exceeded quota: count/jobs")
    patience.wait_for_quota(full)
    clock.now += 1
    with pytest.raises(WorkerFailed, match="count/jobs") as caught:
        patience.wait_for_quota(full)
    assert caught.value.failure.kind is failures.QUOTA_EXCEEDED
