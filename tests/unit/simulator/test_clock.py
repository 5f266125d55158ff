"""Tests of the clocks."""

import asyncio
import time

import pytest

from harness.simulator import clock as clocks
from harness.simulator.clock import Pace, SystemClock, VirtualClock


def test_now_never_repeats(clock: SystemClock) -> None:
    """Records made one after the other have different times."""
    moments = [clock.now_ns() for _ in range(10_000)]
    assert moments == sorted(set(moments))


async def test_fast_pace_leaves_lags_out(clock: SystemClock) -> None:
    """A lag of a minute takes no time; a sleep does."""
    before = time.monotonic()
    await clock.lag(60)
    assert time.monotonic() - before < 1
    await clock.sleep(0.05)
    assert time.monotonic() - before >= 0.05


async def test_real_pace_keeps_lags() -> None:
    """At the real pace a lag is a sleep."""
    before = time.monotonic()
    await SystemClock(Pace.REAL).lag(0.05)
    assert time.monotonic() - before >= 0.05


async def test_virtual_time_stands_still() -> None:
    """Nobody wakes before the time is moved on."""
    clock = VirtualClock()
    sleeper = asyncio.create_task(clock.sleep(10))
    await clock.advance(9.9)
    assert not sleeper.done()
    await clock.advance(0.1)
    assert sleeper.done()


async def test_virtual_sleepers_wake_in_order() -> None:
    """Those who sleep less wake first, at their own time."""
    clock, woken = VirtualClock(), []

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, round(clock.monotonic(), 3)))

    tasks = [asyncio.create_task(sleep(seconds)) for seconds in (3, 1, 2)]
    await clock.advance(5)
    await asyncio.gather(*tasks)
    assert woken == [(1, 1.0), (2, 2.0), (3, 3.0)]


async def test_virtual_sleeper_may_sleep_again() -> None:
    """A second sleep within the same advance ends within it."""
    clock = VirtualClock()

    async def twice() -> None:
        await clock.sleep(1)
        await clock.sleep(1)

    task = asyncio.create_task(twice())
    await clock.advance(2.5)
    assert task.done()


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_700_000_000_120_000_000, "2023-11-14T22:13:20.12Z"),
        (1_700_000_000_000_000_001, "2023-11-14T22:13:20.000000001Z"),
    ],
)
def test_nano_drops_zeros_as_go_does(ns: int, text: str) -> None:
    """Docker's times have as many digits as they need."""
    assert clocks.rfc3339_nano(ns) == text


def test_forms_of_a_time() -> None:
    """Whole seconds and microseconds for Kubernetes, nine digits for log lines."""
    ns = 1_700_000_000_123_456_789
    assert clocks.rfc3339(ns) == "2023-11-14T22:13:20Z"
    assert clocks.rfc3339_micro(ns) == "2023-11-14T22:13:20.123456Z"
    assert clocks.rfc3339_nano(10**9, fixed=True) == "1970-01-01T00:00:01.000000000Z"
