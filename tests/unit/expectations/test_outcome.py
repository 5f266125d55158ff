"""The row at its end."""

from typing import Any

import pytest

from harness.environment.seen import State
from harness.expectations.finding import Verdict

from .well import CALLS, at, call, failing, iso, red, verdict, well

BOTH = pytest.mark.parametrize("backend", ["docker", "kubernetes"])
FAILED = {
    "status": "failed",
    "feedback": {
        "container_exit_code": 3,
        "error": "It broke.",
        "error_type": "X",
        "error_origin": "container",
    },
}
"""A row that tells a failure as the contract asks."""


def ended(code: int | None, expect: dict[str, Any], row: dict[str, Any], **more: Any):
    """A job whose worker ended with a code."""
    return well(
        worker={"exit_code": code},
        scenario={"expect": {"status": "failed", **expect}},
        row=row,
        snapshot={"history": history("pending", "queued", "started", "failed")},
        **more,
    )


def history(*statuses: str) -> list[dict[str, Any]]:
    """The row's statuses, one after the other."""
    return [
        {"op": "update", "new_status": one, "at": iso(number)}
        for number, one in enumerate(statuses)
    ]


def test_a_failure_that_is_told_as_it_was_passes():
    """The exit code of the worker, and all the keys."""
    expect = {"container_exit_code": 3, "worker_exit_code": 3, "error_type": "X"}
    assert red(ended(3, expect, FAILED)) == []


@BOTH
def test_another_status_than_expected(backend: str):
    """With what the row says of it, the first thing to read."""
    row = {**FAILED, "feedback": {**FAILED["feedback"], "container_exit_code": 0}}
    found = failing(well(backend, row=row))
    assert next(iter(found)) == "row.status"
    one = found["row.status"]
    assert (one.expected, one.actual) == ("finished", "failed")
    assert one.message == "X: It broke."


def test_a_row_that_is_gone():
    """Neither finished nor a reason to break."""
    seen = well(snapshot={"job": None}, row=None)
    assert failing(seen)["row.status"].actual == "gone"
    assert verdict(seen, "row.final") is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize("status", ["queued", "started", "pending"])
def test_a_row_left_in_work(status: str):
    """Blocks its project, whatever else."""
    assert {"row.status", "row.final"} <= set(red(well(row={"status": status})))


def test_a_row_that_should_stay_pending():
    """A wrapper that can't begin may leave it for the next one."""
    seen = well(row={"status": "pending"}, scenario={"expect": {"status": "pending"}})
    assert not {"row.status", "row.final"} & set(red(seen))


@pytest.mark.parametrize("value", [None, iso(0.05)], ids=["missing", "too early"])
def test_finished_at(value: str | None):
    """Set, and not before the start."""
    assert "row.finished-at" in red(well(row={"finished_at": value}))


@pytest.mark.parametrize(
    "row",
    [
        {"docker_started_at": None},
        {"docker_finished_at": None},
        {"docker_started_at": iso(0.05)},
        {"docker_finished_at": iso(1.5)},
        {"docker_started_at": iso(1.3), "docker_finished_at": iso(0.2)},
    ],
)
def test_docker_times_lie_in_their_order(row: dict[str, str]):
    """Both there, within the job's own times."""
    assert red(well(row=row)) == ["row.docker-times"]


def test_docker_times_bracket_the_worker():
    """But for what two clocks may differ."""
    assert red(well(worker={"started_at": at(-1.5)})) == []
    assert red(well(worker={"started_at": at(-3)})) == ["row.docker-times"]
    assert red(well(worker={"finished_at": at(4)})) == ["row.docker-times"]


@BOTH
@pytest.mark.parametrize("value", ["", "another", None])
def test_container_id(backend: str, value: str | None):
    """The worker's own id, and no other text."""
    assert red(well(backend, row={"container_id": value})) == ["row.container-id"]


@pytest.mark.parametrize("value", ["abc123", "qgis", "pod-uid", "qgis-x7"])
def test_container_id_may_be_one_of_several(value: str):
    """The Job's or the pod's UID or name."""
    pod = {"metadata": {"uid": "pod-uid", "name": "qgis-x7"}}
    assert red(well(row={"container_id": value}, worker={"objects": (pod,)})) == []


@pytest.mark.parametrize(("length", "good"), [(64, True), (12, True), (11, False)])
def test_a_containers_id_may_be_its_short_one(length: int, good: bool):
    """As the docker command shows it; fewer characters may be another's."""
    found = {"id": "0123456789abcdef" * 4}
    row = {"container_id": found["id"][:length]}
    wanted = [] if good else ["row.container-id"]
    assert red(well("docker", row=row, worker=found)) == wanted


def test_a_uid_has_no_short_form():
    """kubectl knows none."""
    assert red(well(row={"container_id": "abc1"})) == ["row.container-id"]


def test_a_worker_that_never_ran_is_said_with_the_status():
    """The cause is in its events, not in the row."""
    at_last = State(at=at(1), what="Event FailedScheduling", detail="no claim x")
    worker = {"started_at": None, "ended": False, "states": (at_last,)}
    found = failing(well(row={"status": "failed"}, worker=worker))
    assert found["row.status"].message == (
        "the worker qgis never ran, at last: Event FailedScheduling: no claim x"
    )


@BOTH
def test_a_lost_exit_code(backend: str):
    """0 in place of the worker's own."""
    assert red(well(backend, worker={"exit_code": 3})) == ["row.exit-code"]


