"""Where a subject's connections come in, and go on to its backend."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable

from .faults import Fault, Faults
from .gates import Gates
from .journal import Journal
from .relay import Connect, Relay

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Listen = Callable[[Handler, int], Awaitable[asyncio.Server]]
"""Listens with a handler, at the port it had before (0: at any)."""


class Point:
    """One address of the tap; lives in its event loop."""

    def __init__(
        self,
        listen: Listen,
        connect: Connect,
        *,
        gates: Gates | None = None,
        faults: Iterable[Fault] = (),
    ) -> None:
        self.journal = Journal()
        self.gates = gates or Gates()
        self.faults = Faults(faults)
        self._listen = listen
        self._connect = connect
        self._server: asyncio.Server | None = None
        self._again: asyncio.TimerHandle | None = None
        self._reopening: asyncio.Task[None] | None = None
        self._relays: set[Relay] = set()
        self.port = 0

    async def open(self) -> None:
        """Begin to listen."""
        self._server = await self._listen(self._handle, self.port)
        address = self._server.sockets[0].getsockname()
        self.port = address[1] if isinstance(address, tuple) else 0

    async def _handle(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        relay = Relay((reader, writer), self._connect, self)
        self._relays.add(relay)
        try:
            with contextlib.suppress(asyncio.CancelledError):  # the tap's end
                await relay.run()
        finally:
            self._relays.discard(relay)

    def refuse(self, seconds: float) -> None:
        """Break every connection, and refuse new ones as if nobody were there.

        :param seconds: until somebody listens again; 0 for never
        """
        if self._server is None:
            return  # nobody is there already
        stop_listening(self._server)
        self._server.close()
        self._server = None
        for relay in self._relays:
            relay.reset()
        if seconds:
            loop = asyncio.get_running_loop()
            self._again = loop.call_later(seconds, self._open_again)

    def _open_again(self) -> None:
        self._reopening = asyncio.ensure_future(self.open())

    async def close(self) -> None:
        """Take no one any more.

        Who was just taken gets a transport first: asyncio loses the socket otherwise.
        """
        if self._again is not None:
            self._again.cancel()
        if self._reopening is not None:
            await self._reopening
        if self._server is None:
            return
        stop_listening(self._server)
        await asyncio.sleep(0)
        self._server.close()
        self._server = None


def stop_listening(server: asyncio.Server) -> None:
    """Accept nobody any more; the sockets stay open."""
    for listening in server.sockets:
        asyncio.get_running_loop().remove_reader(listening.fileno())
