"""What is known of a call: which right it used, what the API said."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from harness.tap.journal import Call, Journal

NOW = datetime(2026, 5, 3, tzinfo=timezone.utc)


def _call(
    target: str, method: str = "GET", *, response: bytes = b"", status: int = 200
) -> Call:
    return Call(
        at=NOW,
        seconds=0.1,
        method=method,
        target=target,
        status=status,
        response=response,
        response_size=len(response),
    )


JOBS = "/apis/batch/v1/namespaces/n/jobs"
PODS = "/api/v1/namespaces/n/pods"
BATCH = ("batch", "jobs")


@pytest.mark.parametrize(
    ("method", "target", "right"),
    [
        ("POST", JOBS, ("create", *BATCH)),
        ("GET", f"{JOBS}/x", ("get", *BATCH)),
        ("GET", f"{JOBS}?labelSelector=a", ("list", *BATCH)),
        ("GET", f"{JOBS}?watch=true", ("watch", *BATCH)),
        ("GET", f"{JOBS}?watch=1&fieldSelector=b", ("watch", *BATCH)),
        ("GET", f"{JOBS}?watch=false", ("list", *BATCH)),
        ("PUT", f"{JOBS}/x", ("update", *BATCH)),
        ("PATCH", f"{JOBS}/x", ("patch", *BATCH)),
        ("DELETE", f"{JOBS}/x", ("delete", *BATCH)),
        ("DELETE", JOBS, ("deletecollection", *BATCH)),
        ("PATCH", f"{JOBS}/x/status", ("patch", "batch", "jobs/status")),
        ("GET", f"{PODS}/x/log?follow=true", ("get", "", "pods/log")),
        ("GET", PODS, ("list", "", "pods")),
        ("GET", "/api/v1/pods", ("list", "", "pods")),
        ("GET", "/api/v1/nodes/x", ("get", "", "nodes")),
        ("GET", "/api/v1/namespaces", ("list", "", "namespaces")),
        ("GET", "/api/v1/namespaces/n", ("get", "", "namespaces")),
        (
            "POST",
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            ("create", "authorization.k8s.io", "selfsubjectaccessreviews"),
        ),
    ],
)
def test_a_call_uses_a_right(
    method: str, target: str, right: tuple[str, str, str]
) -> None:
    """Verb, group and resource, as a Role names them."""
    assert _call(target, method).right == right


@pytest.mark.parametrize(
    "target", ["/version", "/api", "/apis", "/openapi/v3", "/apis/batch/v1", "/healthz"]
)
def test_discovery_uses_none(target: str) -> None:
    """It is no resource."""
    assert _call(target).right is None


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/v1.41/containers/json?all=1", "/containers/json"),
        ("/containers/json", "/containers/json"),
        ("/v1.41/version", "/version"),
        ("/api/v1/pods", "/api/v1/pods"),
    ],
)
def test_dockers_version_is_no_part_of_the_path(target: str, path: str) -> None:
    """Clients ask with it and without."""
    assert _call(target).path == path


@pytest.mark.parametrize(
    ("target", "is_log"),
    [
        ("/v1.41/containers/1/logs?stdout=1", True),
        (f"{PODS}/x/log", True),
        ("/containers/logs-of-mine/json", False),
    ],
)
def test_logs_are_told_from_other_calls(target: str, is_log: bool) -> None:
    """By the end of their path."""
    assert _call(target).is_log is is_log


def test_a_refusal_has_the_apis_own_words() -> None:
    """A Status of Kubernetes, an error of Docker, or plain text."""
    message = b'{"kind": "Status", "message": "jobs is forbidden"}'
    assert _call("/", response=message).message == "jobs is forbidden"
    assert _call("/", response=b'["odd"]').message == '["odd"]'
    assert _call("/", response=b"plain \xff text").message == "plain \ufffd text"


def test_what_was_not_kept_whole_is_no_json() -> None:
    """Half an object says nothing."""
    assert _call("/", response=b'{"a": 1').json() is None
    assert _call("/", response=b'{"a": 1}').json() == {"a": 1}


def test_the_query_keeps_empty_values() -> None:
    """`?follow=` is not the same as nothing."""
    assert _call("/a?b=&c=d%20e").query == {"b": "", "c": "d e"}


def test_calls_come_in_the_order_of_their_beginning() -> None:
    """A watch that began first may end last."""
    journal = Journal()
    for seconds in (2, 0, 1):
        at = NOW + timedelta(seconds=seconds)
        call = Call(at=at, seconds=0, method="GET", target=str(seconds), status=200)
        journal.end(journal.begin(lambda call=call: call), call)
    assert [call.target for call in journal.calls()] == ["0", "1", "2"]


def test_a_call_under_way_is_there_already() -> None:
    """As far as it is known; its end takes the place of that."""
    journal = Journal()
    begun = Call(at=NOW, seconds=0, method="GET", target="/a", status=0)
    number = journal.begin(lambda: begun)
    assert journal.calls() == [begun]
    journal.end(number, replace(begun, status=200))
    assert [call.status for call in journal.calls()] == [200]
