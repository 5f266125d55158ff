"""The client's calls: what is asked, what is tried again, and how long it waits."""

import time

import pytest
from kube_answers import Answer, Api, events, eventually, kubeconfig, refusal, serve
from samples import settings

from worker_wrapper import failures, kube_client, retrying
from worker_wrapper.api_settings import ApiSettings
from worker_wrapper.failures import WorkerFailed
from worker_wrapper.kube_client import KubeClient, KubeError, WatchError

JOB = {"metadata": {"name": "j", "uid": "u"}}


@pytest.fixture
def api():
    with serve() as served:
        yield served


@pytest.fixture
def token(tmp_path):
    path = tmp_path / "token"
    path.write_text("first")
    return path


@pytest.fixture
def client(api, tmp_path, token, monkeypatch) -> KubeClient:
    """Its pauses are short; their lengths are looked at where they matter."""
    monkeypatch.setattr(retrying, "FIRST_WAIT_S", 0.01)
    path = kubeconfig(tmp_path / "config", api.url, token)
    return KubeClient(
        settings(namespace="gis", kubeconfig=str(path), api=ApiSettings(patience_s=2))
    )


def test_a_job_is_created_in_the_namespace(api: Api, client):
    """With the token, as JSON, and as who we are."""
    api.answers = [Answer(JOB, 201)]
    assert client.create_job({"kind": "Job"}) == JOB
    (asked,) = api.asked
    assert (asked.method, asked.path) == ("POST", "/apis/batch/v1/namespaces/gis/jobs")
    assert asked.body == {"kind": "Job"}
    assert asked.headers["authorization"] == "Bearer first"
    assert asked.headers["User-Agent"] == "qfieldcloud-worker-wrapper"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_passes_by_itself_is_tried_again(api: Api, client, status):
    """Until it passes."""
    api.answers = [refusal(status, "later"), refusal(status, "later"), Answer(JOB)]
    assert client.get_job("j") == JOB
    assert len(api.asked) == 3


def test_it_gives_up_when_the_patience_is_over(api: Api, client):
    """With the API's own words; the pauses doubled meanwhile."""
    api.answers = [refusal(503, "etcdserver: leader changed")]
    with pytest.raises(KubeError, match="leader changed") as caught:
        client.get_job("j")
    assert caught.value.status == 503
    assert 6 <= len(api.asked) <= 10


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
def test_a_refusal_that_stays_is_not_tried_again(api: Api, client, status):
    """Its status, reason and message are kept."""
    api.answers = [refusal(status, "no", "BecauseOfIt")]
    with pytest.raises(KubeError) as caught:
        client.get_job("j")
    error = caught.value
    assert (error.status, error.reason, error.message) == (status, "BecauseOfIt", "no")
    assert len(api.asked) == 1


def test_retry_after_is_honoured(api: Api, client):
    """The API knows better than our own pauses."""
    api.answers = [refusal(429, "slow down", retry_after="1"), Answer(JOB)]
    began = time.monotonic()
    client.get_job("j")
    assert 1.0 <= time.monotonic() - began < 3.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("2", 2.0), ("0.5", 0.5), ("-3", 0.0), ("600", 60.0), (None, 0.0), ("", 0.0)],
)
def test_how_retry_after_is_read(header, seconds):
    """Never so long that a job hangs, never backwards."""
    assert kube_client._seconds(header) == seconds


def test_a_retry_after_that_is_a_date_is_not_waited_for():
    """Our own pause is."""
    assert kube_client._seconds("Wed, 25 Nov 2026 03:00:00 GMT") == 0.0


def test_a_broken_connection_is_tried_again(api: Api, client):
    """In the middle of the answer."""
    api.answers = [Answer(JOB, cut=True), Answer(JOB)]
    assert client.get_job("j") == JOB
    assert len(api.asked) == 2


def test_an_api_that_is_not_there(tmp_path, token, monkeypatch):
    """Said as such, after some tries."""
    monkeypatch.setattr(retrying, "FIRST_WAIT_S", 0.01)
    with serve() as api:
        url = api.url
    path = kubeconfig(tmp_path / "config", url, token)
    client = KubeClient(settings(kubeconfig=str(path), api=ApiSettings(patience_s=1)))
    with pytest.raises(WorkerFailed, match="get jobs") as caught:
        client.get_job("j")
    assert caught.value.failure.kind is failures.BACKEND_UNREACHABLE


def test_a_token_that_was_rotated_is_read_anew(api: Api, client, token):
    """Once, on a 401."""

    def check(asked):
        good = asked.headers["authorization"] == "Bearer second"
        return Answer(JOB) if good else refusal(401, "Unauthorized")

    api.answers = [check]
    token.write_text("second")
    assert client.get_job("j") == JOB
    assert len(api.asked) == 2


def test_a_token_that_stays_wrong_is_no_loop(api: Api, client):
    """Read anew at each try, then told."""
    api.answers = [refusal(401, "Unauthorized")]
    with pytest.raises(KubeError) as caught:
        client.get_job("j")
    assert caught.value.status == 401
    assert 3 <= len(api.asked) <= 12


