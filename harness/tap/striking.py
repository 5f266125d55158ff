"""What a fault does to a request, and to its answer."""

import asyncio
from collections.abc import Callable

import h11

from . import faults, refusals
from .faults import Fault
from .note import Note
from .side import CHUNK, Next, Side, next_cycle
from .stream import Frames, Lines, Strike


class Struck(Exception):
    """A fault ends the connection here."""


async def is_passed_on(
    fault: Fault, note: Note, client: Side, refuse: Callable[[float], None]
) -> bool:
    """Do what a fault does before the backend is asked, if it is asked at all.

    :param refuse: breaks all connections, and lets nobody in for so many seconds
    :raises Struck: the connection ends here
    """
    if fault.kind == faults.LOSE_ANSWER or fault.is_of_stream:
        return True
    note.fault = fault.label
    if fault.kind == faults.DELAY:
        await asyncio.sleep(fault.seconds)
        return True
    note.injected = True
    if fault.kind == faults.REFUSE:
        refuse(fault.seconds)
        raise Struck
    if fault.kind == faults.RESET:
        client.reset()
        raise Struck
    await _take_in(note, client)
    if fault.kind == faults.STALL:
        await _fall_silent(client)
    await _answer(fault, note, client)
    client.http.start_next_cycle()
    return False


async def _take_in(note: Note, client: Side) -> None:
    """Read the request to its end, for nobody."""
    while not isinstance(event := await client.receive(), h11.EndOfMessage):
        if isinstance(event, h11.Data):
            note.sent(bytes(event.data))


async def _fall_silent(client: Side) -> None:
    """As on a line that is dead at its other end, until the client gives up."""
    while await client.reader.read(CHUNK):
        pass
    raise Struck


async def _answer(fault: Fault, note: Note, client: Side) -> None:
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
        await client.send(event)


async def relay(note: Note, fault: Fault, client: Side, backend: Side) -> Next:
    """Relay as much of the answer as the fault leaves.

    :raises Struck: there it ends
    """
    strike = _strike(note, fault)
    while True:
        event = await backend.receive()
        data = bytes(event.data) if isinstance(event, h11.Data) else b""
        if isinstance(event, (h11.Response, h11.InformationalResponse)):
            note.answered(event)
        if strike is None:
            note.received(data)
            if isinstance(event, h11.EndOfMessage):
                note.fault = fault.label
                raise Struck
            continue
        if isinstance(event, (h11.Response, h11.InformationalResponse)):
            await client.send_head(event)
            is_struck = strike.is_due
        elif isinstance(event, h11.Data):
            note.received(data)  # all of it: what was made is to be known
            through, is_struck = strike.through(data)
            if through:
                await client.send(h11.Data(data=through))
        else:
            await client.send(event)
            return next_cycle(client, backend)
        if is_struck:
            note.fault = fault.label
            await _end_stream(note, fault, client)


async def _end_stream(note: Note, fault: Fault, client: Side) -> None:
    if fault.kind == faults.STALL:
        await asyncio.Event().wait()  # the relay sees the client give up
    if fault.kind == faults.ANSWER:
        event = refusals.expired_event()
        note.received(event)
        await client.send(h11.Data(data=event))
        await client.send(h11.EndOfMessage())
    raise Struck


def _strike(note: Note, fault: Fault) -> Strike | None:
    """Where the answer is struck; None to let nothing of it through."""
    if fault.kind == faults.LOSE_ANSWER:
        return None
    call = note.call()
    is_framed = call.is_log and not refusals.is_kubernetes(call)
    units = Frames() if is_framed else Lines()
    return Strike(units, fault.after or 0, inside=fault.kind == faults.CUT)
