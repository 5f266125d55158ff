"""Bad input and bad luck: there is a report all the same, it is NO-GO, and says why."""

import dataclasses
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import yaml

from harness.errors import UsageError
from harness.preflight import merging
from harness.preflight.jobs import hands
from harness.preflight.jobs import plan as planning
from harness.preflight.model import Evidence, Proof, Status, Validation, Word
from harness.preflight.reader import Reader

from .cluster import Cluster
from .test_one_thing_broken import named

CLOSED = "https://127.0.0.1:1"


def _operator(cluster: Cluster, role: str) -> None:
    """From now on somebody who has a ClusterRole in the namespace, and no more."""
    name = f"operator-{role}"
    cluster.post("serviceaccounts", "v1", "ServiceAccount", name)
    group = "rbac.authorization.k8s.io"
    cluster.post(
        "rolebindings",
        f"{group}/v1",
        "RoleBinding",
        name,
        roleRef={"apiGroup": group, "kind": "ClusterRole", "name": role},
        subjects=[
            {"kind": "ServiceAccount", "name": name, "namespace": cluster.namespace}
        ],
    )
    cluster.token = cluster.api.token(cluster.namespace, name)


def _dies_at(monkeypatch: pytest.MonkeyPatch, name: str) -> Callable[[], None]:
    """The API server is gone from this call on; call the result to bring it back."""
    whole = Reader.call
    gone = [False]

    def call(self: Reader, asked: str, *arguments: Any, **options: Any) -> Evidence:
        if asked == name or gone[0]:
            gone[0] = True
            if self.access.url != CLOSED:
                self.access = dataclasses.replace(self.access, url=CLOSED)
        return whole(self, asked, *arguments, **options)

    monkeypatch.setattr(Reader, "call", call)
    return monkeypatch.undo


def test_a_kubeconfig_that_is_none(cluster: Cluster) -> None:
    """Exit 2."""
    path = cluster.kubeconfig()
    cluster.kubeconfig = lambda: path  # type: ignore[method-assign]
    path.write_text("a: [")
    report, code = cluster.validate()
    assert code == 2
    assert report.decision.word is Word.NO_GO
    assert str(path) in report.decision.sentence
    assert named(report) == {"QFV-101"}


def test_a_settings_file_with_a_line_that_is_none(cluster: Cluster) -> None:
    """Exit 2, with file and line; the line itself may be a secret."""
    cluster.values["A"] = "1\nsecret-of-somebody-that-has-no-name"
    report, code = cluster.validate()
    assert code == 2
    assert "settings.env:8:" in report.decision.sentence
    assert "has-no-name" not in report.decision.sentence


def test_a_server_that_is_not_there(cluster: Cluster) -> None:
    """Exit 1; file, context, server and user are named."""
    ready = {**cluster.ready["kubernetes"], "url": CLOSED}
    cluster.ready = {"kubernetes": ready}
    report, code = cluster.validate()
    assert code == 1
    assert named(report) >= {"QFV-101"}
    for word in (CLOSED, "production", "operator", "kubeconfig"):
        assert word in report.decision.sentence


def test_a_server_that_dies_while_it_is_looked_at(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was seen until then counts; the rest follows from the end."""
    _dies_at(monkeypatch, "persistentvolumeclaims")
    report, code = cluster.validate()
    assert code == 1
    assert "stopped answering" in report.ended
    status = {one.id: one.status for one in report.results}
    assert status["QFV-211/create-jobs"] is Status.PASS
    assert status["QFV-401"] is Status.NOT_PROVEN
    assert report.decision.word is Word.NO_GO


def test_a_server_that_dies_in_a_real_job(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was made and can't be removed is listed, with the command for it."""
    monkeypatch.setattr(hands, "POLL_S", 0.05)
    _dies_at(monkeypatch, "poll:look")
    report, code = cluster.validate(jobs=True)
    assert code == 1
    assert report.decision.word is Word.NO_GO
    left = {one.kind for one in report.made if not one.gone}
    assert left == {"ConfigMap", "Job", "Secret"}
    found = next(one for one in report.results if one.id == "QFV-951")
    assert found.status is Status.FAIL
    assert f"-l qfc-harness.run={report.run_id}" in found.fix.command


def test_somebody_who_may_only_look(cluster: Cluster) -> None:
    """Nothing false is said; who can prove the rest is, and a merge does."""
    admin, _ = cluster.validate()
    _operator(cluster, "view")
    report, _ = cluster.validate()
    status = {one.id: one.status for one in report.results}
    assert status["QFV-211/create-jobs"] is Status.NOT_PROVEN
    assert status["QFV-304"] is Status.NOT_PROVEN
    assert status["QFV-401"] is Status.NOT_PROVEN  # Pending, and no class to be seen
    assert status["QFV-402"] is Status.PASS
    open_ = [one for one in report.results if one.status is Status.NOT_PROVEN]
    assert all(
        one.who or one.caused_by or one.severity.value == "info" for one in open_
    )
    assert not [one for one in report.results if one.status is Status.ERROR]
    joined = merging.merged(report, admin, "admin.json")
    left = named(joined) - {one for one in named(joined) if "QFV-20" in one}
    assert left == set()


def test_somebody_with_the_role_edit(cluster: Cluster) -> None:
    """May impersonate the wrapper's account, and so prove its rights."""
    _operator(cluster, "edit")
    report, _ = cluster.validate()
    rights = [one for one in report.results if one.check == "QFV-211"]
    assert {one.status for one in rights} == {Status.PASS}
    assert {one.proof for one in rights} == {Proof.IMPERSONATED}


def test_reports_of_two_clusters_are_not_joined(cluster: Cluster) -> None:
    """They say nothing of each other."""
    report, _ = cluster.validate()
    scope = dataclasses.replace(report.scope, server="https://elsewhere")
    other = dataclasses.replace(report, scope=scope)
    with pytest.raises(UsageError, match="its server is https://elsewhere"):
        merging.merged(report, other, "other.json")


@pytest.mark.parametrize(
    ("days", "word", "results"),
    [
        (1, Word.GO_WITH_WARNINGS, set()),
        (-1, Word.NO_GO, {"QFV-405", "QFV-954/QFV-405"}),
    ],
    ids=["valid", "expired"],
)
def test_a_waiver(cluster: Cluster, days: int, word: Word, results: set[str]) -> None:
    """Holds until its day; one that is over is a warning of its own."""
    cluster.delete("persistentvolumeclaims", "v1", "transformation-grids")
    path = cluster.directory / "waivers.yaml"
    expires = str(date.today() + timedelta(days=days))
    waiver = {"check": "QFV-405", "owner": "ops", "reason": "later"}
    path.write_text(yaml.safe_dump([{**waiver, "expires": expires}]))
    cluster.more["waivers"] = path
    report, _ = cluster.validate()
    assert report.decision.word is word
    assert named(report) - {"QFV-406"} == results
    assert bool(report.decision.waived) is (days > 0)


def _hash(report: Validation) -> str:
    assert report.plan is not None
    return report.plan.hash


def test_a_plan_is_the_same_for_the_same(cluster: Cluster) -> None:
    """Its hash is the consent: it changes with whatever would be done."""
    first, _ = cluster.validate()
    again, _ = cluster.validate()
    assert _hash(first) == _hash(again)
    assert planning.RUN in str(first.plan)
    cluster.values["WORKER_QGIS_MEMORY_LIMIT"] = "128m"
    other, _ = cluster.validate()
    assert _hash(other) != _hash(first)
