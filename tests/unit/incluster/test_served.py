"""The small server of the programs in a pod."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from harness.incluster.served import TOKEN_HEADER, AgentServer, Query


def echo(query: Query, body: bytes) -> Any:
    """Says what it was asked."""
    return {"query": dict(query), "body": body.decode()}


def fail(_query: Query, _body: bytes) -> Any:
    """Goes wrong."""
    raise KeyError("the-reason")


@pytest.fixture
def url() -> Iterator[str]:
    """A server with a few routes."""
    routes = {"POST echo": echo, "GET fail": fail, "PUT nothing": lambda *_: None}
    server = AgentServer(0, "the-token", routes)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


GOOD = {TOKEN_HEADER: "the-token"}


def test_a_route_is_called_with_query_and_body(url: str) -> None:
    """And its answer is JSON."""
    answer = requests.post(f"{url}/echo?a=b%20c", data="body", headers=GOOD, timeout=5)
    assert answer.json() == {"query": {"a": "b c"}, "body": "body"}


@pytest.mark.parametrize("headers", [{}, {TOKEN_HEADER: "another"}], ids=str)
def test_without_the_token_nothing_is_done(url: str, headers: dict[str, str]) -> None:
    """Whoever reaches a pod's address could ask."""
    answer = requests.get(f"{url}/fail", headers=headers, timeout=5)
    assert answer.status_code == 401


def test_what_goes_wrong_is_told(url: str) -> None:
    """With its traceback; an unknown route is 404."""
    answer = requests.get(f"{url}/fail", headers=GOOD, timeout=5)
    assert answer.status_code == 500
    assert "KeyError: 'the-reason'" in answer.json()["error"]
    assert requests.get(f"{url}/x", headers=GOOD, timeout=5).status_code == 404


def test_no_answer_is_204(url: str) -> None:
    """A route that has nothing to say."""
    answer = requests.put(f"{url}/nothing", headers=GOOD, timeout=5)
    assert (answer.status_code, answer.content) == (204, b"")


def test_who_ends_answers_first_and_takes_nobody_else() -> None:
    """A program that begins anew is not to be taken for the one before."""
    ended = threading.Event()

    def last(*_: Any) -> str:
        server.end_with(ended.set)
        return "good bye"

    server = AgentServer(0, "the-token", {"POST last": last})
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/last"
    try:
        answer = requests.post(url, headers=GOOD, timeout=5)
        assert answer.json() == "good bye"
        assert ended.wait(5)
        with pytest.raises(requests.ConnectionError):
            requests.post(url, headers=GOOD, timeout=5)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
