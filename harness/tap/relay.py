"""One connection through the tap: requests forth, answers back, each noted.

HTTP is read by h11, so that an answer is passed on piece by piece as it comes (a watch,
a log that is followed), and a connection that changes its protocol (Docker's attach)
becomes a plain pipe.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol

import h11

from . import faults, striking
from .faults import Fault, Faults
from .gates import Cut, Gates
from .journal import Journal
from .note import Note
from .side import CHUNK, Closed, Head, Next, Side, Streams, next_cycle, splice
from .striking import Struck

Connect = Callable[[], Awaitable[Streams]]
LONGEST_HELD = CHUNK
"""Bytes of an answer that is read whole before it is held."""
CREATED = 201
ENDS = (Closed, Struck, Cut, h11.ProtocolError, OSError)
"""What ends a connection without being anybody's mistake here."""


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
        self._client = Side(client, h11.SERVER)
        self._connect = connect
        self._doors = doors
        self._backend: Side | None = None

    async def run(self) -> None:
        """Until one side closes."""
        try:
            while await self._exchange():
                pass
        except (*ENDS, asyncio.IncompleteReadError):
            pass
        finally:
            for side in (self._client, self._backend):
                if side is not None:
                    await side.close()

    def reset(self) -> None:
        """End the client's connection as a peer does that has crashed."""
        self._client.reset()

    async def _exchange(self) -> bool:
        """One request and its answer; whether another may follow."""
        request = await self._client.receive()
        if not isinstance(request, h11.Request):
            return False
        note = Note(request)
        doors = self._doors
        number = doors.journal.begin(note.call)
        try:
            await doors.gates.pass_through(note.call(), "before")
            fault = doors.faults.strike(note.call())
            if fault is not None and not await striking.is_passed_on(
                fault, note, self._client, doors.refuse
            ):
                return True
            if self._backend is None:
                self._backend = Side(await self._connect(), h11.CLIENT)
            await self._forward(request, note, self._backend)
            following = await self._answer(note, fault, self._backend)
            if following is Next.ANOTHER_PROTOCOL:
                await splice(self._client, self._backend)
            return following is Next.REQUEST
        finally:
            doors.journal.end(number, note.call())

    async def _forward(self, request: h11.Request, note: Note, backend: Side) -> None:
        if self._client.http.they_are_waiting_for_100_continue:
            await self._client.send(
                h11.InformationalResponse(status_code=100, headers=[])
            )
        await backend.send(
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
            await backend.send(event)
            if isinstance(event, h11.EndOfMessage):
                return

    async def _answer(self, note: Note, fault: Fault | None, backend: Side) -> Next:
        """Relay the answer, and notice at once when the client goes away."""
        relaying = asyncio.ensure_future(
            self._relay_answer(note, backend)
            if fault is None or fault.kind == faults.DELAY
            else striking.relay(note, fault, self._client, backend)
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
        return Next.END

    async def _relay_answer(self, note: Note, backend: Side) -> Next:
        while True:
            event = await backend.receive()
            if isinstance(event, (h11.Response, h11.InformationalResponse)):
                note.answered(event)
                # held where it is whole: the journal knows by then what was made
                rest: list[h11.Event] = []
                take_in = partial(_take_in_answer, event, note, backend, rest)
                gates = self._doors.gates
                await gates.pass_through(note.call(), "answered", take_in)
                await self._client.send_head(event)
                for part in rest:
                    await self._client.send(part)
                if event.status_code == 101:
                    return Next.ANOTHER_PROTOCOL
                if rest and isinstance(rest[-1], h11.EndOfMessage):
                    return next_cycle(self._client, backend)
            else:
                if isinstance(event, h11.Data):
                    note.received(bytes(event.data))
                await self._client.send(event)
                if isinstance(event, h11.EndOfMessage):
                    return next_cycle(self._client, backend)


async def _take_in_answer(
    head: Head, note: Note, backend: Side, rest: list[h11.Event]
) -> None:
    """Read what follows the head, if it is little, and no stream.

    201 is followed by what was created, whether or not its length is told.
    """
    length = dict(head.headers).get(b"content-length", b"")
    left = int(length) if length else LONGEST_HELD * (head.status_code == CREATED)
    if not 0 < left <= LONGEST_HELD:
        return
    while left >= 0 and not (rest and isinstance(rest[-1], h11.EndOfMessage)):
        rest.append(await backend.receive())
        if isinstance(rest[-1], h11.Data):
            note.received(bytes(rest[-1].data))
            left -= len(rest[-1].data)


async def _cancel(task: "asyncio.Future[Any]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, *ENDS):
        await task
