"""A worker's log of any size and of any bytes, as text that fits into the row."""

from collections.abc import Callable, Iterable

from .feedback import storable_text

UNREADABLE = "[QFC/Worker/1001] Failed to read logs."
"""What QFieldCloud shows in place of a log that could not be read."""


class BoundedLog:
    """Keeps the first and the last ``keep`` bytes of what is written to it.

    Memory stays below three times ``keep`` and a chunk, whatever is written.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._head = bytearray()
        self._tail = bytearray()
        self._size = 0

    @property
    def size(self) -> int:
        """How much was written so far."""
        return self._size

    def begins_like(self, other: "BoundedLog") -> bool:
        """Whether the heads are equal as far as both have come."""
        shorter = min(len(self._head), len(other._head))
        return self._head[:shorter] == other._head[:shorter]

    def ends_like(self, other: "BoundedLog") -> bool:
        """Whether the ends are equal as far as both are kept."""
        own, others = self._end(), other._end()
        shorter = min(len(own), len(others))
        return own[len(own) - shorter :] == others[len(others) - shorter :]

    def _end(self) -> bytes:
        is_whole = self._size == len(self._head) + len(self._tail)
        content = self._head + self._tail if is_whole else self._tail
        return bytes(content[-self._keep :])

    def write(self, chunk: bytes) -> None:
        """Append some bytes."""
        self._size += len(chunk)
        room = self._keep - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        self._tail += chunk[-self._keep :]
        # dropped in pieces as large as what stays, so that each byte is moved once
        if len(self._tail) > 2 * self._keep:
            del self._tail[: -self._keep]

    def text(self) -> str:
        """What was kept, as storable text; a line says how much was left out."""
        head, tail = bytes(self._head), bytes(self._tail[-self._keep :])
        left_out = self._size - len(head) - len(tail)
        if not left_out:
            return _decode(head + tail)
        note = (
            f"\n[QFC/Worker/1003] {left_out} bytes of the log are left out here; "
            "QFIELDCLOUD_WORKER_LOG_KEEP_BYTES says how much is kept.\n"
        )
        return _decode(head) + note + _decode(tail)


class Shorter(Exception):
    """A log is shorter than what had been read of it: it was rotated meanwhile."""


def copy(
    begin: Callable[[], Iterable[bytes]],
    log: BoundedLog,
    goes_on: Callable[[Exception], bool],
) -> None:
    """Read a log to its end, in as many attempts as it takes: no byte is doubled.

    :param begin: opens it at its first byte
    :param goes_on: whether, after an error and a pause, it is opened again
    :raises Exception: what ``begin`` or the stream raised last, or `Shorter`
    """
    while True:
        had = log.size
        try:
            for chunk in begin():
                log.write(chunk[had:])
                had = max(0, had - len(chunk))
        except Exception as error:
            if not goes_on(error):
                raise
            continue
        if had:
            raise Shorter(f"{had} bytes that were there are not there any more.")
        return


def _decode(content: bytes) -> str:
    return storable_text(content.decode(errors="backslashreplace"))
