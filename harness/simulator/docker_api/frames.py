"""Docker's multiplexed stream: a header of eight bytes before each piece."""

import struct

from harness.simulator.clock import rfc3339_nano
from harness.simulator.runtime import Record

_HEADER = struct.Struct(">BxxxI")


def frame(stream: int, data: bytes) -> bytes:
    """One piece of stdout (1) or stderr (2)."""
    return _HEADER.pack(stream, len(data)) + data


def encode(records: list[Record], *, timestamps: bool) -> bytes:
    """A batch of a log's records as the logs API sends them.

    The json-file driver keeps text: bytes that aren't UTF-8 come out replaced.
    """
    parts = []
    for record in records:
        data = record.data
        if not data.isascii():
            data = data.decode("utf-8", "replace").encode()
        if timestamps:
            data = f"{rfc3339_nano(record.time_ns, fixed=True)} ".encode() + data
        parts.append(frame(record.stream, data))
    return b"".join(parts)
