"""Time, passed as an argument to everything in the simulator.

A real system is late for two reasons: work takes time, and its parts poll and
batch. ``sleep`` is the first and always happens; ``lag`` is the second and is left
out at the fast pace, in which the order of events stays the same.
"""

import asyncio
import enum
import heapq
import itertools
import time
from datetime import datetime, timezone
from typing import Protocol


class Pace(enum.Enum):
    """Whether the real systems' lags are kept."""

    REAL = "real"
    FAST = "fast"


class Clock(Protocol):
    """What the simulator's parts know of time."""

    pace: Pace

    def now_ns(self) -> int:
        """Wall-clock time in nanoseconds since 1970, never the same value twice."""

    def monotonic(self) -> float:
        """Seconds since some moment; for durations and deadlines."""

    async def sleep(self, seconds: float) -> None:
        """Wait; the time a client asked for (a grace period, a deadline)."""

    async def lag(self, seconds: float) -> None:
        """Wait as the real system would; at the fast pace only yield to others."""


class SystemClock:
    """The machine's clock."""

    def __init__(self, pace: Pace = Pace.REAL) -> None:
        self.pace = pace
        self._last_ns = 0

    def now_ns(self) -> int:
        """Strictly increasing, so that records sort in the order they were made."""
        self._last_ns = max(time.time_ns(), self._last_ns + 1)
        return self._last_ns

    def monotonic(self) -> float:
        """As ``time.monotonic``."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """As ``asyncio.sleep``."""
        await asyncio.sleep(seconds)

    async def lag(self, seconds: float) -> None:
        """Sleep at the real pace, else let other tasks run once."""
        await asyncio.sleep(seconds if self.pace is Pace.REAL else 0)


class VirtualClock:
    """Time that stands still until ``advance``; for tests without processes."""

    def __init__(
        self, start_ns: int = 1_700_000_000 * 10**9, *, pace: Pace = Pace.REAL
    ) -> None:
        self.pace = pace
        self._now_ns = start_ns
        self._start_ns = start_ns
        self._order = itertools.count()
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []

    def now_ns(self) -> int:
        """One nanosecond later at each call, as for the real clock."""
        self._now_ns += 1
        return self._now_ns

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return (self._now_ns - self._start_ns) / 1e9

    async def sleep(self, seconds: float) -> None:
        """Wait until ``advance`` has moved the time far enough."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()
        due = self._now_ns + round(seconds * 1e9)
        heapq.heappush(self._sleepers, (due, next(self._order), woken))
        await woken

    async def lag(self, seconds: float) -> None:
        """As ``sleep``, or nothing at the fast pace."""
        await self.sleep(seconds if self.pace is Pace.REAL else 0)

    async def advance(self, seconds: float) -> None:
        """Move on, waking sleepers in order; each runs until it waits again."""
        end = self._now_ns + round(seconds * 1e9)
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, woken = heapq.heappop(self._sleepers)
            self._now_ns = max(self._now_ns, due)
            if not woken.done():
                woken.set_result(None)
            await _settle()
        self._now_ns = max(self._now_ns, end)


async def _settle(turns: int = 20) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


def as_datetime(ns: int) -> datetime:
    """UTC, cut to microseconds."""
    return datetime.fromtimestamp(ns // 10**9, tz=timezone.utc).replace(
        microsecond=ns // 1000 % 10**6
    )


def rfc3339(ns: int) -> str:
    """Whole seconds, as in Kubernetes metadata: ``2026-01-02T03:04:05Z``."""
    return as_datetime(ns).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc3339_micro(ns: int) -> str:
    """Six digits, as Kubernetes' MicroTime: ``2026-01-02T03:04:05.000006Z``."""
    return as_datetime(ns).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def rfc3339_nano(ns: int, *, fixed: bool = False) -> str:
    """Go's RFC3339Nano: trailing zeros are dropped unless ``fixed`` (nine digits)."""
    digits = f"{ns % 10**9:09d}"
    if not fixed:
        digits = digits.rstrip("0")
    dot = "." if digits else ""
    return as_datetime(ns).strftime("%Y-%m-%dT%H:%M:%S") + f"{dot}{digits}Z"