def test_no_credentials_at_all(tmp_path, monkeypatch):
    """The message says what to do."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(WorkerFailed, match="QFIELDCLOUD_K8S_KUBECONFIG") as caught:
        KubeClient(settings(kubeconfig=str(tmp_path / "none")))
    assert caught.value.failure.kind is failures.BACKEND_UNREACHABLE


def test_a_proxys_page_is_no_answer(api: Api, client):
    """Its beginning is shown."""
    api.answers = [Answer(b"<html>Sign in")]
    with pytest.raises(WorkerFailed, match="<html>Sign in") as caught:
        client.get_job("j")
    assert caught.value.failure.kind is failures.BACKEND_UNREACHABLE


def test_a_proxys_refusal_keeps_its_words(api: Api, client):
    """It has no reason in the API's shape."""
    api.answers = [Answer(b"blocked by policy", 403)]
    with pytest.raises(KubeError, match="blocked by policy"):
        client.get_job("j")


def test_deleting_only_what_is_ours(api: Api, client):
    """By UID: another Job may have the name by now."""
    client.delete_job("j", "u")
    (asked,) = api.asked
    assert (asked.method, asked.path.rpartition("/")[2]) == ("DELETE", "j")
    assert asked.body["preconditions"] == {"uid": "u"}
    assert asked.body["propagationPolicy"] == "Background"


@pytest.mark.parametrize("status", [404, 409])
def test_what_is_gone_need_not_be_deleted(api: Api, client, status):
    """409: the name belongs to another Job."""
    api.answers = [refusal(status, "not found")]
    client.delete_job("j", "u")


def test_deleting_may_be_forbidden(api: Api, client):
    """That is no success."""
    api.answers = [refusal(403, "cannot delete")]
    with pytest.raises(KubeError, match="cannot delete"):
        client.delete_job("j", "u")


def test_a_secret_that_is_there_already_is_our_own(api: Api, client):
    """An earlier try made it, and its answer was lost."""
    api.answers = [refusal(409, "already exists", "AlreadyExists")]
    client.create_secret({"metadata": {"name": "s"}})
    api.answers = [refusal(403, "cannot create resource")]
    with pytest.raises(KubeError):
        client.create_secret({"metadata": {"name": "s"}})


def test_lists_are_asked_by_label(api: Api, client):
    """And a list of pods says from where to watch."""
    api.answers = [Answer({"items": [JOB], "metadata": {"resourceVersion": "7"}})]
    assert client.list_jobs("app=x") == [JOB]
    assert client.list_pods("app=x") == ([JOB], "7")
    assert [one.query for one in api.asked] == [{"labelSelector": "app=x"}] * 2


def test_events_are_asked_by_the_objects_uid(api: Api, client):
    """Only warnings; without the right to read them that is what is told."""
    api.answers = [Answer({"items": [{"message": "no room"}, {}]})]
    assert client.warnings("u") == ["no room", ""]
    assert api.asked[0].query["fieldSelector"] == "involvedObject.uid=u,type=Warning"
    api.answers = [refusal(403, "cannot list events")]
    with pytest.raises(KubeError, match="cannot list events"):
        client.warnings("u")


def test_a_log_is_streamed_as_bytes(api: Api, client):
    """Whatever they are."""
    api.answers = [Answer(b"a\xff\0b")]
    assert b"".join(client.open_log("p", "qgis")) == b"a\xff\0b"
    assert api.asked[0].path == "/api/v1/namespaces/gis/pods/p/log"
    assert api.asked[0].query == {"container": "qgis"}


def test_a_watch_gives_events_however_the_lines_are_cut(api: Api, client):
    """It says from where, and that it will be renewed."""
    pods = [{"metadata": {"name": f"p{number}"}} for number in range(3)]
    api.answers = [Answer(events(*(("ADDED", pod) for pod in pods)))]
    stream = client.watch_pods("app=x", "5")
    assert [event["object"] for event in stream] == pods
    query = api.asked[0].query
    assert (query["resourceVersion"], query["watch"]) == ("5", "true")
    assert query["timeoutSeconds"] == str(ApiSettings().watch_s)
    assert query["allowWatchBookmarks"] == "true"


def test_lines_are_put_together():
    """A chunk ends anywhere."""
    chunks = iter([b'{"a"', b": 1}\n\n{", b"}\n", b"rest"])
    assert list(kube_client._lines(chunks)) == [b'{"a": 1}', b"{}"]


def test_an_error_in_a_watch_is_raised(api: Api, client):
    """Its 410 comes with status 200."""
    api.answers = [Answer(events(("ERROR", {"code": 410, "reason": "Expired"})))]
    with pytest.raises(WatchError, match="Expired"):
        list(client.watch_pods("app=x", "5"))


def test_a_watch_that_is_open_can_be_closed(api: Api, client):
    """From another thread, while nothing comes."""
    import threading

    api.answers = [Answer(events(("ADDED", JOB)), stay_open_s=30)]
    stream = client.watch_pods("app=x", "")
    seen, ended = [], threading.Event()

    def read() -> None:
        try:
            seen.extend(stream)
        except Exception as error:
            seen.append(error)
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    time.sleep(0.2)
    stream.close()
    assert eventually(ended.is_set, 3.0)
