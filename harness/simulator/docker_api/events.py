"""What happened, as the engine tells it: kept for a while, and told live."""

import asyncio
import collections
from collections.abc import AsyncIterator, Mapping
from typing import Any

from harness.simulator.clock import Clock
from harness.simulator.docker_api.query import Filters, label_matches

_KEPT = 256  # as the engine's own buffer

Event = dict[str, Any]

FILTERS = (
    *("config", "container", "daemon", "event", "image", "label", "network"),
    *("node", "plugin", "scope", "secret", "service", "type", "volume"),
)


class Events:
    """All events of the engine."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: collections.deque[Event] = collections.deque(maxlen=_KEPT)
        self._listeners: set[asyncio.Queue[Event]] = set()

    @property
    def listeners(self) -> int:
        """How many are listening."""
        return len(self._listeners)

    def tell(
        self, kind: str, action: str, subject: str, attributes: Mapping[str, str]
    ) -> None:
        """Something happened to ``subject`` (an id, or a volume's name)."""
        now = self._clock.now_ns()
        event: Event = {}
        if kind in ("container", "image"):  # the form of before API 1.22, still sent
            event = {"status": action, "id": subject}
            if kind == "container":
                event["from"] = attributes.get("image", "")
        event |= {
            "Type": kind,
            "Action": action,
            "Actor": {"ID": subject, "Attributes": dict(attributes)},
            "scope": "local",
            "time": now // 10**9,
            "timeNano": now,
        }
        self._kept.append(event)
        for listener in self._listeners:
            listener.put_nowait(event)

    async def read(
        self, *, since_ns: int | None, until_ns: int | None, filters: Filters
    ) -> AsyncIterator[Event]:
        """Past events since a moment, then new ones until another (or for ever)."""
        queue: asyncio.Queue[Event] = asyncio.Queue()
        past = [e for e in self._kept if since_ns and e["timeNano"] >= since_ns]
        self._listeners.add(queue)
        try:
            for event in past:
                if until_ns is not None and event["timeNano"] > until_ns:
                    break
                if matches(event, filters):
                    yield event
            while True:
                left = None
                if until_ns is not None:
                    left = (until_ns - self._clock.now_ns()) / 1e9
                    if left <= 0:
                        return
                try:
                    event = await asyncio.wait_for(queue.get(), left)
                except asyncio.TimeoutError:
                    return
                if matches(event, filters):
                    yield event
        finally:
            self._listeners.discard(queue)


def matches(event: Event, filters: Filters) -> bool:
    """Whether an event is asked for; unknown filters keep everything."""
    kind, actor = event["Type"], event["Actor"]
    attributes = actor["Attributes"]
    if not _any(filters, "event", (event["Action"],)):
        return False
    if not _any(filters, "type", (kind,)) or not _any(filters, "scope", ("local",)):
        return False
    if not label_matches(attributes, filters.get("label", ())):
        return False
    for name in ("container", "image", "network", "volume", "daemon"):
        if name in filters and not _names(kind, actor, name, filters[name]):
            return False
    return True


def _any(filters: Filters, key: str, values: tuple[str, ...]) -> bool:
    return key not in filters or any(value in filters[key] for value in values)


def _names(kind: str, actor: Event, wanted_kind: str, wanted: list[str]) -> bool:
    attributes = actor["Attributes"]
    known = [actor["ID"], attributes.get("name", "")]
    if wanted_kind == "image" and kind == "container":
        image = attributes.get("image", "")
        known = [image, image.partition(":")[0]]
    elif kind != wanted_kind:
        return False
    return any(
        value in known or (value and actor["ID"].startswith(value)) for value in wanted
    )
