"""What a container writes: kept (logs) and live (attach)."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from harness.simulator.docker_api import frames, query
from harness.simulator.docker_api.call import Call, stream
from harness.simulator.docker_api.container import NEXT_EXIT, REMOVED, Container
from harness.simulator.docker_api.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    not_modelled,
)
from harness.simulator.docker_api.hijack import Hijacked
from harness.simulator.runtime import STDERR, STDOUT, Record
from harness.simulator.runtime.log import MAX_LINE


async def logs(call: Call) -> web.StreamResponse:
    """Send what a container wrote, and follow it if asked to."""
    streams = _streams(call)
    if not streams:
        raise InvalidError("Bad parameters: you must choose at least one stream")
    container = call.engine.containers.get(call.name)
    if container.state.removing:
        raise ConflictError(
            "can not get logs from container which is dead or marked for removal"
        )
    if query.boolean(call.query, "details"):
        raise not_modelled("details of log lines", "handlers/logs.py")
    follow = query.boolean(call.query, "follow")
    batches = container.log.read(
        tail=_tail(call.query.get("tail", "")),
        since_ns=query.timestamp_ns(call.query.get("since", "")) or 0,
        until_ns=query.timestamp_ns(call.query.get("until", "")) or None,
        streams=streams,
        follow=follow,
    )
    timestamps = query.boolean(call.query, "timestamps")
    response = await stream(call, None)
    if follow and container.log.live:
        batches = _without_last_unfinished(batches)
    async for batch in batches:
        await response.write(frames.encode(batch, timestamps=timestamps))
    await response.write_eof()
    return response


async def _without_last_unfinished(
    batches: AsyncIterator[list[Record]],
) -> AsyncIterator[list[Record]]:
    """The json-file driver's follower mostly misses a last line without newline."""
    held: list[Record] = []
    async for batch in batches:
        ready, held = held + batch, []
        last = ready[-1]
        if not last.data.endswith(b"\n") and len(last.data) < MAX_LINE:
            held = [ready.pop()]
        if ready:
            yield ready


def _streams(call: Call) -> frozenset[int]:
    names = (("stdout", STDOUT), ("stderr", STDERR))
    return frozenset(
        number for name, number in names if query.boolean(call.query, name)
    )


def _tail(text: str) -> int | None:
    """A number of lines; the engine takes everything else for all of them."""
    try:
        count = int(text)
    except ValueError:
        return None
    return count if count >= 0 else None


async def attach(call: Call) -> web.StreamResponse:
    """Pass on what a container writes from now on, until it ends."""
    try:
        container = call.engine.containers.get(call.name)
    except NotFoundError as error:
        hijacked = Hijacked(call.request)
        hijacked.begin("404 Not Found")
        await hijacked.send(f"{error.message}\r\n".encode())
        return hijacked
    if query.boolean(call.query, "stdin") and container.spec.config["OpenStdin"]:
        raise not_modelled("stdin of a container", "handlers/logs.py")
    streams = _streams(call)
    hijacked = Hijacked(call.request)
    hijacked.begin()
    if query.boolean(call.query, "logs"):
        async for batch in container.log.read(streams=streams):
            await hijacked.send(frames.encode(batch, timestamps=False))
    call.engine.lifecycle.tell(container, "attach")
    if query.boolean(call.query, "stream") and streams:
        await _pass_on(container, hijacked, streams)
    return hijacked


async def _pass_on(
    container: Container, hijacked: Hijacked, streams: frozenset[int]
) -> None:
    """Chunks as they were written, until the container's next end or removal."""
    chunks: asyncio.Queue[bytes | None] = asyncio.Queue()

    def take(number: int, chunk: bytes) -> None:
        if number in streams:
            chunks.put_nowait(frames.frame(number, chunk))

    def end(_: object) -> None:
        chunks.put_nowait(None)

    unsubscribe = container.log.subscribe(take)
    ends = [
        asyncio.ensure_future(container.wait(condition))
        for condition in (NEXT_EXIT, REMOVED)
    ]
    hijacked.gone.add_done_callback(end)
    for each in ends:
        each.add_done_callback(end)
    try:
        while (chunk := await chunks.get()) is not None:
            await hijacked.send(chunk)
    finally:
        unsubscribe()
        for each in ends:
            each.cancel()
