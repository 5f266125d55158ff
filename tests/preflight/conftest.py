"""One simulator for all tests of a process; a namespace for each."""

import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.preflight import course, rendering_child
from harness.preflight.rendering import PLACEHOLDER, Rendered
from tests.conformance.simulator import running

from .cluster import LOOPBACK, Cluster


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Any]]:
    """A simulator with a worker's image."""
    directory = tmp_path_factory.mktemp("validation")
    with running(directory / "simulator", "--pace", "fast") as found:
        cluster = Cluster(ready=found, directory=directory)
        for name, image in (("qgis:1", {}), ("gone:1", {"pull": "missing"})):
            cluster.api.call("PUT", f"/_simulator/images/{name}", image)
        yield found


@pytest.fixture
def cluster(ready: Mapping[str, Any], tmp_path: Path) -> Cluster:
    """A namespace in which all is well."""
    found = Cluster(ready=ready, directory=tmp_path)
    found.fill()
    return found


class _QFieldCloud(BaseHTTPRequestHandler):
    """Answers as QFieldCloud's status page does."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status": "ok"}')

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def qfieldcloud(cluster: Cluster) -> Iterator[Cluster]:
    """The cluster with something that answers at QFIELDCLOUD_URL."""
    with ThreadingHTTPServer(("0.0.0.0", 0), _QFieldCloud) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        name = "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL"
        cluster.values[name] = f"http://{LOOPBACK}:{server.server_port}/api/v1/"
        yield cluster
        server.shutdown()


@pytest.fixture(autouse=True)
def _rendered_here(monkeypatch: Any) -> None:
    """Ask the wrapper in this process: half a second less for each test."""

    def render(subject: Any, values: Mapping[str, str], *, job_id: str) -> Rendered:
        told = rendering_child.answer(
            {
                "root": str(subject.root),
                "package": "worker_wrapper",
                "values": dict(values),
                "job_id": job_id,
                "project_id": job_id,
                "owner_uid": "0",
                "image": PLACEHOLDER,
            }
        )
        return Rendered(**told)

    monkeypatch.setattr(course, "render", render)
    monkeypatch.setattr(rendering_child, "sys", SimpleNamespace(path=[]))
