"""Tests of a container's log."""

import asyncio
import os
from pathlib import Path

import pytest

from harness.simulator.clock import SystemClock, VirtualClock
from harness.simulator.runtime.log import (
    MAX_LINE,
    STDERR,
    STDOUT,
    ContainerLog,
    Record,
)


@pytest.fixture
def log(tmp_path: Path) -> ContainerLog:
    """A new log at a virtual time."""
    return ContainerLog(tmp_path / "log", VirtualClock())


async def read(log: ContainerLog, **options: object) -> list[Record]:
    """All records at once."""
    return [r async for batch in log.read(**options) for r in batch]  # type: ignore[arg-type]


async def texts(log: ContainerLog, **options: object) -> list[bytes]:
    """All data at once."""
    return [record.data for record in await read(log, **options)]


async def test_one_record_a_line(log: ContainerLog) -> None:
    """However the bytes came, a record is a line."""
    for chunk in (b"on", b"e\ntw", b"o\nthree\n"):
        log.write(STDOUT, chunk)
    assert await texts(log) == [b"one\n", b"two\n", b"three\n"]


async def test_streams_do_not_mix(log: ContainerLog) -> None:
    """Half a line of stdout isn't finished by stderr."""
    log.write(STDOUT, b"o")
    log.write(STDERR, b"e\n")
    log.write(STDOUT, b"ut\n")
    found = [(record.stream, record.data) for record in await read(log)]
    assert found == [(STDERR, b"e\n"), (STDOUT, b"out\n")]


async def test_last_line_without_newline(log: ContainerLog) -> None:
    """It is kept, without one, when the process has ended."""
    log.write(STDOUT, b"a\nb")
    assert await texts(log) == [b"a\n"]
    log.close()
    assert await texts(log) == [b"a\n", b"b"]


@pytest.mark.parametrize(
    ("length", "sizes"),
    [
        (MAX_LINE - 1, [MAX_LINE]),
        (MAX_LINE, [MAX_LINE, 1]),
        (MAX_LINE + 1, [MAX_LINE, 2]),
        (2 * MAX_LINE + 5, [MAX_LINE, MAX_LINE, 6]),
    ],
)
async def test_long_lines_are_cut(
    log: ContainerLog, length: int, sizes: list[int]
) -> None:
    """At 16 KiB, in one write or in many."""
    log.write(STDOUT, b"x" * length + b"\n")
    line = b"y" * length + b"\n"
    for start in range(0, len(line), 1000):
        log.write(STDOUT, line[start : start + 1000])
    assert [len(data) for data in await texts(log)] == sizes * 2


async def test_any_bytes(log: ContainerLog) -> None:
    """NUL, carriage returns and bytes that aren't UTF-8 come back as they were."""
    log.write(STDOUT, b"a\0b\r\n\xff\xfe\n")
    assert await texts(log) == [b"a\0b\r\n", b"\xff\xfe\n"]


@pytest.mark.parametrize("count", [1, 511, 512, 513, 3000])
@pytest.mark.parametrize("tail", [0, 1, 5, 512, 10_000])
async def test_tail(log: ContainerLog, count: int, tail: int) -> None:
    """The last lines, wherever the index has its marks."""
    lines = [b"%d\n" % number for number in range(count)]
    log.write(STDOUT, b"".join(lines))
    assert await texts(log, tail=tail) == (lines[-tail:] if tail else [])


async def test_since_and_until(log: ContainerLog) -> None:
    """Both moments belong to the range."""
    for number in range(2000):
        log.write(STDOUT, b"%d\n" % number)
    records = await read(log)
    since, until = records[700].time_ns, records[1300].time_ns
    assert await read(log, since_ns=since) == records[700:]
    assert await read(log, until_ns=until) == records[:1301]
    assert await read(log, since_ns=since, until_ns=until) == records[700:1301]


