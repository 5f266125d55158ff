"""What became of the changes from the field."""

from typing import Any

import pytest

from harness.expectations.finding import Verdict

from .well import failing, iso, red, verdict, well

DELTA: dict[str, Any] = {
    "id": "d1",
    "last_status": "applied",
    "last_modified_pk": "7",
    "last_feedback": [{"msg": "done"}],
    "last_apply_attempt_at": iso(1),
}
TOLD = {"delta_id": "d1", "status": "status_applied", "modified_pk": 7}


def applied(
    delta: dict[str, Any] | None = None, told: Any = TOLD, **more: Any
) -> dict[str, Any]:
    """A job with one delta; what the worker told of it; the link of both."""
    row = DELTA | (delta or {})
    status = more.pop("link", row["last_status"])
    feedback = {"apply_deltas": {"delta_feedback": [told]}}
    return {
        "snapshot": {
            "deltas": [row],
            "apply_job_deltas": [{"delta_id": "d1", "status": status}],
            **more.pop("snapshot", {}),
        },
        "row": {"feedback": {"container_exit_code": 0, "outputs": feedback}},
        **more,
    }


def test_a_delta_as_the_worker_reported_it():
    """Nothing to say."""
    assert red(well(**applied())) == []


@pytest.mark.parametrize("status", ["pending", "started"])
def test_a_delta_that_stays_in_work(status: str):
    """Its change is lost: nobody tries it again."""
    found = red(well(**applied({"last_status": status})))
    assert found == ["deltas.final", "deltas.as-reported"]
    assert red(well(**applied(link=status)))[0] == "deltas.final"


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("status_applied", "applied"),
        ("status_conflict", "conflict"),
        ("status_apply_failed", "not_applied"),
        ("anything_else", "error"),
    ],
)
def test_each_status_has_its_name(told: str, status: str):
    """And no other one."""
    words = TOLD | {"status": told}
    assert red(well(**applied({"last_status": status}, words))) == []
    other = "conflict" if status != "conflict" else "applied"
    found = failing(well(**applied({"last_status": other}, words)))
    assert list(found) == ["deltas.as-reported"]
    assert (found["deltas.as-reported"].expected) == status


@pytest.mark.parametrize(
    "changes",
    [
        {"last_modified_pk": None},
        {"last_modified_pk": "8"},
        {"last_feedback": None},
        {"last_apply_attempt_at": None},
    ],
)
def test_what_else_a_delta_is_told(changes: dict[str, Any]):
    """The feature's primary key, the words, the time."""
    assert red(well(**applied(changes))) == ["deltas.as-reported"]


def test_the_link_has_the_status_too():
    """QFieldCloud lists the deltas of a job by it."""
    assert red(well(**applied(link="conflict"))) == ["deltas.as-reported"]


def test_a_delta_that_the_worker_left_out_is_not_compared():
    """Another check says what may become of it."""
    told = TOLD | {"delta_id": "another"}
    assert red(well(**applied({"last_status": "error"}, told))) == []


def test_expected_counts():
    """As many of each as the scenario says, and no more."""
    one = {"expect": {"deltas": {"applied": 1}}}
    assert red(well(**applied(scenario=one))) == []
    two = {"expect": {"deltas": {"applied": 2}}}
    found = failing(well(**applied(scenario=two)))
    assert list(found) == ["expect.deltas"]
    assert found["expect.deltas"].actual == "{'applied': 1}"


@pytest.mark.parametrize(
    "updated", [None, "2026-05-03T11:59:00Z"], ids=["missing", "before the job"]
)
def test_changed_data_is_dated_anew(updated: str | None):
    """Only where something was changed."""
    project = {"project": {"data_last_updated_at": updated}}
    assert red(well(**applied(snapshot=project))) == ["deltas.data-updated-at"]
    refused = TOLD | {"status": "status_conflict"}
    same = applied({"last_status": "conflict"}, refused, snapshot=project)
    assert verdict(well(**same), "deltas.data-updated-at") is Verdict.NOT_APPLICABLE
