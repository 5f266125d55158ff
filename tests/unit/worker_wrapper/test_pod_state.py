"""What a pod's status says of the worker."""

import pytest
from samples import pod

from worker_wrapper import failures
from worker_wrapper.pod_state import Stage, judge

RUNNING = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
DISRUPTED = {"type": "DisruptionTarget", "status": "True"}


def ended(code: int | None = None, reason: str = "Error", **more) -> dict:
    """A container's state after its end."""
    return {"terminated": {"exitCode": code, "reason": reason, **more}}


def waiting(reason: str, message: str = "") -> dict:
    """A container's state before it runs."""
    return {"waiting": {"reason": reason, "message": message}}


@pytest.mark.parametrize("code", [0, 1, 255])
def test_an_exit_code_is_the_workers_own(code):
    """No failure of the wrapper's or the cluster's."""
    state = judge(pod(ended(code)))
    assert (state.stage, state.exit_code, state.failure) == (Stage.ENDED, code, None)


def test_the_container_decides_before_the_phase():
    """An injected sidecar may keep the pod running; the phase comes later anyway."""
    assert judge(pod(ended(0), phase="Running")).stage is Stage.ENDED
    assert judge(pod(RUNNING, phase="Pending")).stage is Stage.RUNNING


def test_a_sidecars_state_is_not_the_workers():
    """Only the container by our name counts."""
    sidecar = pod(ended(1), name="istio-proxy")
    assert judge(sidecar).stage is not Stage.ENDED


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (pod(ended(137, "OOMKilled")), failures.OUT_OF_MEMORY),
        # the kernel may kill a child, and the worker ends with 0 all the same
        (pod(ended(0, "OOMKilled")), failures.OUT_OF_MEMORY),
        (pod(ended(137)), failures.KUBERNETES_SIGKILL),
        (pod(ended(137), deleted=True), failures.POD_DELETED),
        (pod(ended(143), deleted=True), failures.POD_DELETED),
        (pod(ended(137), conditions=(DISRUPTED,)), failures.DISRUPTED),
        (pod(ended(143), reason="DeadlineExceeded"), failures.TIMEOUT),
        (
            pod(ended(128, "StartError", message="no such file")),
            failures.CONTAINER_START,
        ),
    ],
    ids=[
        "oom",
        "oom-exit-0",
        "killed",
        "deleted",
        "deleted-sigterm",
        "disrupted",
        "deadline",
        "start",
    ],
)
def test_how_a_worker_was_ended(given, kind):
    """Told apart by reason, not by the number."""
    state = judge(given)
    assert state.stage is Stage.ENDED
    assert state.failure.kind is kind


def test_a_killed_worker_keeps_its_number():
    """Only a container that never started has none."""
    assert judge(pod(ended(137))).exit_code == 137
    assert judge(pod(ended(128, "StartError"))).exit_code is None


def test_a_disruption_after_success_is_none():
    """The work is done."""
    state = judge(pod(ended(0), conditions=(DISRUPTED,), deleted=True))
    assert (state.exit_code, state.failure) == (0, None)


def test_a_disruption_that_was_taken_back():
    """Its condition says False."""
    taken_back = {**DISRUPTED, "status": "False"}
    state = judge(pod(ended(137), conditions=(taken_back,)))
    assert state.failure.kind is failures.KUBERNETES_SIGKILL


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ({"reason": "Evicted", "message": "low on memory"}, failures.DISRUPTED),
        ({"reason": "OutOfcpu"}, failures.DISRUPTED),
        ({"reason": "OutOfmemory"}, failures.DISRUPTED),
        ({"reason": "NodeLost"}, failures.NODE_LOST),
        ({"reason": "DeadlineExceeded"}, failures.START_TIMEOUT),
        ({"reason": "NodeAffinity", "message": "no"}, failures.ADMISSION_DENIED),
        ({}, failures.ADMISSION_DENIED),
    ],
    ids=lambda one: one.get("reason", "none") if isinstance(one, dict) else "",
)
def test_a_pod_that_failed_without_its_container(status, kind):
    """By the kubelet's or the scheduler's reason; there is no exit code."""
    state = judge(pod(phase="Failed", **status))
    assert state.stage is Stage.ENDED
    assert (state.failure.kind, state.exit_code) == (kind, None)
    assert state.failure.seen


def test_a_lost_node_is_noticed_though_the_container_seems_to_run():
    """Nobody is left to report its end."""
    gone = {**DISRUPTED, "reason": "DeletionByTaintManager"}
    state = judge(pod(RUNNING, deleted=True, conditions=(gone,)))
    assert (state.stage, state.failure.kind) == (Stage.ENDED, failures.NODE_LOST)


def test_a_deleted_pod_is_waited_for_while_it_runs():
    """Its grace period may still bring the exit code."""
    assert judge(pod(RUNNING, deleted=True)).stage is Stage.RUNNING


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (waiting("InvalidImageName"), failures.IMAGE_NOT_FOUND),
        (waiting("ErrImageNeverPull"), failures.IMAGE_NOT_FOUND),
        (waiting("ErrImagePull", "x: not found"), failures.IMAGE_NOT_FOUND),
        (waiting("ImagePullBackOff", "manifest unknown"), failures.IMAGE_NOT_FOUND),
        (
            waiting("ErrImagePull", "pull access denied, repository does not exist"),
            failures.IMAGE_PULL_DENIED,
        ),
        (waiting("ErrImagePull", "401 Unauthorized"), failures.IMAGE_PULL_DENIED),
        (waiting("CreateContainerError", "x"), failures.CONTAINER_START),
        (waiting("RunContainerError", "x"), failures.CONTAINER_START),
    ],
    ids=lambda one: one["waiting"]["message"][:20] if isinstance(one, dict) else "",
)
def test_waiting_that_can_not_end_well(state, kind):
    """Failed at once, without waiting for a time-out."""
    found = judge(pod(state, phase="Pending"))
    assert (found.stage, found.failure.kind) == (Stage.ENDED, kind)


@pytest.mark.parametrize(
    "state",
    [
        waiting("ContainerCreating"),
        waiting("ErrImagePull", "i/o timeout"),
        waiting("ErrImagePull", "toomanyrequests: rate limit"),
        waiting("CreateContainerConfigError", 'secret "x" not found'),
    ],
    ids=["creating", "network", "rate", "secret"],
)
def test_waiting_that_may_pass(state):
    """The clocks end it if it doesn't; the words are kept for them."""
    found = judge(pod(state, phase="Pending"))
    assert (found.stage, found.failure) == (Stage.SCHEDULED, None)
    assert found.waiting.startswith(state["waiting"]["reason"])


def test_a_pod_without_a_node_says_why():
    """The scheduler's own words."""
    condition = {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": "0/3 nodes are available",
    }
    found = judge(pod(phase="Pending", node="", conditions=(condition,)))
    assert found.stage is Stage.PENDING
    assert found.waiting == "Unschedulable: 0/3 nodes are available"


def test_a_pod_of_which_nothing_is_known_yet():
    """It was just made."""
    assert judge({"metadata": {}, "spec": {}}).stage is Stage.PENDING


def test_a_pod_that_was_deleted_before_a_kubelet_had_it():
    """It is made Failed without a reason; the deletion is one. Seen on 1.34."""
    pod = {
        "metadata": {"name": "a", "deletionTimestamp": "2026-01-01T00:00:00Z"},
        "status": {"phase": "Failed"},
    }
    state = judge(pod)
    assert state.failure is not None
    assert state.failure.kind is failures.POD_DELETED
