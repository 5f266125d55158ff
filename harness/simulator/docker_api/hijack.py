"""A connection taken over after the request's head: raw bytes to the client.

With ``Upgrade: tcp`` the engine answers 101, without it 200; either way what follows
is no HTTP any more. The client may close its half at once and still listen.
"""

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from harness.simulator import MARKER_HEADER, VERSION

RAW_STREAM = "application/vnd.docker.raw-stream"


class _Taken(asyncio.Protocol):
    """Ignores what the client sends, and notices when it is gone."""

    def __init__(self, before: asyncio.BaseProtocol) -> None:
        self._before = before
        self.gone = asyncio.get_running_loop().create_future()
        self.writable = asyncio.Event()
        self.writable.set()

    def eof_received(self) -> bool:
        return True  # keep our half open

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.writable.set()
        if not self.gone.done():
            self.gone.set_result(None)
        self._before.connection_lost(exc)


class Hijacked(web.StreamResponse):
    """The answer of a handler that has taken its connection over."""

    def __init__(self, request: web.Request) -> None:
        super().__init__()
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("the client is gone")
        self._raw: asyncio.Transport = transport
        self._protocol = _Taken(self._raw.get_protocol())
        self._raw.set_protocol(self._protocol)
        self._upgraded = "upgrade" in request.headers.get("Connection", "").lower()

    @property
    def gone(self) -> "asyncio.Future[None]":
        """Done when the client has closed the connection."""
        return self._protocol.gone

    def begin(self, status: str = "200 OK") -> None:
        """Send the head; the engine sends no other headers than these."""
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {RAW_STREAM}"]
        if self._upgraded and status == "200 OK":
            lines[0] = "HTTP/1.1 101 UPGRADED"
            lines += ["Connection: Upgrade", "Upgrade: tcp"]
        lines.append(f"{MARKER_HEADER}: {VERSION}")
        self._raw.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def send(self, data: bytes) -> None:
        """Write, and wait while the client doesn't read."""
        if not self._raw.is_closing():
            self._raw.write(data)
            await self._protocol.writable.wait()

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Nothing: the head was sent by `begin`."""
        del request
        return None

    async def write_eof(self, data: Any = b"") -> None:
        """Nothing more comes: close."""
        del data
        self._raw.close()
