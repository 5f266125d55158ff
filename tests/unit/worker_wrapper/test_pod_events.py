"""The watch that goes on: renewed, resumed, begun anew, and never silently dead."""

import pytest
from kube_answers import Answer, Api, events, eventually, kubeconfig, refusal, serve
from samples import settings

from worker_wrapper import kube_client, pod_events, retrying
from worker_wrapper.api_settings import ApiSettings
from worker_wrapper.failures import WorkerFailed
from worker_wrapper.kube_client import KubeClient, KubeError
from worker_wrapper.pod_events import PodEvents


@pytest.fixture
def api(monkeypatch):
    monkeypatch.setattr(pod_events, "LEAST_S", 0.01)
    monkeypatch.setattr(retrying, "FIRST_WAIT_S", 0.01)
    with serve() as served:
        yield served


@pytest.fixture
def watching(api, tmp_path):
    """Opens the events of one selector; closes them at the end."""
    (tmp_path / "token").write_text("t")
    path = kubeconfig(tmp_path / "config", api.url, tmp_path / "token")
    opened = []

    def watch() -> PodEvents:
        api = ApiSettings(patience_s=1, watch_s=1)
        client = KubeClient(settings(kubeconfig=str(path), api=api))
        opened.append(PodEvents(client, "job_id=x"))
        return opened[-1]

    yield watch
    for one in opened:
        one.close()


def pod(uid: str, version: str, phase: str = "Running") -> dict:
    metadata = {"uid": uid, "name": uid, "resourceVersion": version}
    return {"metadata": metadata, "status": {"phase": phase}}


QUIET = Answer(b"", stay_open_s=30)


def test_changes_come_in_order(api: Api, watching):
    """And a deletion as the last of them."""
    first, last = pod("a", "1", "Pending"), pod("a", "2", "Succeeded")
    api.answers = [
        Answer(events(("ADDED", first), ("MODIFIED", last), ("DELETED", last))),
        QUIET,
    ]
    found = watching()
    seen = [found.next(5) for _ in range(3)]
    assert [(one.pod["status"]["phase"], one.deleted) for one in seen] == [
        ("Pending", False),
        ("Succeeded", False),
        ("Succeeded", True),
    ]


def test_nothing_new_is_none(api: Api, watching):
    """After the time that was given."""
    api.answers = [QUIET]
    assert watching().next(0.05) is None


def test_it_resumes_where_the_watch_ended(api: Api, watching):
    """Also after a bookmark, which nobody is told of."""
    bookmark = {"metadata": {"resourceVersion": "9"}}
    api.answers = [
        Answer(events(("ADDED", pod("a", "4")), ("BOOKMARK", bookmark))),
        Answer(events(("MODIFIED", pod("a", "10")))),
        QUIET,
    ]
    found = watching()
    versions = [found.next(5).pod["metadata"]["resourceVersion"] for _ in range(2)]
    assert versions == ["4", "10"]
    assert eventually(lambda: len(api.asked) >= 3)
    asked = [one.query.get("resourceVersion", "") for one in api.asked[:3]]
    assert asked == ["", "9", "10"]


def test_a_watch_that_breaks_off_is_resumed(api: Api, watching):
    """In the middle of a line."""
    whole = events(("ADDED", pod("a", "4")))
    api.answers = [
        Answer(whole + b'{"type": "MODI', cut=True),
        Answer(events(("MODIFIED", pod("a", "5", "Succeeded")))),
        QUIET,
    ]
    found = watching()
    assert found.next(5).pod["status"]["phase"] == "Running"
    assert found.next(5).pod["status"]["phase"] == "Succeeded"
    assert api.asked[1].query["resourceVersion"] == "4"


EXPIRED = ("ERROR", {"code": 410, "reason": "Expired"})


@pytest.mark.parametrize(
    "gone", [Answer(events(EXPIRED)), refusal(410, "too old", "Expired")]
)
def test_after_410_it_lists_anew(api: Api, watching, gone):
    """What happened meanwhile is found out: one ended, one was deleted."""
    listed = {
        "items": [pod("a", "20", "Failed")],
        "metadata": {"resourceVersion": "21"},
    }
    api.answers = [
        Answer(events(("ADDED", pod("a", "4")), ("ADDED", pod("b", "5")))),
        gone,
        Answer(listed),
        QUIET,
    ]
    found = watching()
    assert {found.next(5).pod["metadata"]["uid"] for _ in range(2)} == {"a", "b"}
    deleted, changed = found.next(5), found.next(5)
    assert (deleted.pod["metadata"]["uid"], deleted.deleted) == ("b", True)
    assert (changed.pod["status"]["phase"], changed.deleted) == ("Failed", False)
    assert eventually(lambda: len(api.asked) >= 4)
    assert "watch" not in api.asked[2].query
    assert api.asked[3].query["resourceVersion"] == "21"


def test_a_silent_watch_is_renewed(api: Api, watching, monkeypatch):
    """A half-open connection brings nothing and never ends: our own clock does."""
    monkeypatch.setattr(kube_client, "WATCH_SLACK_S", -0.7)  # 0.3 s after its begin
    api.answers = [QUIET, Answer(events(("ADDED", pod("a", "1")))), QUIET]
    assert watching().next(5).pod["metadata"]["uid"] == "a"


def test_a_missing_right_reaches_who_waits(api: Api, watching):
    """It would be waited for in vain."""
    api.answers = [refusal(403, "cannot watch pods")]
    with pytest.raises(KubeError, match="cannot watch pods"):
        watching().next(5)


def test_an_api_that_is_gone_reaches_who_waits(api: Api, watching):
    """After the client's tries."""
    api.answers = [Answer(b"", 503)]
    with pytest.raises((KubeError, WorkerFailed)):
        watching().next(10)


def test_a_proxy_that_cuts_each_watch_is_not_hammered(api: Api, watching, monkeypatch):
    """There is a pause between two beginnings, which grows."""
    monkeypatch.setattr(pod_events, "LEAST_S", 0.1)
    api.answers = [Answer(b"")]
    watching().next(1.2)
    assert 3 <= len(api.asked) <= 4


def test_closing_ends_it(api: Api, watching):
    """No more requests."""
    api.answers = [Answer(b"")]
    found = watching()
    assert eventually(lambda: len(api.asked) >= 2)
    found.close()
    found.next(0.1)
    count = len(api.asked)
    found.next(0.2)
    assert len(api.asked) == count
