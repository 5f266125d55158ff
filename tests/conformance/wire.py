"""HTTP/1.1 as it is on the wire, over a unix socket or TLS: no client's opinions.

Nothing is retried, followed or decoded: the tests compare what a server sent.
"""

import contextlib
import http.client
import json
import socket
import ssl
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_S = 30


@dataclass(frozen=True)
class Answer:
    """What came back, with the request it answers."""

    method: str
    path: str
    sent: Any
    status: int
    headers: Mapping[str, str]
    raw: bytes
    request_headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> Any:
        """JSON where the server says so (or sends lines of it), else text."""
        kind = self.headers.get("Content-Type", "")
        text = self.raw.decode("utf-8", "backslashreplace")
        if "json" not in kind or not text:
            return text
        try:
            return json.loads(text)
        except ValueError:
            return [json.loads(line) for line in text.splitlines() if line]


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


@dataclass(frozen=True)
class Api:
    """A server: ``unix:///path`` or ``https://host:port``."""

    url: str
    ca_file: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def connect(self) -> http.client.HTTPConnection:
        """A new connection; the caller closes it."""
        if self.url.startswith("unix://"):
            return _UnixConnection(self.url.removeprefix("unix://"))
        context = ssl.create_default_context(cafile=self.ca_file)
        host = self.url.removeprefix("https://")
        return http.client.HTTPSConnection(host, timeout=TIMEOUT_S, context=context)

    def as_user(self, **headers: str) -> "Api":
        """The same server with other headers for every request."""
        return Api(self.url, self.ca_file, {**self.headers, **headers})

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request, its whole answer. A body that isn't bytes is sent as JSON."""
        with self.stream(method, path, body, headers=headers) as response:
            raw = response.read()
            return Answer(
                method=method,
                path=path,
                sent=body.decode("utf-8", "replace")
                if isinstance(body, bytes)
                else body,
                status=response.status,
                headers=dict(response.getheaders()),
                raw=raw,
                request_headers=dict(headers or {}),
            )

    @contextlib.contextmanager
    def stream(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[http.client.HTTPResponse]:
        """An answer to be read piece by piece; the connection is closed at the end."""
        connection = self.connect()
        sent = {**self.headers}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        sent |= headers or {}
        try:
            connection.request(method, path, body=body, headers=sent)
            yield connection.getresponse()
        finally:
            connection.close()

    def hijack(self, path: str, *, upgrade: bool) -> tuple[int, dict[str, str], bytes]:
        """POST and read the raw stream that follows the head: status, headers, rest.

        Our half is closed at once, as the docker command does without stdin.
        """
        connection = self.connect()
        connection.connect()
        sock = connection.sock
        lines = [f"POST {path} HTTP/1.1", "Host: docker", "Content-Length: 0"]
        if upgrade:
            lines += ["Connection: Upgrade", "Upgrade: tcp"]
        with contextlib.closing(connection):
            sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            data = b""
            while b"\r\n\r\n" not in data:
                data += sock.recv(65536)
            if upgrade:
                sock.shutdown(socket.SHUT_WR)
            while chunk := sock.recv(65536):
                data += chunk
        head, _, rest = data.partition(b"\r\n\r\n")
        status, *fields = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in fields)
        return int(status.split()[1]), headers, rest


def frames(raw: bytes) -> list[tuple[int, str]]:
    """Docker's multiplexed stream taken apart: (stream, text) of each frame."""
    found = []
    while raw:
        stream, length = struct.unpack(">BxxxI", raw[:8])
        found.append((stream, raw[8 : 8 + length].decode("utf-8", "backslashreplace")))
        raw = raw[8 + length :]
    return found
