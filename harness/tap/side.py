"""One end of a relayed connection and its HTTP state, read and written by h11."""

import asyncio
import contextlib
import enum
import socket
import struct

import h11

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Head = h11.Response | h11.InformationalResponse
CHUNK = 65536
MAXIMUM_HEAD = 256 * 1024


class Closed(Exception):
    """One side has gone."""


class Next(enum.Enum):
    """What follows an answer on its connection."""

    REQUEST = enum.auto()
    END = enum.auto()
    ANOTHER_PROTOCOL = enum.auto()


class Side:
    """One of the two connections, and its HTTP state."""

    def __init__(self, streams: Streams, role: type[h11.CLIENT] | type[h11.SERVER]):
        self.reader, self.writer = streams
        self.http = h11.Connection(role, max_incomplete_event_size=MAXIMUM_HEAD)

    async def receive(self) -> h11.Event:
        """The next event of the other end.

        :raises Closed: it has gone
        """
        while True:
            event = self.http.next_event()
            if event is h11.NEED_DATA:
                try:
                    data = await self.reader.read(CHUNK)
                except OSError as error:
                    raise Closed from error
                self.http.receive_data(data)
            elif isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
                raise Closed
            else:
                return event  # type: ignore[return-value]

    async def send(self, event: h11.Event) -> None:
        """Pass an event on.

        :raises Closed: nobody takes it
        """
        data = self.http.send(event)
        if data:
            self.writer.write(data)
            try:
                await self.writer.drain()
            except OSError as error:
                raise Closed from error

    async def send_head(self, head: Head) -> None:
        """Pass an answer's head on as it came."""
        await self.send(
            type(head)(
                status_code=head.status_code,
                headers=head.headers.raw_items(),
                reason=head.reason,
            )
        )

    def reset(self) -> None:
        """End the connection as a peer does that has crashed."""
        found = self.writer.get_extra_info("socket")
        if found is not None and found.family != socket.AF_UNIX:
            with contextlib.suppress(OSError):  # a RST in place of a FIN
                linger = struct.pack("ii", 1, 0)
                found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()

    async def close(self) -> None:
        """End the connection."""
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


def next_cycle(client: Side, backend: Side) -> Next:
    """Make both ready for another request, if both can bear one."""
    sides = (client.http, backend.http)
    if any(side.our_state is not h11.DONE for side in sides):
        return Next.END
    if any(side.their_state is not h11.DONE for side in sides):
        return Next.END
    for side in sides:
        side.start_next_cycle()
    return Next.REQUEST


async def splice(client: Side, backend: Side) -> None:
    """A plain pipe in both directions, until the backend's ends."""
    for source, target in ((client, backend), (backend, client)):
        rest, _ = source.http.trailing_data
        target.writer.write(rest)
    pipes = [
        asyncio.ensure_future(_pipe(client.reader, backend.writer)),
        asyncio.ensure_future(_pipe(backend.reader, client.writer)),
    ]
    await asyncio.wait([pipes[1]])
    pipes[0].cancel()
    with contextlib.suppress(asyncio.CancelledError, OSError):
        await pipes[0]


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