def test_an_exit_code_that_is_not_told():
    """No number is not the number 0."""
    found = failing(well(feedback={}))
    assert {"row.exit-code", "row.feedback"} <= set(found)
    assert found["row.exit-code"].actual == "None"


def test_after_a_time_out_the_code_is_minus_one():
    """Whatever the kill made of the worker."""
    told = {"error": "too long", "error_type": "TIMEOUT", "error_origin": "worker"}

    def timed_out(code: int):
        return ended(137, {}, {"status": "failed", "feedback": told | with_code(code)})

    assert red(timed_out(-1)) == []
    assert red(timed_out(137)) == ["row.exit-code"]


def with_code(code: int | None) -> dict[str, Any]:
    """The feedback's exit code."""
    return {"container_exit_code": code}


def test_a_worker_that_the_wrapper_took_away_has_no_code():
    """If it was before its end; a removal afterwards is no excuse."""
    row = {**FAILED, "feedback": {**FAILED["feedback"], "container_exit_code": None}}
    early = (call("DELETE", CALLS["kubernetes"][3].target, at=at(1)),)
    assert red(ended(137, {}, row, calls=early)) == []
    assert red(ended(137, {}, row)) == ["row.exit-code"]
    stopped = (call("POST", "/v1.43/containers/abc123/kill", at=at(1)),)
    assert red(ended(137, {}, row, calls=stopped)) == []


def test_a_worker_whose_end_was_not_seen_proves_nothing():
    """Neither passed nor failed."""
    unseen = well(worker={"exit_code": None, "ended": False})
    assert verdict(unseen, "row.exit-code") is Verdict.NOT_PROVEN
    never_ran = well(worker={"exit_code": None, "ended": True})
    assert verdict(never_ran, "row.exit-code") is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("expect", "where"),
    [
        ({"container_exit_code": 4}, "job.feedback.container_exit_code"),
        ({"worker_exit_code": 4}, "worker qgis"),
        ({"container_exit_code": {"docker": 3, "kubernetes": 4}}, "job.feedback"),
    ],
)
def test_expected_exit_codes(expect: dict[str, Any], where: str):
    """In the row, of the worker, and by backend."""
    found = failing(ended(3, expect, FAILED))
    assert list(found) == ["expect.exit-code"]
    assert found["expect.exit-code"].where.startswith(where)


@pytest.mark.parametrize(
    "expect",
    [
        {"error_type": "TIMEOUT"},
        {"error_origin": "worker_wrapper"},
        {"error_contains": ["memory"]},
    ],
)
def test_expected_error(expect: dict[str, Any]):
    """Type, origin, words."""
    assert red(ended(3, expect, FAILED)) == ["expect.error"]


@pytest.mark.parametrize(
    ("backend", "proof", "oom_killed", "told", "good"),
    [
        ("kubernetes", "real", False, "K8S_JOB_SIGKILL", True),
        ("kubernetes", "real", False, "OUT_OF_MEMORY", False),
        ("kubernetes", "real", True, "OUT_OF_MEMORY", True),
        ("kubernetes", "real", True, "K8S_JOB_SIGKILL", False),
        ("kubernetes", "simulated", False, "K8S_JOB_SIGKILL", False),
        ("docker", "real", False, "K8S_JOB_SIGKILL", False),
    ],
)
def test_memory_is_told_where_the_backend_said_so(
    backend: str, proof: str, oom_killed: bool, told: str, good: bool
):
    """A real cluster may forget why it killed; the simulator and Docker don't."""
    feedback = {**FAILED["feedback"], "error_type": told, "container_exit_code": 137}
    seen = well(
        backend,
        worker={"exit_code": 137, "oom_killed": oom_killed},
        scenario={"expect": {"status": "failed", "error_type": "OUT_OF_MEMORY"}},
        row={**FAILED, "feedback": feedback},
        snapshot={"history": history("pending", "queued", "started", "failed")},
        proof=proof,
    )
    assert ("expect.error" not in failing(seen)) is good


def test_a_job_that_is_finished_has_no_error():
    """Who reads one thinks it failed."""
    told = {"container_exit_code": 0, "error": "something"}
    assert red(well(feedback=told)) == ["expect.error"]


@pytest.mark.parametrize(
    ("statuses", "good"),
    [
        (("pending", "queued", "started", "finished"), True),
        (("queued", "started", "started", "failed"), True),
        (("pending", "queued", "started", "finished", "failed"), False),
        (("pending", "queued", "started", "failed", "started"), False),
        (("pending", "finished"), False),
        (("pending", "queued", "finished"), False),
    ],
)
def test_history(statuses: tuple[str, ...], good: bool):
    """From work to one final status; a final one stays."""
    seen = well(snapshot={"history": history(*statuses)})
    assert ("row.history" not in red(seen)) is good


def test_a_deleted_row_is_no_status():
    """What the end of the row says of its status is not looked at."""
    gone = [*history("queued", "started", "finished"), {"op": "delete"}]
    gone[-1] |= {"new_status": None, "at": iso(5)}
    assert red(well(snapshot={"history": gone})) == []


def test_in_time():
    """By the first final status; a real cluster has more patience."""
    seen = {"scenario": {"expect": {"within_s": 1}}}
    found = failing(well(**seen))["row.in-time"]
    assert (found.expected, found.actual) == ("≤ 1.0 s", "1.4 s")
    assert red(well(**seen, slow=True)) == []
    never = well(**seen, snapshot={"history": history("pending", "started")})
    assert failing(never)["row.in-time"].actual == "never final"
