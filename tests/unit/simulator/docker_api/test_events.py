"""Tests of what the engine tells."""

import asyncio
from typing import Any

import pytest

from harness.simulator.clock import SystemClock
from harness.simulator.docker_api.events import Events, matches


async def read(events: Events, **options: Any) -> list[str]:
    """The actions of what is read."""
    given = {"since_ns": None, "until_ns": None, "filters": {}, **options}
    return [event["Action"] async for event in events.read(**given)]


async def test_past_events(clock: SystemClock) -> None:
    """Those since a moment, until another; without ``since`` none."""
    events = Events(clock)
    moments = []
    for action in ("create", "start", "die"):
        moments.append(clock.now_ns())
        events.tell("container", action, "c1", {})
    now = clock.now_ns()
    assert await read(events, since_ns=moments[1], until_ns=now) == ["start", "die"]
    assert await read(events, since_ns=1, until_ns=moments[2]) == ["create", "start"]
    assert await read(events, until_ns=now) == []


async def test_live_events(clock: SystemClock) -> None:
    """A listener gets what happens after it has begun."""
    events = Events(clock)
    events.tell("container", "before", "c1", {})
    until = clock.now_ns() + 10**8
    listener = asyncio.create_task(read(events, until_ns=until))
    await asyncio.sleep(0.01)
    assert events.listeners == 1
    events.tell("container", "after", "c1", {})
    assert await listener == ["after"]
    assert events.listeners == 0


async def test_nothing_is_missed_between_past_and_live(clock: SystemClock) -> None:
    """What happens while the past is sent comes once, and in order."""
    events = Events(clock)
    for number in range(3):
        events.tell("container", str(number), "c1", {})
    reader = events.read(since_ns=1, until_ns=clock.now_ns() + 10**8, filters={})
    found = [(await anext(reader))["Action"]]
    events.tell("container", "3", "c1", {})
    found += [event["Action"] async for event in reader]
    assert found == ["0", "1", "2", "3"]


async def test_kept_ones_are_bounded(clock: SystemClock) -> None:
    """As the engine's own: 256."""
    events = Events(clock)
    for number in range(1000):
        events.tell("container", str(number), "c1", {})
    found = await read(events, since_ns=1, until_ns=clock.now_ns())
    assert found == [str(number) for number in range(744, 1000)]


EVENT = {
    "Type": "container",
    "Action": "die",
    "Actor": {
        "ID": "0123456789",
        "Attributes": {"name": "worker", "image": "debian:12", "a": "b"},
    },
}


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ({}, True),
        ({"event": ["die", "oom"]}, True),
        ({"event": ["start"]}, False),
        ({"type": ["container"]}, True),
        ({"type": ["image"]}, False),
        ({"container": ["worker"]}, True),
        ({"container": ["0123"]}, True),
        ({"container": ["other"]}, False),
        ({"image": ["debian:12"]}, True),
        ({"image": ["debian"]}, True),
        ({"image": ["ubuntu"]}, False),
        ({"label": ["a=b"]}, True),
        ({"label": ["a=c"]}, False),
        ({"network": ["worker"]}, False),
        ({"event": ["die"], "label": ["x"]}, False),
        ({"unknown": ["x"]}, True),
    ],
    ids=str,
)
def test_filters(filters: dict[str, list[str]], kept: bool) -> None:
    """Values of one filter are alternatives, filters all have to hold."""
    assert matches(EVENT, filters) is kept
