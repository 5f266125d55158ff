"""What can't be broken in a shared cluster: its answers, altered in one place."""

import copy
import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from harness.preflight import judging
from harness.preflight.course import Course
from harness.preflight.facts import Facts
from harness.preflight.journal import Journal
from harness.preflight.model import Evidence, Status

from .cluster import Cluster


@pytest.fixture(scope="module")
def seen(ready: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """All that a validation saw where all is well."""
    cluster = Cluster(ready=ready, directory=tmp_path_factory.mktemp("seen"))
    cluster.fill()
    journal = Journal(None)
    course = Course(asked=cluster.asked(), journal=journal, say=lambda _: None)
    course.prepare()
    course.look()
    return course.facts()


def _evidence(name: str, change: Callable[[Any], Any]) -> Callable[[Facts], Facts]:
    def alter(facts: Facts) -> Facts:
        one = facts.evidence[name]
        body = copy.deepcopy(one.body)
        changed = dataclasses.replace(one, body=change(body) or body)
        return dataclasses.replace(facts, evidence={**facts.evidence, name: changed})

    return alter


def _fields(name: str, **changes: Any) -> Callable[[Facts], Facts]:
    def alter(facts: Facts) -> Facts:
        one: Evidence = dataclasses.replace(facts.evidence[name], **changes)
        return dataclasses.replace(facts, evidence={**facts.evidence, name: one})

    return alter


def _given(**changes: Any) -> Callable[[Facts], Facts]:
    return lambda facts: dataclasses.replace(
        facts, given=dataclasses.replace(facts.given, **changes)
    )


def _node(change: Callable[[dict[str, Any]], None]) -> Callable[[Facts], Facts]:
    return _evidence("nodes", lambda body: change(body["items"][0]))


def _second_node(body: Any) -> None:
    other = copy.deepcopy(body["items"][0])
    other["metadata"]["name"] = "second"
    body["items"].append(other)


def _pressed(node: dict[str, Any]) -> None:
    for one in node["status"]["conditions"]:
        if one["type"] == "DiskPressure":
            one["status"] = "True"


def _sidecar(body: Any) -> None:
    body["spec"]["containers"].append({"name": "istio-proxy", "image": "proxy:1"})


def _forbidden(name: str) -> Callable[[Facts], Facts]:
    words = f'{name} is forbidden: User "op" cannot list resource "{name}"'
    return _fields(name, status=403, error=words, body={})


ALTERED: dict[str, tuple[Callable[[Facts], Facts], set[str], Status, str]] = {
    "old-server": (
        _evidence("version", lambda body: {**body, "gitVersion": "v1.27.9"}),
        {"QFV-104"},
        Status.FAIL,
        "kubernetes v1.27.9 >=1.28",
    ),
    "new-server": (
        _evidence("version", lambda body: {**body, "gitVersion": "v1.99.0"}),
        {"QFV-106"},
        Status.FAIL,
        "v1.99.0",
    ),
    "broken-client": (
        _given(client_version="36.0.0"),
        {"QFV-105"},
        Status.FAIL,
        "sends no credentials",
    ),
    "clock": (
        _fields("version", headers={"Date": "Sat, 03 May 2025 12:00:00 GMT"}),
        {"QFV-107"},
        Status.FAIL,
        "ahead of the server's",
    ),
    "two-nodes": (
        _evidence("nodes", _second_node),
        {"QFV-403", "QFV-406"},
        Status.FAIL,
        "workers may run on 2 nodes",
    ),
    "arm": (
        _node(lambda n: n["status"]["nodeInfo"].update(architecture="arm64")),
        {"QFV-502"},
        Status.FAIL,
        "is arm64",
    ),
    "disk": (_node(_pressed), {"QFV-503"}, Status.FAIL, "DiskPressure"),
    "cordoned": (
        _node(lambda n: n["spec"].update(unschedulable=True)),
        {"QFV-501"},
        Status.FAIL,
        "is cordoned",
    ),
    "tainted": (
        _node(
            lambda n: n["spec"].update(taints=[{"key": "gis", "effect": "NoSchedule"}])
        ),
        {"QFV-501"},
        Status.FAIL,
        "has the taint gis:NoSchedule",
    ),
    "sidecar": (
        _evidence("dry:pod", _sidecar),
        {"QFV-306"},
        Status.FAIL,
        "A sidecar runs beside the worker",
    ),
    "webhook-refuses": (
        _fields(
            "dry:job", status=403, error='admission webhook "x" denied the request'
        ),
        {"QFV-301"},
        Status.FAIL,
        'webhook "x" denied',
    ),
    "webhook-without-dry-run": (
        _fields("dry:job", status=400, error="webhook x does not support dry run"),
        {"QFV-301"},
        Status.NOT_PROVEN,
        "can't do dry runs",
    ),
    "terminating": (
        _evidence(
            "namespace", lambda body: {**body, "status": {"phase": "Terminating"}}
        ),
        {"QFV-103"},
        Status.FAIL,
        "is Terminating",
    ),
    "quotas-unseen": (
        _forbidden("resourcequotas"),
        {"QFV-310", "QFV-311"},
        Status.NOT_PROVEN,
        "cannot list",
    ),
    "nodes-unseen": (
        _forbidden("nodes"),
        {"QFV-403", "QFV-406", "QFV-501", "QFV-502", "QFV-503", "QFV-504"},
        Status.NOT_PROVEN,
        "cannot list",
    ),
    "half-reachable": (
        _fields("networkpolicies", status=0, error="connection reset"),
        {"QFV-601"},
        Status.NOT_PROVEN,
        "connection reset",
    ),
}
PASSES = (Status.PASS, Status.SKIPPED, Status.NOT_APPLICABLE)


@pytest.mark.parametrize("name", ALTERED)
def test_one_answer_is_another(seen: Facts, name: str) -> None:
    """The results that change are these, and say why."""
    alter, checks, status, words = ALTERED[name]
    before = {one.id: one.status for one in judging.judge(seen, jobs_skipped="no")}
    results = judging.judge(alter(seen), jobs_skipped="no")
    changed = [
        one
        for one in results
        if before.get(one.id) is not one.status
        and one.severity.value != "info"
        and not one.caused_by
    ]
    assert {one.check for one in changed} == checks
    assert {one.status for one in changed} == {status}
    assert any(words in one.seen for one in changed)
    if status is Status.NOT_PROVEN:
        assert all(one.who for one in changed)
