"""One connection through the tap: requests forth, answers back, each noted.

HTTP is read by h11, so that an answer is passed on piece by piece as it comes (a watch,
a log that is followed), and a connection that changes its protocol (Docker's attach)
becomes a plain pipe.
"""

import asyncio
import contextlib
import enum
import socket
import struct
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol

import h11

from . import faults, refusals
from .faults import Fault, Faults
from .gates import Cut, Gates
from .journal import Journal
from .note import Note
from .stream import Frames, Lines, Strike

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Streams]]
CHUNK = 65536
LONGEST_HELD = CHUNK
CREATED = 201
"""Bytes of an answer that is read whole before it is held."""
MAXIMUM_HEAD = 256 * 1024


class _Closed(Exception):
    """One side has gone."""


class _Struck(Exception):
    """A fault ends the connection here."""


class _Next(enum.Enum):
    """What follows an answer on its connection."""

    REQUEST = enum.auto()
    END = enum.auto()
    ANOTHER_PROTOCOL = enum.auto()


class _Side:
    """One of the two connections, and its HTTP state."""

    def __init__(self, streams: Streams, role: type[h11.CLIENT] | type[h11.SERVER]):
        self.reader, self.writer = streams
        self.http = h11.Connection(role, max_incomplete_event_size=MAXIMUM_HEAD)

    async def receive(self) -> h11.Event:
        """The next event of the other end."""
        while True:
            event = self.http.next_event()
            if event is h11.NEED_DATA:
                try:
                    data = await self.reader.read(CHUNK)
                except OSError as error:
                    raise _Closed from error
                self.http.receive_data(data)
            elif isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
                raise _Closed
            else:
                return event  # type: ignore[return-value]

    async def send(self, event: h11.Event) -> None:
        """Pass an event on."""
        data = self.http.send(event)
        if data:
            self.writer.write(data)
            try:
                await self.writer.drain()
            except OSError as error:
                raise _Closed from error


class Doors(Protocol):
    """What a relay knows of the point at which its client came in."""

    journal: Journal
    gates: Gates
    faults: Faults

    def refuse(self, seconds: float) -> None:
        """Break all connections, and let nobody in."""


