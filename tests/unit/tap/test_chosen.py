"""Calls are chosen by step, by verb or by method."""

from datetime import datetime, timezone

import pytest

from harness.scenario.calls import unknown
from harness.tap.chosen import is_chosen, names_of
from harness.tap.journal import Call

JOBS = "/apis/batch/v1/namespaces/n/jobs"


def _call(method: str, target: str) -> Call:
    at = datetime.now(timezone.utc)
    return Call(at=at, seconds=0.0, method=method, target=target, status=200)


@pytest.mark.parametrize(
    ("method", "target", "name", "step"),
    [
        ("POST", "/v1.41/containers/create?name=x", "create containers", "create"),
        ("POST", "/v1.41/containers/1a/start", "start containers", "start"),
        ("POST", "/v1.41/containers/1a/wait", "wait containers", "watch"),
        ("GET", "/v1.41/containers/1a/logs?stdout=1", "get containers/logs", "log"),
        ("GET", "/v1.41/containers/json?all=1", "list containers", "list"),
        ("DELETE", "/v1.41/containers/1a?force=1", "delete containers", "remove"),
        ("POST", JOBS, "create jobs", "create"),
        ("GET", JOBS, "list jobs", "list"),
        ("DELETE", f"{JOBS}/x", "delete jobs", "remove"),
        ("GET", "/api/v1/namespaces/n/pods?watch=1", "watch pods", "watch"),
        ("GET", "/api/v1/namespaces/n/pods/x/log", "get pods/log", "log"),
        ("POST", "/api/v1/namespaces/n/secrets", "create secrets", "secret"),
    ],
)
def test_a_call_is_chosen_by_its_step_verb_and_method(
    method: str, target: str, name: str, step: str
) -> None:
    """On both backends, and by nothing else."""
    call = _call(method, target)
    resource = name.partition(" ")[2]
    assert {name, f"{method} {resource}"} <= set(names_of(call))
    for text in (step, name, f"{method} {resource}"):
        assert is_chosen(text, call)
    assert not is_chosen("update nodes", call)


@pytest.mark.parametrize(
    ("text", "method", "target"),
    [
        ("POST containers/create", "POST", "/v1.41/containers/create?name=x"),
        ("POST containers/wait", "POST", "/v1.41/containers/1a/wait"),
        ("WATCH pods", "GET", "/api/v1/namespaces/n/pods?watch=1"),
        ("LIST jobs", "GET", JOBS),
    ],
)
def test_a_call_is_chosen_as_the_apis_write_it(
    text: str, method: str, target: str
) -> None:
    """Docker's by its path, Kubernetes' by its verb in capitals."""
    assert is_chosen(text, _call(method, target))
    assert not is_chosen(text, _call("DELETE", target))


def test_an_inspection_is_no_list() -> None:
    """Their paths differ only in their order."""
    call = _call("GET", "/v1.41/containers/1a/json")
    assert set(names_of(call)) == {"get containers", "GET containers"}
    assert not is_chosen("list", call)


def test_a_step_that_is_none_is_told() -> None:
    """A slip of the pen would choose nothing."""
    assert unknown("creat").startswith("is no step. There are list, create")
    assert unknown("create") == unknown("create jobs") == ""
