"""Where connections come in: nobody listens for a while, then again as before."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest

from harness.tap.faults import Fault
from harness.tap.point import Handler, Point

from .backend import answer

GET = b"GET /version HTTP/1.1\r\nHost: d\r\n\r\n"


async def _ask(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GET)
    try:
        return await reader.read(65536)
    except ConnectionResetError:
        return b"reset"
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _backend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while await reader.read(65536):
            writer.write(answer(b"here"))
    finally:
        writer.close()


async def _listen(handler: Handler, port: int) -> asyncio.Server:
    return await asyncio.start_server(handler, "127.0.0.1", port)


async def _to_the_end(test: Callable[[], Awaitable[None]]) -> None:
    """A test, and no connection left behind it."""
    try:
        await test()
    finally:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0.05)


def test_refused_for_a_while() -> None:
    """As an API server that is started anew: broken, refused, there again."""

    async def run() -> None:
        backend = await _listen(_backend, 0)
        upstream = backend.sockets[0].getsockname()[1]
        wanted = Fault(number=1, at="*", kind="refuse", nth=2, seconds=0.3)
        point = Point(
            _listen,
            lambda: asyncio.open_connection("127.0.0.1", upstream),
            faults=[wanted],
        )
        await point.open()
        port = point.port
        assert (await _ask(port)).endswith(b"here")
        assert await _ask(port) in (b"", b"reset")
        with pytest.raises(ConnectionRefusedError):
            await _ask(port)
        await asyncio.sleep(0.5)
        assert (await _ask(port)).endswith(b"here")
        assert point.port == port
        await point.close()
        backend.close()
        assert [call.fault != "" for call in point.journal.calls()] == [
            False,
            True,
            False,
        ]

    asyncio.run(_to_the_end(run))


def test_closed_while_nobody_listens() -> None:
    """It doesn't come back after the cell's end."""

    async def run() -> None:
        wanted = Fault(number=1, at="*", kind="refuse", seconds=0.2)
        point = Point(
            _listen, lambda: asyncio.open_connection("127.0.0.1", 1), faults=[wanted]
        )
        await point.open()
        await _ask(point.port)
        await point.close()
        await asyncio.sleep(0.4)
        with pytest.raises(ConnectionRefusedError):
            await _ask(point.port)

    asyncio.run(_to_the_end(run))
