"""The tap of a run: one event loop in a thread, and a point for each subject's API."""

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import trustme

from .faults import Fault
from .gates import Gates
from .journal import Journal
from .point import Handler, Point
from .side import Streams

T = TypeVar("T")


class Tap:
    """Runs until it is closed.

    :param directory: where its certificate authority is written, as ``tap-ca.pem``
    """

    def __init__(self, directory: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._points: set[Point] = set()
        self._thread = threading.Thread(
            target=self._loop.run_forever, daemon=True, name="tap"
        )
        self._thread.start()
        authority = trustme.CA()
        self.ca_file = directory / "tap-ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        self._server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued = authority.issue_cert("127.0.0.1", "localhost")
        with issued.private_key_and_cert_chain_pem.tempfile(str(directory)) as path:
            self._server_tls.load_cert_chain(path)
        self.server_pem = issued.private_key_and_cert_chain_pem.bytes()
        """Key and certificate, for a tap on another machine's loopback."""

    @contextmanager
    def on_socket(
        self,
        path: Path,
        backend: Path,
        gates: Gates | None = None,
        *,
        faults: Iterable[Fault] = (),
    ) -> Iterator[Journal]:
        """A unix socket that leads to the unix socket ``backend``."""

        async def connect() -> Streams:
            return await asyncio.open_unix_connection(str(backend))

        async def listen(handler: Handler, _port: int) -> asyncio.Server:
            return await asyncio.start_unix_server(handler, str(path))

        with self._open(Point(listen, connect, gates=gates, faults=faults)) as point:
            yield point.journal

    @contextmanager
    def on_tls(
        self,
        url: str,
        ca_file: str,
        gates: Gates | None = None,
        *,
        faults: Iterable[Fault] = (),
    ) -> Iterator[tuple[int, Journal]]:
        """A port on loopback that leads to the HTTPS server at ``url``."""
        address = urlsplit(url)
        host, port = address.hostname or "", address.port or 443
        tls = ssl.create_default_context(cafile=ca_file)

        async def connect() -> Streams:
            return await asyncio.open_connection(host, port, ssl=tls)

        async def listen(handler: Handler, port: int) -> asyncio.Server:
            return await asyncio.start_server(
                handler, "127.0.0.1", port, ssl=self._server_tls
            )

        with self._open(Point(listen, connect, gates=gates, faults=faults)) as point:
            yield point.port, point.journal

    @contextmanager
    def _open(self, point: Point) -> Iterator[Point]:
        self._do(point.open())
        self._points.add(point)
        try:
            yield point
        finally:
            if not self._loop.is_closed():
                self._do(point.close())
            self._points.discard(point)

    def _do(self, work: Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()

    def close(self) -> None:
        """End every connection and the thread."""

        async def end() -> None:
            for point in list(self._points):
                await point.close()
            while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.sleep(0)  # cancelled before it begins, one closes nothing
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(0)  # sockets are closed a step after their transports

        self._do(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
