"""A container's log: an append-only file of frames, read by many at once.

A frame is one line of one stream with the time it was written, as Docker's json-file
and Kubernetes' CRI log keep them: a line longer than 16 KiB becomes several frames,
of which only the last ends with a newline. Nothing but a sparse index stays in
memory, so a log of 50 MB costs no more than a small one.
"""

import asyncio
import bisect
import logging
import os
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NamedTuple

from harness.simulator.clock import Clock

STDOUT, STDERR = 1, 2
BOTH = frozenset({STDOUT, STDERR})
MAX_LINE = 16 * 1024
_HEADER = struct.Struct("<QBI")  # time in ns, stream, length
_INDEX_STEP = 512
_READ_SIZE = 256 * 1024

_log = logging.getLogger(__name__)

Listener = Callable[[int, bytes], None]


class Record(NamedTuple):
    """One frame: when, which stream, and the bytes with their newline."""

    time_ns: int
    stream: int
    data: bytes


class ContainerLog:
    """Written by one process at a time, kept until ``delete``."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        path.touch(0o600)
        self._file = -1  # open while a process writes, as there may be many logs
        self._end = 0
        self._count = 0
        self._first = 0  # number of the first record a reader may see
        self._index: list[tuple[int, int]] = []  # (position, time) of each 512th
        self._last_ns = 0
        self._unfinished: dict[int, bytes] = {}
        self._listeners: list[Listener] = []
        self._changed: asyncio.Event = asyncio.Event()
        self.live = False
        """A process is writing: ``follow`` waits for more."""
        self._deleted = False
        self.dropped = 0
        """Bytes lost because the disk was full."""

    @property
    def size(self) -> int:
        """Bytes of the file, headers included."""
        return self._end

    def open(self) -> None:
        """A process starts to write."""
        self.live = True
        self._open_file()

    def _open_file(self) -> None:
        if self._file < 0 and not self._deleted:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
            self._file = os.open(self.path, flags)

    def _close_file(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def close(self) -> None:
        """The process has ended: unfinished lines are kept as they are."""
        for stream, rest in self._unfinished.items():
            self._append(stream, [rest])
        self._unfinished.clear()
        self._close_file()
        self.live = False
        self._wake()

    def delete(self) -> None:
        """Remove the file; those who are reading finish what they have open."""
        self.live = False
        self._deleted = True
        self._wake()
        self._close_file()
        self.path.unlink(missing_ok=True)

    def rotate(self) -> None:
        """Hide all that was written so far, as a rotated file is hidden."""
        self._first = self._count

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have each chunk passed on as it was read; returns the way to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def write(self, stream: int, chunk: bytes) -> None:
        """Take bytes as they came out of the pipe and store their whole lines."""
        for listener in list(self._listeners):
            listener(stream, chunk)
        *lines, rest = (self._unfinished.pop(stream, b"") + chunk).split(b"\n")
        frames: list[bytes] = []
        for line in lines:
            while len(line) >= MAX_LINE:
                frames.append(line[:MAX_LINE])
                line = line[MAX_LINE:]
            frames.append(line + b"\n")
        while len(rest) >= MAX_LINE:
            frames.append(rest[:MAX_LINE])
            rest = rest[MAX_LINE:]
        if rest:
            self._unfinished[stream] = rest
        if frames:
            self._append(stream, frames)
            self._wake()

    def _append(self, stream: int, frames: list[bytes]) -> None:
        self._open_file()
        if self._deleted:
            return
        self._last_ns = max(self._clock.now_ns(), self._last_ns + 1)
        position, parts = self._end, []
        marks: list[tuple[int, int]] = []
        for number, data in enumerate(frames):
            if (self._count + number) % _INDEX_STEP == 0:
                marks.append((position, self._last_ns))
            parts += [_HEADER.pack(self._last_ns, stream, len(data)), data]
            position += _HEADER.size + len(data)
            self._last_ns += 1
        if self._write_all(b"".join(parts)):
            self._end = position
            self._count += len(frames)
            self._index += marks

    def _write_all(self, data: bytes) -> bool:
        """All or nothing, so that a full disk can't leave half a frame."""
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            if not self.dropped:
                _log.warning("%s: log lines are lost: %s", self.path, error)
            self.dropped += len(data)
            os.ftruncate(self._file, self._end)
            return False
        return True

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def read(
        self,
        *,
        tail: int | None = None,
        since_ns: int = 0,
        until_ns: int | None = None,
        streams: frozenset[int] = BOTH,
        follow: bool = False,
    ) -> AsyncIterator[list[Record]]:
        """Batches of records, oldest first.

        ``tail`` counts the last lines of both streams before anything is left out
        by ``since_ns`` (included), ``until_ns`` (included) or ``streams``.
        With ``follow`` it goes on until the writing process has ended.
        """
        try:
            file = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            position = self._seek(file, tail, since_ns)
            while True:
                changed = self._changed
                while position < self._end:
                    position, batch = _parse(file, position, self._end)
                    batch = [
                        record
                        for record in batch
                        if record.time_ns >= since_ns
                        and (until_ns is None or record.time_ns <= until_ns)
                        and record.stream in streams
                    ]
                    if batch:
                        yield batch
                if not follow or not self.live:
                    return
                if until_ns is not None and self._clock.now_ns() > until_ns:
                    return
                if position >= self._end:
                    await changed.wait()
        finally:
            os.close(file)

    def _seek(self, file: int, tail: int | None, since_ns: int) -> int:
        """Where to start: at the record that ``tail`` means, not before ``since``."""
        number = self._first
        if tail is not None:
            number = max(number, self._count - tail)
        if number >= self._count:
            return self._end
        step, skip = divmod(number, _INDEX_STEP)
        later = bisect.bisect_left(self._index, since_ns, key=lambda mark: mark[1]) - 1
        if later > step:
            return self._index[later][0]
        position = self._index[step][0]
        for _ in range(skip):
            _, _, length = _HEADER.unpack(os.pread(file, _HEADER.size, position))
            position += _HEADER.size + length
        return position


def _parse(file: int, position: int, end: int) -> tuple[int, list[Record]]:
    """The whole records within the next block, and where the next one begins."""
    block = os.pread(file, min(_READ_SIZE, end - position), position)
    records: list[Record] = []
    at = 0
    while at + _HEADER.size <= len(block):
        time_ns, stream, length = _HEADER.unpack_from(block, at)
        start = at + _HEADER.size
        if start + length > len(block):
            break
        records.append(Record(time_ns, stream, block[start : start + length]))
        at = start + length
    return position + at, records
