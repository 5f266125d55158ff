"""Tests of the HTTP shell: what only the simulator says."""

import http.client
import socket
from typing import Any

import pytest
import requests

from harness.simulator import VERSION


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def ask(
    simulator: dict[str, Any], method: str, path: str, **given: Any
) -> tuple[int, dict[str, str], bytes]:
    """One request to the engine's socket."""
    connection = _Connection(simulator["docker"]["socket"])
    try:
        connection.request(method, path, **given)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    "path", ["/_ping", "/nope", "/containers/json", "/v9/info", "/containers/x/json"]
)
def test_every_answer_is_marked(simulator: dict[str, Any], path: str) -> None:
    """Nobody takes it for the real thing."""
    _, headers, _ = ask(simulator, "GET", path)
    assert headers["X-Qfc-Simulator"] == VERSION


def gaps(simulator: dict[str, Any], method: str = "GET") -> Any:
    """The gaps that the control API lists, or their clearing."""
    kubernetes = simulator["kubernetes"]
    answer = requests.request(
        method,
        f"{kubernetes['url']}/_simulator/gaps",
        headers={"Authorization": f"Bearer {kubernetes['admin_token']}"},
        verify=kubernetes["ca_file"],
        timeout=10,
    )
    answer.raise_for_status()
    return answer.json()


def test_gap(simulator: dict[str, Any]) -> None:
    """501 in the API's own shape, marked, recorded, and with the file to extend."""
    gaps(simulator, "DELETE")
    headers = {"User-Agent": "a client"}
    status, answered, body = ask(simulator, "POST", "/v1.41/build?t=x", headers=headers)
    assert status == 501
    assert answered["X-Qfc-Simulator"] == "gap"
    assert b'{"message":"the simulator does not model POST /build' in body
    assert b"docker_api/routes.py" in body
    (gap,) = gaps(simulator)
    assert (gap["api"], gap["method"], gap["path"]) == (
        "docker",
        "POST",
        "/v1.41/build?t=x",
    )
    assert gap["user_agent"] == "a client"


def test_unknown_path_is_no_gap(simulator: dict[str, Any]) -> None:
    """The real engine doesn't know it either."""
    gaps(simulator, "DELETE")
    assert ask(simulator, "GET", "/nope")[0] == 404
    assert gaps(simulator) == []


def test_failure_of_the_simulator_is_a_gap(
    simulator: dict[str, Any],
) -> None:
    """A request it chokes on ends the cell as an error, not as a wrong answer."""
    gaps(simulator, "DELETE")
    body = b'{"Labels": 5, "Name": "choke"}'
    headers = {"Content-Type": "application/json"}
    status, _, text = ask(
        simulator, "POST", "/networks/create", body=body, headers=headers
    )
    if status == 500:
        assert b"the simulator failed" in text
        assert len(gaps(simulator)) == 1


def test_control_api_is_not_here(simulator: dict[str, Any]) -> None:
    """A subject that has the socket can't reach it."""
    assert ask(simulator, "GET", "/_simulator/gaps")[0] == 404


def test_socket_is_private(simulator: dict[str, Any]) -> None:
    """Whoever reaches it can run processes."""
    from pathlib import Path

    socket_path = Path(simulator["docker"]["socket"])
    assert socket_path.stat().st_mode & 0o777 == 0o600
    assert socket_path.parent.stat().st_mode & 0o777 == 0o700
