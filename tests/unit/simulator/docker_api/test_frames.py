"""Tests of the multiplexed stream."""

from harness.simulator.docker_api import frames
from harness.simulator.runtime import STDERR, STDOUT, Record


def test_header() -> None:
    """One byte for the stream, three of nothing, the length big-endian."""
    assert frames.frame(STDERR, b"x" * 258) == b"\2\0\0\0\0\0\1\2" + b"x" * 258


def test_timestamps() -> None:
    """Nine digits always, counted in the length."""
    record = Record(1_700_000_000_500_000_000, STDOUT, b"hi\n")
    encoded = frames.encode([record], timestamps=True)
    assert encoded[8:] == b"2023-11-14T22:13:20.500000000Z hi\n"
    assert encoded[7] == len(encoded) - 8


def test_bytes_that_are_no_text() -> None:
    """The json-file driver can't keep them: each becomes U+FFFD."""
    encoded = frames.encode([Record(0, STDOUT, b"\xff\xfe\n")], timestamps=False)
    assert encoded[8:].decode() == "\ufffd\ufffd\n"
