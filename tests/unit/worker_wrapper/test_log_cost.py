"""What a log of 50 MB costs the wrapper in memory, read as each backend sends it."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from kube_answers import kubeconfig

SIZE = 50_000_000
MOST = 40 * 1024**2
"""Measured: 10 MiB, of which the log's head and tail are 4. 150 are allowed."""
PIECE = b"x" * 16383 + b"\n"
READS_DOCKER = """
from worker_wrapper.api_settings import ApiSettings
from worker_wrapper.docker_engine import Engine
engine = Engine(ApiSettings())
engine.ask("ping", lambda client: client.api.version())
def read(log):
    engine.read_log("c", log)
"""
READS_KUBERNETES = """
from worker_wrapper.kube_client import KubeClient
from worker_wrapper.settings import KubernetesSettings
client = KubeClient(KubernetesSettings(kubeconfig=sys.argv[1]))
client.list_pods("a=b")
def read(log):
    logs.copy(lambda: client.open_log("p", "qgis"), log, lambda error: False)
"""
MEASURES = """
def peak():
    lines = open("/proc/self/status").read().splitlines()
    return int(next(one for one in lines if one.startswith("VmHWM")).split()[1]) * 1024
log, before = logs.BoundedLog(1024**2), peak()
read(log)
text = log.text()
print(json.dumps({"read": log.size, "kept": len(text), "cost": peak() - before}))
"""


class _Serves(BaseHTTPRequestHandler):
    """Both APIs' logs, as far as a client needs to come to them."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """A log for what ends in ``log`` or ``logs``; JSON for the rest."""
        path = self.path.partition("?")[0]
        if not path.endswith(("/log", "/logs")):
            body = {"ApiVersion": "1.41", "items": []}
            body["metadata"] = {"resourceVersion": "1"}
            self._answer(json.dumps(body).encode())
            return
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in _pieces(is_framed=path.endswith("/logs")):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args) -> None:
        """Say nothing."""


def _pieces(*, is_framed: bool) -> Iterator[bytes]:
    count = SIZE // len(PIECE)
    if is_framed:
        # the first half as one frame, which docker-py would hold at once
        half = count // 2
        yield b"\x01\0\0\0" + (half * len(PIECE)).to_bytes(4, "big")
        yield from (PIECE for _ in range(half))
        head = b"\x01\0\0\0" + len(PIECE).to_bytes(4, "big")
        yield from (head + PIECE for _ in range(count - half))
    else:
        yield from (PIECE for _ in range(count))


@pytest.fixture
def served():
    """The port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Serves)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("reads", [READS_DOCKER, READS_KUBERNETES], ids=["d", "k"])
def test_a_large_log_costs_little_memory(served, tmp_path, reads):
    """Its head and tail are kept, the rest only passes through."""
    (tmp_path / "token").write_text("t")
    url = f"http://127.0.0.1:{served}"
    config = kubeconfig(tmp_path / "config", url, tmp_path / "token")
    done = subprocess.run(
        [
            *(sys.executable, "-c"),
            f"import json, sys\nfrom worker_wrapper import logs\n{reads}{MEASURES}",
            str(config),
        ],
        env={"DOCKER_HOST": f"tcp://127.0.0.1:{served}", "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["read"] == SIZE // len(PIECE) * len(PIECE)
    assert 2 * 1024**2 < found["kept"] < 2 * 1024**2 + 500
    assert found["cost"] < MOST
