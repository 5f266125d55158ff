"""As much of QFieldCloud's API as a worker calls, for one project, over HTTP."""

import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote


@dataclass
class Cloud:
    """The project's files, and what was uploaded."""

    project_id: str
    url: str = ""
    token: str = "t0ken"
    files: dict[str, bytes] = field(default_factory=dict)
    package: dict[str, bytes] = field(default_factory=dict)
    """By ``<job id>/<name>``."""
    uploaded: list[str] = field(default_factory=list)
    """Names of project files, in the order of their upload."""
    seed: Any = None
    xlsform: bytes | None = None
    fail: int | None = None
    """Every request is answered with this status."""

    def add(self, folder: Path) -> None:
        """Puts a folder's files into the project."""
        for path in folder.rglob("*"):
            if path.is_file():
                self.files[str(path.relative_to(folder))] = path.read_bytes()

    def get(self, path: str) -> tuple[int, bytes, dict[str, str]]:
        """The answer to a GET."""
        if path == f"files/{self.project_id}/":
            return answer(200, [describe(*item) for item in sorted(self.files.items())])
        if match := re.fullmatch(rf"files/{self.project_id}/(.+)/", path):
            if match[1] in self.files:
                return 200, self.files[match[1]], {}
        elif path == f"projects/{self.project_id}/seed/" and self.seed is not None:
            return answer(200, self.seed)
        elif path == f"projects/{self.project_id}/seed/xlsform/" and self.xlsform:
            header = {"Content-Disposition": 'attachment; filename="form.xlsx"'}
            return 200, self.xlsform, header
        return answer(404, {"code": "object_not_found", "message": "Not found"})

    def post(self, path: str, content: bytes) -> tuple[int, bytes, dict[str, str]]:
        """The answer to an upload."""
        if match := re.fullmatch(rf"files/{self.project_id}/(.+)/", path):
            self.files[match[1]] = content
            self.uploaded.append(match[1])
            return answer(201, {})
        if match := re.fullmatch(rf"packages/{self.project_id}/(.+)/files/(.+)/", path):
            self.package[f"{match[1]}/{match[2]}"] = content
            return answer(201, {})
        return answer(404, {"code": "object_not_found", "message": "Not found"})


def describe(name: str, content: bytes) -> dict[str, Any]:
    """A file as the list has it."""
    md5 = hashlib.md5(content).hexdigest()
    return {"name": name, "size": len(content), "md5sum": md5}


def answer(status: int, body: Any) -> tuple[int, bytes, dict[str, str]]:
    """A JSON answer."""
    return status, json.dumps(body).encode(), {"Content-Type": "application/json"}


@contextlib.contextmanager
def serve(project_id: str) -> Iterator[Cloud]:
    """The API on a port of its own."""
    cloud = Cloud(project_id)

    class Handler(BaseHTTPRequestHandler):
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self.reply(lambda path: cloud.get(path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            boundary = self.headers["Content-Type"].partition("boundary=")[2].encode()
            part = body.split(b"--" + boundary)[1]
            content = part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
            self.reply(lambda path: cloud.post(path, content))

        def reply(self, handle: Any) -> None:
            path = unquote(self.path.partition("?")[0]).removeprefix("/api/v1/")
            if cloud.fail:
                status, body, headers = answer(
                    cloud.fail, {"code": "x", "message": "y"}
                )
            elif self.headers["Authorization"] != f"token {cloud.token}":
                status, body, headers = answer(401, {"code": "token_expired"})
            else:
                status, body, headers = handle(path)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        cloud.url = f"http://127.0.0.1:{server.server_port}/api/v1/"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield cloud
        server.shutdown()
        thread.join()
