"""A Kubernetes API that a test scripts answer by answer, over plain HTTP."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml


@dataclass(frozen=True)
class Answer:
    """One answer; with ``cut``, the connection breaks off before its end."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    stay_open_s: float = 0.0
    """How long the stream goes on in silence after the body."""

    @property
    def content(self) -> bytes:
        """The body as bytes."""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body).encode()


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


def refusal(status: int, message: str, reason: str = "", **headers: str) -> Answer:
    """A refusal in the API's shape; ``retry_after`` becomes the header."""
    body = {"kind": "Status", "code": status, "message": message, "reason": reason}
    return Answer(body, status, {k.replace("_", "-"): v for k, v in headers.items()})


def events(*items: tuple[str, dict[str, Any]]) -> bytes:
    """Lines of a watch."""
    lines = [json.dumps({"type": kind, "object": found}) for kind, found in items]
    return "".join(f"{line}\n" for line in lines).encode()


class Api:
    """The server; answers are given in order, the last one again and again."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: list[Answer | Callable[[Asked], Answer]] = [Answer()]
        self.url = ""
        self.over = threading.Event()

    def answer(self, asked: Asked) -> Answer:
        """The next one."""
        self.asked.append(asked)
        chosen = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return chosen(asked) if callable(chosen) else chosen


@contextmanager
def serve() -> Iterator[Api]:
    """Serve on a free port until the end of the block."""
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(size)
            split = urlsplit(self.path)
            asked = Asked(
                self.command,
                split.path,
                dict(parse_qsl(split.query)),
                dict(self.headers),
                json.loads(content) if content else None,
            )
            self.send(api.answer(asked))

        do_GET = do_POST = do_DELETE = handle_one  # noqa: N815

        def send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            content = answer.content
            self.wfile.write(
                b"%x\r\n%s\r\n" % (len(content), content) if content else b""
            )
            self.wfile.flush()
            if answer.stay_open_s:
                api.over.wait(answer.stay_open_s)
            if answer.cut:
                self.close_connection = True
                self.connection.close()
            else:
                self.wfile.write(b"0\r\n\r\n")

        def handle(self) -> None:
            try:
                super().handle()
            except (OSError, ValueError):
                self.close_connection = True  # the client is gone, or we cut it

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):
                self.close_connection = True

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield api
    finally:
        api.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def kubeconfig(path: Path, url: str, token_file: Path, *, ca_file: str = "") -> Path:
    """A kubeconfig for this API, whose token is read from a file."""
    cluster = {"server": url, **({"certificate-authority": ca_file} if ca_file else {})}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": "test", "user": {"tokenFile": str(token_file)}}],
        "contexts": [
            {"name": "test", "context": {"cluster": "test", "user": "test"}},
        ],
    }
    path.write_text(yaml.safe_dump(content))
    return path


def eventually(check: Callable[[], bool], timeout_s: float = 5.0) -> bool:
    """Whether this becomes true in time."""
    deadline = time.monotonic() + timeout_s
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
