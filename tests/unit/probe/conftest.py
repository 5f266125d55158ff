"""A probe run as a process, and the control API that it talks to."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

PROBE = Path(__file__).parents[3] / "fixtures" / "probe"
JOB_ID = "0b8a3c5e-7d55-4a0e-9d7e-1f4a8f5d2c11"


@dataclass
class Control:
    """The control API's two endpoints, and ``status/``."""

    url: str
    script: Any = None
    reports: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture
def control() -> Iterator[Control]:
    """A served control API whose script a test sets."""

    class Handler(BaseHTTPRequestHandler):
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            seen.requests.append(f"GET {self.path}")
            if self.path == "/api/v1/status/":
                self.answer(200, {"status": "ok"})
            elif self.path == f"/_harness/jobs/{JOB_ID}/script":
                known = seen.script is not None
                self.answer(200 if known else 404, seen.script)
            else:
                self.answer(404, {"code": "object_not_found"})

        def do_POST(self) -> None:
            seen.requests.append(f"POST {self.path}")
            length = int(self.headers["Content-Length"])
            seen.reports.append(json.loads(self.rfile.read(length)))
            self.answer(201, {})

        def answer(self, status: int, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        seen = Control(url=f"http://127.0.0.1:{server.server_port}/api/v1/")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield seen
        server.shutdown()
        thread.join()


@dataclass
class Probe:
    """Runs the probe's program with /io and /transformation_grids redirected."""

    io: Path
    grids: Path
    control: Control

    def environ(self, **more: str) -> dict[str, str]:
        """The environment of a worker, and no more."""
        mounts = {"/io": str(self.io), "/transformation_grids": str(self.grids)}
        return {
            "PATH": os.environ["PATH"],
            "JOB_ID": JOB_ID,
            "QFIELDCLOUD_URL": self.control.url,
            "QFC_SIMULATOR_MOUNTS": json.dumps(mounts),
            **more,
        }

    def start(self, *argv: str, **env: str) -> "subprocess.Popen[bytes]":
        """A running probe; the caller waits for it."""
        return subprocess.Popen(
            [sys.executable, str(PROBE / "entrypoint.py"), *argv],
            env=self.environ(**env),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(
        self,
        *argv: str,
        script: Any = None,
        env: dict[str, str] | None = None,
    ) -> "subprocess.CompletedProcess[bytes]":
        """Runs it with a script to its end."""
        self.control.script = script
        process = self.start(*(argv or ("package", "p", "q.qgs")), **(env or {}))
        out, err = process.communicate(timeout=30)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    @property
    def report(self) -> dict[str, Any]:
        """What it sent last."""
        return self.control.reports[-1]

    @property
    def feedback(self) -> Any:
        """The feedback it left, parsed."""
        return json.loads((self.io / "feedback.json").read_text())


@pytest.fixture
def probe(tmp_path: Path, control: Control) -> Probe:
    """A probe with directories of its own."""
    (tmp_path / "io").mkdir()
    (tmp_path / "grids").mkdir()
    return Probe(tmp_path / "io", tmp_path / "grids", control)


@pytest.fixture(autouse=True)
def _probe_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The probe's modules are importable as they are for its program."""
    monkeypatch.syspath_prepend(str(PROBE))