async def test_tail_counts_before_anything_is_left_out(log: ContainerLog) -> None:
    """Two lines of tail, one of which is stderr, are one line of stdout."""
    log.write(STDOUT, b"a\nb\n")
    log.write(STDERR, b"c\n")
    assert await texts(log, tail=2, streams=frozenset({STDOUT})) == [b"b\n"]


async def test_times_increase(log: ContainerLog) -> None:
    """No two lines of a log have the same time."""
    log.write(STDOUT, b"a\nb\nc\n")
    log.write(STDERR, b"d\n")
    moments = [record.time_ns for record in await read(log)]
    assert moments == sorted(set(moments))


async def test_follow_ends_with_the_process(log: ContainerLog) -> None:
    """A follower gets what is written later, and stops when nobody writes."""
    log.open()
    log.write(STDOUT, b"before\n")
    follower = asyncio.create_task(texts(log, follow=True))
    await asyncio.sleep(0.01)
    log.write(STDOUT, b"after\n")
    await asyncio.sleep(0.01)
    assert not follower.done()
    log.close()
    assert await follower == [b"before\n", b"after\n"]


async def test_follow_of_an_ended_process(log: ContainerLog) -> None:
    """There is nothing to wait for."""
    log.write(STDOUT, b"x\n")
    assert await texts(log, follow=True) == [b"x\n"]


async def test_rotated_lines_are_hidden(log: ContainerLog) -> None:
    """Rotation leaves only what is written after it."""
    log.write(STDOUT, b"old\n" * 600)
    log.rotate()
    assert await texts(log) == []
    log.write(STDOUT, b"new\n")
    assert await texts(log) == [b"new\n"]
    assert await texts(log, tail=5) == [b"new\n"]


async def test_listener_gets_raw_chunks(log: ContainerLog) -> None:
    """Attached clients see bytes before a line is whole."""
    heard: list[tuple[int, bytes]] = []
    stop = log.subscribe(lambda stream, data: heard.append((stream, data)))
    log.write(STDOUT, b"half a")
    stop()
    log.write(STDOUT, b" line\n")
    assert heard == [(STDOUT, b"half a")]


async def test_deleted_while_read(log: ContainerLog) -> None:
    """Who is reading finishes; the file is gone, and so is what comes later."""
    log.open()
    log.write(STDOUT, b"x\n")
    reader = asyncio.create_task(texts(log, follow=True))
    await asyncio.sleep(0.01)
    log.delete()
    assert await reader == [b"x\n"]
    assert not log.path.exists()
    log.write(STDOUT, b"y\n")
    assert await texts(log) == []


async def test_full_disk_loses_lines_whole(
    log: ContainerLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a frame would make the rest unreadable, so all of it is dropped."""
    log.write(STDOUT, b"before\n")
    write = os.write

    def full(fd: int, data: bytes) -> int:
        write(fd, bytes(data[:5]))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    log.write(STDOUT, b"lost\n")
    monkeypatch.undo()
    log.write(STDOUT, b"after\n")
    assert await texts(log) == [b"before\n", b"after\n"]
    assert log.dropped > 0


async def test_ended_log_holds_no_file(log: ContainerLog) -> None:
    """Thousands of ended containers may be kept."""
    log.open()
    log.write(STDOUT, b"x\n")
    open_ones = len(list(Path("/proc/self/fd").iterdir()))
    log.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == open_ones - 1
    assert await texts(log) == [b"x\n"]


async def test_second_run_adds(log: ContainerLog) -> None:
    """A restarted container has one log."""
    for text in (b"one\n", b"two\n"):
        log.open()
        log.write(STDOUT, text)
        log.close()
    assert await texts(log) == [b"one\n", b"two\n"]


async def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    """Of 100,000 lines only some hundred places are remembered."""
    log = ContainerLog(tmp_path / "log", SystemClock())
    for _ in range(1000):
        log.write(STDOUT, b"a line of the log\n" * 100)
    assert log.size > 100_000 * 18
    assert len(log._index) < 200
    assert len(await texts(log, tail=1000)) == 1000