class Relay:
    """One client connection, and the one to the backend that belongs to it."""

    def __init__(self, client: Streams, connect: Connect, doors: Doors) -> None:
        self._client = _Side(client, h11.SERVER)
        self._connect = connect
        self._doors = doors
        self._backend: _Side | None = None

    async def run(self) -> None:
        """Until one side closes."""
        try:
            while await self._exchange():
                pass
        except (
            _Closed,
            _Struck,
            Cut,
            h11.ProtocolError,
            OSError,
            asyncio.IncompleteReadError,
        ):
            pass
        finally:
            sides = [self._client, *([self._backend] if self._backend else [])]
            for side in sides:
                side.writer.close()
                with contextlib.suppress(OSError):
                    await side.writer.wait_closed()

    async def _exchange(self) -> bool:
        """One request and its answer; whether another may follow."""
        request = await self._client.receive()
        if not isinstance(request, h11.Request):
            return False
        note = Note(request)
        number = self._doors.journal.begin(note.call)
        try:
            await self._doors.gates.pass_through(note.call(), "before")
            fault = self._doors.faults.strike(note.call())
            if fault is not None and not await self._is_passed_on(fault, note):
                return True
            if self._backend is None:
                self._backend = _Side(await self._connect(), h11.CLIENT)
            await self._forward(request, note)
            following = await self._answer(note, fault)
            if following is _Next.ANOTHER_PROTOCOL:
                await self._splice()
            return following is _Next.REQUEST
        finally:
            self._doors.journal.end(number, note.call())

    async def _is_passed_on(self, fault: Fault, note: Note) -> bool:
        """Do what a fault does before the backend is asked, if it is asked at all.

        :raises _Struck: the connection ends here
        """
        if fault.kind == faults.LOSE_ANSWER or fault.is_of_stream:
            return True
        note.fault = fault.label
        if fault.kind == faults.DELAY:
            await asyncio.sleep(fault.seconds)
            return True
        note.injected = True
        if fault.kind == faults.REFUSE:
            self._doors.refuse(fault.seconds)
            raise _Struck
        if fault.kind == faults.RESET:
            self.reset()
            raise _Struck
        await self._take_in(note)
        if fault.kind == faults.STALL:
            await self._fall_silent()
        await self._refuse(fault, note)
        self._client.http.start_next_cycle()
        return False

    async def _take_in(self, note: Note) -> None:
        """Read the request to its end, for nobody."""
        while not isinstance(event := await self._client.receive(), h11.EndOfMessage):
            if isinstance(event, h11.Data):
                note.sent(bytes(event.data))

    async def _fall_silent(self) -> None:
        """As on a line that is dead at its other end, until the client gives up."""
        while await self._client.reader.read(CHUNK):
            pass
        raise _Struck

    async def _refuse(self, fault: Fault, note: Note) -> None:
        """Answer in the backend's place."""
        call = note.call()
        status, refusal = fault.status, refusals.refusal(call, fault.status)
        body = refusal.body
        if status == 410 and call.right and call.right[0] == "watch":
            status, body = 200, refusals.expired_event()
        headers = [
            ("Content-Type", refusal.content_type),
            ("Content-Length", str(len(body))),
        ]
        if fault.retry_after_s is not None:
            headers.append(("Retry-After", f"{fault.retry_after_s:g}"))
        head = h11.Response(status_code=status, headers=headers)
        note.answered(head)
        note.received(body)
        for event in (head, h11.Data(data=body), h11.EndOfMessage()):
            await self._client.send(event)

    def reset(self) -> None:
        """End the client's connection as a peer does that has crashed."""
        writer = self._client.writer
        found = writer.get_extra_info("socket")
        if found is not None and found.family != socket.AF_UNIX:
            with contextlib.suppress(OSError):  # a RST in place of a FIN
                linger = struct.pack("ii", 1, 0)
                found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()

    async def _forward(self, request: h11.Request, note: Note) -> None:
        assert self._backend is not None
        if self._client.http.they_are_waiting_for_100_continue:
            await self._client.send(
                h11.InformationalResponse(status_code=100, headers=[])
            )
        await self._backend.send(
            h11.Request(
                method=request.method,
                target=request.target,
                headers=request.headers.raw_items(),
            )
        )
        while True:
            event = await self._client.receive()
            if isinstance(event, h11.Data):
                note.sent(bytes(event.data))
            await self._backend.send(event)
            if isinstance(event, h11.EndOfMessage):
                return

    async def _answer(self, note: Note, fault: Fault | None) -> _Next:
        """Relay the answer, and notice at once when the client goes away."""
        relaying = asyncio.ensure_future(
            self._relay_answer(note)
            if fault is None or fault.kind == faults.DELAY
            else self._relay_struck(note, fault)
        )
        leaving = asyncio.ensure_future(self._client.reader.read(CHUNK))
        done, _ = await asyncio.wait(
            {relaying, leaving}, return_when=asyncio.FIRST_COMPLETED
        )
        early = b""
        if leaving in done and not leaving.exception():
            # the next request, or what is typed into an attached container
            early = leaving.result()
            if early:
                self._client.http.receive_data(early)
        if relaying in done:
            await _cancel(leaving)
            return relaying.result()
        if early:
            return await relaying
        await _cancel(relaying)
        return _Next.END

    async def _relay_answer(self, note: Note) -> _Next:
        assert self._backend is not None
        while True:
            event = await self._backend.receive()
            if isinstance(event, (h11.Response, h11.InformationalResponse)):
                note.answered(event)
                # held where it is whole: the journal knows by then what was made
                rest: list[h11.Event] = []
                take_in = partial(self._take_in_answer, event, note, rest)
                gates = self._doors.gates
                await gates.pass_through(note.call(), "answered", take_in)
                await self._client.send(_same(event))
                for part in rest:
                    await self._client.send(part)
                if event.status_code == 101:
                    return _Next.ANOTHER_PROTOCOL
                if rest and isinstance(rest[-1], h11.EndOfMessage):
                    return self._next_cycle()
            else:
                if isinstance(event, h11.Data):
                    note.received(bytes(event.data))
                await self._client.send(event)
                if isinstance(event, h11.EndOfMessage):
                    return self._next_cycle()

    async def _take_in_answer(
        self,
        head: h11.Response | h11.InformationalResponse,
        note: Note,
        rest: list[h11.Event],
    ) -> None:
        """Read what follows the head, if it is little, and no stream.

        201 is followed by what was created, whether or not its length is told.
        """
        assert self._backend is not None
        length = dict(head.headers).get(b"content-length", b"")
        left = int(length) if length else LONGEST_HELD * (head.status_code == CREATED)
        if not 0 < left <= LONGEST_HELD:
            return
        while left >= 0 and not (rest and isinstance(rest[-1], h11.EndOfMessage)):
            rest.append(await self._backend.receive())
            if isinstance(rest[-1], h11.Data):
                note.received(bytes(rest[-1].data))
                left -= len(rest[-1].data)

    async def _relay_struck(self, note: Note, fault: Fault) -> _Next:
        """Relay as much of the answer as the fault leaves.

        :raises _Struck: there it ends
        """
        assert self._backend is not None
        strike = _strike(note, fault)
        while True:
            event = await self._backend.receive()
            data = bytes(event.data) if isinstance(event, h11.Data) else b""
            if isinstance(event, (h11.Response, h11.InformationalResponse)):
                note.answered(event)
            if strike is None:
                note.received(data)
                if isinstance(event, h11.EndOfMessage):
                    note.fault = fault.label
                    raise _Struck
                continue
            if isinstance(event, (h11.Response, h11.InformationalResponse)):
                await self._client.send(_same(event))
                is_struck = strike.is_due
            elif isinstance(event, h11.Data):
                note.received(data)  # all of it: what was made is to be known
                through, is_struck = strike.through(data)
                if through:
                    await self._client.send(h11.Data(data=through))
            else:
                await self._client.send(event)
                return self._next_cycle()
            if is_struck:
                note.fault = fault.label
                await self._end_stream(note, fault)

    async def _end_stream(self, note: Note, fault: Fault) -> None:
        if fault.kind == faults.STALL:
            await asyncio.Event().wait()  # `_answer` sees the client give up
        if fault.kind == faults.ANSWER:
            event = refusals.expired_event()
            note.received(event)
            await self._client.send(h11.Data(data=event))
            await self._client.send(h11.EndOfMessage())
        raise _Struck

    def _next_cycle(self) -> _Next:
        assert self._backend is not None
        sides = (self._client.http, self._backend.http)
        if any(side.our_state is not h11.DONE for side in sides):
            return _Next.END
        if any(side.their_state is not h11.DONE for side in sides):
            return _Next.END
        for side in sides:
            side.start_next_cycle()
        return _Next.REQUEST

    async def _splice(self) -> None:
        assert self._backend is not None
        client, backend = self._client, self._backend
        for source, target in ((client, backend), (backend, client)):
            rest, _ = source.http.trailing_data
            target.writer.write(rest)
        pipes = [
            asyncio.ensure_future(_pipe(client.reader, backend.writer)),
            asyncio.ensure_future(_pipe(backend.reader, client.writer)),
        ]
        await asyncio.wait([pipes[1]])
        await _cancel(pipes[0])


def _strike(note: Note, fault: Fault) -> Strike | None:
    """Where the answer is struck; None to let nothing of it through."""
    if fault.kind == faults.LOSE_ANSWER:
        return None
    call = note.call()
    is_framed = call.is_log and not refusals.is_kubernetes(call)
    units = Frames() if is_framed else Lines()
    return Strike(units, fault.after or 0, inside=fault.kind == faults.CUT)


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


async def _cancel(task: "asyncio.Future[Any]") -> None:
    task.cancel()
    with contextlib.suppress(
        asyncio.CancelledError, _Closed, _Struck, Cut, h11.ProtocolError, OSError
    ):
        await task


def _same(
    event: h11.Response | h11.InformationalResponse,
) -> h11.Response | h11.InformationalResponse:
    return type(event)(
        status_code=event.status_code,
        headers=event.headers.raw_items(),
        reason=event.reason,
    )
