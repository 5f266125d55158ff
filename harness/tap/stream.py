"""Where a stream is struck: after so many whole units, or in the middle of the next.

A unit is a frame of a Docker log, and a line (an event of a watch) of anything else.
"""

from typing import Protocol

FRAME_HEAD = 8


class Units(Protocol):
    """Finds where units end, in pieces that are cut anywhere."""

    def end(self, data: bytes) -> int | None:
        """How many of these bytes the unit under way has; None if it has them all."""


class Lines:
    """Each ends with a line feed."""

    def end(self, data: bytes) -> int | None:
        """Behind the first line feed."""
        found = data.find(b"\n")
        return None if found < 0 else found + 1


class Frames:
    """Docker's: a head with the length, big-endian, in its last four bytes."""

    def __init__(self) -> None:
        self._head = b""
        self._left = 0

    def end(self, data: bytes) -> int | None:
        """Behind the payload."""
        used = 0
        if len(self._head) < FRAME_HEAD:
            used = min(FRAME_HEAD - len(self._head), len(data))
            self._head += data[:used]
            if len(self._head) < FRAME_HEAD:
                return None
            self._left = int.from_bytes(self._head[4:], "big")
        if len(data) - used < self._left:
            self._left -= len(data) - used
            return None
        used += self._left
        self._head = b""
        return used


class Strike:
    """Lets a stream through to the place where the fault comes."""

    def __init__(self, units: Units, after: int, *, inside: bool) -> None:
        self._units = units
        self._left = after
        self._inside = inside

    @property
    def is_due(self) -> bool:
        """Whether it comes before anything else does."""
        return self._left == 0 and not self._inside

    def through(self, data: bytes) -> tuple[bytes, bool]:
        """What of this piece comes through, and whether the fault comes then."""
        passed = 0
        while self._left:
            end = self._units.end(data[passed:])
            if end is None:
                return data, False
            passed += end
            self._left -= 1
        if not self._inside:
            return data[:passed], True
        following = data[passed:]
        if not following:
            return data, False
        unit = following[: self._units.end(following)]
        return data[: passed + max(1, len(unit) // 2)], True
