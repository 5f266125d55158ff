"""Logs of any size and bytes."""

import os
import tracemalloc

import pytest

from worker_wrapper.logs import BoundedLog, Shorter, copy


def written(keep: int, *chunks: bytes) -> str:
    """What is kept of these."""
    log = BoundedLog(keep)
    for chunk in chunks:
        log.write(chunk)
    return log.text()


@pytest.mark.parametrize("size", [0, 1, 9, 10, 19, 20])
def test_a_log_up_to_twice_the_cap_is_whole(size):
    """Head and tail together."""
    content = os.urandom(32).hex()[:size]
    assert written(10, content.encode()) == content


def test_of_a_longer_log_head_and_tail_are_kept():
    """And it says how much is left out, and which setting decides."""
    text = written(10, b"0123456789", b"-" * 5, b"abcdefghij")
    assert text.startswith("0123456789\n")
    assert text.endswith("\nabcdefghij")
    assert "[QFC/Worker/1003] 5 bytes" in text
    assert "QFIELDCLOUD_WORKER_LOG_KEEP_BYTES" in text


@pytest.mark.parametrize("piece", [1, 3, 7, 10, 64, 1000])
def test_how_the_log_is_cut_into_chunks_does_not_matter(piece):
    """The network cuts it anywhere."""
    content = bytes(range(48, 123)) * 20
    chunks = [content[i : i + piece] for i in range(0, len(content), piece)]
    assert written(100, *chunks) == written(100, content)


def test_bytes_that_are_no_text_become_readable():
    """One odd byte must not lose the log; a letter cut by a chunk is whole again."""
    assert written(50, b"a\xffb\0c") == "a\\xffb\N{REPLACEMENT CHARACTER}c"
    assert written(50, "ä".encode()[:1], "ä".encode()[1:]) == "ä"


def test_memory_is_bounded():
    """50 MB through a cap of 1 MiB."""
    log, chunk = BoundedLog(1024**2), b"x" * 65536
    tracemalloc.start()
    for _ in range(800):
        log.write(chunk)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * 1024**2
    assert "50331648 bytes" in log.text()


class Streams:
    """A log that is opened again and again; each time another part of it comes."""

    def __init__(self, *parts: bytes | Exception) -> None:
        self._parts = list(parts)
        self.asked: list[Exception] = []

    def begin(self):
        """As the backends open it."""
        part = self._parts.pop(0)
        if isinstance(part, Exception):
            raise part
        yield part[:3]
        yield part[3:]
        if self._parts:
            raise ConnectionError("broke off")

    def goes_on(self, error: Exception) -> bool:
        """Whatever breaks off may be read on."""
        self.asked.append(error)
        return isinstance(error, ConnectionError)


@pytest.mark.parametrize("had", [b"", b"a", b"abcd", b"abcdefgh"])
def test_a_log_that_broke_off_is_read_on(had):
    """Wherever it broke: nothing is doubled, nothing is missing."""
    log, streams = BoundedLog(100), Streams(had, b"abcdefgh")
    copy(streams.begin, log, streams.goes_on)
    assert log.text() == "abcdefgh"
    assert len(streams.asked) == 1


def test_a_log_that_is_refused_is_not_read_on():
    """What was read stays."""
    log, streams = BoundedLog(100), Streams(b"abc", PermissionError("no"))
    with pytest.raises(PermissionError):
        copy(streams.begin, log, streams.goes_on)
    assert log.text() == "abc"


def test_a_log_that_was_rotated_meanwhile_is_told():
    """Its beginning is another one."""
    log, streams = BoundedLog(100), Streams(b"abcdef", b"ef")
    with pytest.raises(Shorter, match="4 bytes"):
        copy(streams.begin, log, streams.goes_on)
