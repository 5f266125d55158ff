"""What Kubernetes has and the simulator hasn't is refused with 501, and recorded."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

Ask = Callable[..., requests.Response]

_APPS = "/apis/apps/v1/namespaces/default"
_CORE = "/api/v1/namespaces/default"
_JOBS = "/apis/batch/v1/namespaces/default/jobs"
_JSON = "application/json"
_PROBED = {
    "metadata": {"name": "p"},
    "spec": {
        "containers": [{"name": "c", "image": "x", "livenessProbe": {"exec": {}}}]
    },
}


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks a fresh simulator's API, as its administrator."""
    directory = tmp_path_factory.mktemp("simulator")
    with (
        subprocess.Popen(
            [sys.executable, "-m", "harness.simulator", "--dir", str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process,
        requests.Session() as session,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        kubernetes: dict[str, Any] = json.loads(process.stdout.readline())["kubernetes"]
        session.trust_env = False  # which may name another CA file
        session.verify = kubernetes["ca_file"]
        session.headers["Authorization"] = f"Bearer {kubernetes['admin_token']}"

        def asked(
            method: str, path: str, data: bytes = b"", media_type: str = _JSON
        ) -> requests.Response:
            headers = {"Content-Type": media_type}
            url = kubernetes["url"] + path
            return session.request(method, url, data=data, headers=headers, timeout=10)

        yield asked
        process.stdin.close()


@pytest.mark.parametrize(
    ("request_", "named"),
    [
        (("POST", f"{_APPS}/deployments", b"{}"), "deployments of apps/v1"),
        (("POST", f"{_CORE}/pods/p/exec", b""), "pods/exec"),
        (
            ("POST", f"{_CORE}/pods", json.dumps(_PROBED).encode()),
            "containers[0].livenessProbe",
        ),
        (
            ("PATCH", f"{_JOBS}/new", b"{}", "application/apply-patch+yaml"),
            "server-side apply",
        ),
        (
            ("POST", _JOBS, b"k8s\x00...", "application/vnd.kubernetes.protobuf"),
            "protobuf",
        ),
    ],
    ids=["kind", "subresource", "field", "apply-new", "protobuf"],
)
def test_refused(ask: Ask, request_: tuple[Any, ...], named: str) -> None:
    """The answer names what is missing, and so does the list of gaps."""
    ask("DELETE", "/_simulator/gaps")
    answer = ask(*request_)
    assert answer.status_code == 501, answer.text
    message = answer.json()["message"]
    assert named in message
    gaps = ask("GET", "/_simulator/gaps").json()
    assert [(gap["method"], gap["message"]) for gap in gaps] == [(request_[0], message)]
