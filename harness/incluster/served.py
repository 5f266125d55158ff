"""A small HTTP server for the programs in a pod: JSON or bytes in, JSON out.

Whoever reaches a pod's address could ask it: each request has to carry the token that
the harness put into the pod's environment. Imports next to nothing, since every wrapper
pod pays for it.
"""

import json
import secrets
import socket
import traceback
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN_HEADER = "X-Harness-Token"  # noqa: S105 (its name)

Query = Mapping[str, str]
Route = Callable[[Query, bytes], Any]


class AgentServer(ThreadingHTTPServer):
    """Serves routes by method and first part of the path, ``POST spawn``.

    What a route raises is answered with 500 and its traceback; None with 204.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, token: str, routes: Mapping[str, Route]) -> None:
        self.token = token
        self.routes = dict(routes)
        self._last: Callable[[], None] | None = None
        super().__init__(("", port), _Handler)

    def end_with(self, last: Callable[[], None]) -> None:
        """Take nobody else; this is called when the request at hand is answered."""
        self.socket.shutdown(socket.SHUT_RD)
        self._last = last

    def answered(self) -> None:
        """An answer was sent."""
        if self._last is not None:
            self._last()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: AgentServer

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        given = self.headers.get(TOKEN_HEADER, "")
        if not secrets.compare_digest(given.encode(), self.server.token.encode()):
            self._answer(401, {"error": f"{TOKEN_HEADER} is missing or wrong"})
            return
        asked = urlsplit(self.path)
        name = f"{self.command} {asked.path.strip('/')}"
        route = self.server.routes.get(name)
        if route is None:
            self._answer(404, {"error": f"{name}: there is no such route"})
            return
        try:
            self._answer(200, route(dict(parse_qsl(asked.query)), body))
        except Exception:  # the harness is to see it, not only the pod's log
            self._answer(500, {"error": traceback.format_exc()})
        self.server.answered()

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

    def _answer(self, status: int, content: Any) -> None:
        data = b"" if content is None else json.dumps(content).encode()
        self.send_response(status if data else 204)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: the pod's log is for what goes wrong."""
