"""Frames of a Docker log, and calls that are tried again."""

from types import SimpleNamespace

import pytest
import requests
from docker.errors import APIError

from worker_wrapper import docker_engine, failures, retrying
from worker_wrapper.api_settings import ApiSettings
from worker_wrapper.docker_engine import BrokenOff, Engine, payloads
from worker_wrapper.failures import WorkerFailed


def frame(payload: bytes) -> bytes:
    return b"\x01\0\0\0" + len(payload).to_bytes(4, "big") + payload


STREAM = frame(b"one\n") + frame(b"") + frame(b"two two\n")


@pytest.mark.parametrize("size", [1, 3, 8, 11, 100])
def test_payloads_however_the_stream_is_cut(size):
    """Heads and payloads may be torn anywhere."""
    pieces = (STREAM[at : at + size] for at in range(0, len(STREAM), size))
    assert b"".join(payloads(pieces)) == b"one\ntwo two\n"


@pytest.mark.parametrize("missing", [1, 7, 9, 15])
def test_a_frame_that_is_not_whole_is_no_end(missing):
    """docker-py takes it for one."""
    with pytest.raises(BrokenOff):
        list(payloads(iter([STREAM[:-missing]])))


def refused(status: int) -> APIError:
    response = requests.Response()
    response.status_code = status
    return APIError("no", response=response, explanation="because")


class Api:
    """Answers with the next of these, the last one for ever."""

    def __init__(self, *answers) -> None:
        self._answers = list(answers)
        self.calls = 0

    def __call__(self, *_arguments, **_more):
        """One call."""
        self.calls += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def engine(monkeypatch):
    """Its pauses are short, and its client is what a test gives it."""
    monkeypatch.setattr(retrying, "FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(docker_engine, "LEAST_S", 0.001)
    made = Engine(ApiSettings(patience_s=1))
    made._connected = SimpleNamespace(api=SimpleNamespace())
    return made


@pytest.mark.parametrize(
    "passing", [refused(500), refused(503), requests.ConnectionError(), OSError()]
)
def test_what_passes_is_tried_again(engine, passing):
    """Until it has passed."""
    api = Api(passing, passing, "done")
    assert engine.ask("do", api) == "done"
    assert api.calls == 3


@pytest.mark.parametrize("status", [400, 404, 409])
def test_what_stays_is_not(engine, status):
    """The engine's words are kept."""
    api = Api(refused(status))
    with pytest.raises(APIError, match="because"):
        engine.ask("do", api)
    assert api.calls == 1


def test_an_engine_that_is_gone_is_told(engine, monkeypatch):
    """After the time of the setting."""
    monkeypatch.setattr(retrying, "FIRST_WAIT_S", 0.2)
    api = Api(requests.ConnectionError("refused"))
    with pytest.raises(WorkerFailed, match="do: refused") as caught:
        engine.ask("do", api)
    assert caught.value.failure.kind is failures.BACKEND_UNREACHABLE
    assert 2 <= api.calls <= 4


def state(status: str, code: int = 0):
    return {"State": {"Status": status, "ExitCode": code}}


@pytest.mark.parametrize(
    "broken",
    [requests.ReadTimeout(), requests.ConnectionError(), refused(503), OSError()],
)
def test_a_wait_that_broke_asks_the_container(engine, broken):
    """It waits on while the container runs, and takes its exit code when it ended."""
    api = engine._connected.api
    api.wait = Api(broken)
    api.inspect_container = Api(state("running"), state("running"), state("exited", 7))
    assert engine.wait("c") == 7
    assert api.wait.calls == 3


def test_a_wait_for_what_is_gone(engine):
    """Its exit code isn't guessed."""
    engine._connected.api.wait = Api(refused(404))
    with pytest.raises(APIError):
        engine.wait("c")
