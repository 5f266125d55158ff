"""A controller's work queue: keys that need a look, each looked at one at a time."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Hashable, Sequence
from typing import Any, Generic, TypeVar

from harness.simulator.clock import Clock
from harness.simulator.kube_api.errors import ApiError
from harness.simulator.kube_api.pauses import scaled
from harness.simulator.kube_api.store import StoreError

Key = TypeVar("Key", bound=Hashable)
_RETRIES_S = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)
_log = logging.getLogger(__name__)


class Loop(Generic[Key]):
    """Calls `sync(key)` for every key that was added, once for several additions.

    A sync that raises is tried again, later and later. Everything here runs on one
    event loop, so a sync, which can't await, is one step for everybody else.
    """

    def __init__(
        self,
        name: str,
        sync: Callable[[Key], None],
        clock: Clock,
        *,
        retries_s: Sequence[float] = _RETRIES_S,
    ) -> None:
        self._name = name
        self._sync = sync
        self._clock = clock
        self._retries_s = retries_s
        self._keys: dict[Key, None] = {}
        self._failures: dict[Key, int] = {}
        self._lagging: set[Key] = set()
        self._alarms: dict[Key, tuple[float, asyncio.Task[None]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._added = asyncio.Event()

    def add(self, key: Key) -> None:
        """Have a key looked at as soon as possible."""
        self._keys[key] = None
        self._added.set()

    def add_lagging(self, key: Key, seconds: float) -> None:
        """Have a key looked at after the real controller's lag.

        Where one is on its way already, that one does: a batch.
        """
        if key not in self._lagging:
            self._lagging.add(key)
            self._spawn(self._lag(key, seconds))

    def add_after(self, key: Key, seconds: float) -> None:
        """Have a key looked at in so many seconds, or earlier if that was asked for."""
        due = self._clock.monotonic() + seconds
        alarm = self._alarms.get(key)
        if alarm is not None:
            if alarm[0] <= due:
                return
            alarm[1].cancel()
        self._alarms[key] = (due, self._spawn(self._ring(key, max(seconds, 0))))

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                await self._added.wait()
                self._added.clear()
                while self._keys:
                    key = next(iter(self._keys))
                    del self._keys[key]
                    self._work(key)
                    await asyncio.sleep(0)
        finally:
            for task in self._tasks:
                task.cancel()

    def _work(self, key: Key) -> None:
        try:
            self._sync(key)
            self._failures.pop(key, None)
        except Exception as problem:
            count = self._failures.get(key, 0)
            self._failures[key] = count + 1
            pause = self._retries_s[min(count, len(self._retries_s) - 1)]
            _log.info("%s: %s: %s", self._name, key, problem)
            if not isinstance(problem, (ApiError, StoreError)):
                _log.exception("%s: %s", self._name, key)
            self.add_after(key, scaled(self._clock, pause))

    async def _lag(self, key: Key, seconds: float) -> None:
        await self._clock.lag(seconds)
        self._lagging.discard(key)
        self.add(key)

    async def _ring(self, key: Key, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._alarms.pop(key, None)
        self.add(key)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
