"""Where calls are stopped: before they are passed on, or with their answer withheld.

Whoever waits at a gate can be killed there, which is the only way to hit the moment
between two calls exactly. Asked from threads; the relay waits in its loop.
"""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, InvalidStateError
from typing import Literal

from .chosen import is_chosen
from .journal import Call

Moment = Literal["before", "answered"]


class Cut(Exception):
    """The call is not to go on: its connection ends."""


class Hold:
    """One call that will be stopped, once."""

    def __init__(self, chosen: str, moment: Moment, nth: int) -> None:
        self._chosen = chosen
        self._moment = moment
        self._left = nth
        self._reached = threading.Event()
        self._goes_on: Future[bool] = Future()

    def wait(self, timeout_s: float) -> bool:
        """Whether the call has come to the gate, after waiting a while for it."""
        return self._reached.wait(timeout_s)

    def release(self, *, goes_on: bool = True) -> None:
        """Let the call go on, or cut its connection; also one that never came."""
        with contextlib.suppress(InvalidStateError):  # its client has gone already
            self._goes_on.set_result(goes_on)

    def _takes(self, call: Call, moment: Moment) -> bool:
        if moment != self._moment or self._left == 0 or self._goes_on.done():
            return False
        self._left -= is_chosen(self._chosen, call)
        return self._left == 0

    async def _stop(self) -> None:
        self._reached.set()
        if not await asyncio.wrap_future(self._goes_on):
            raise Cut


class Gates:
    """The holds of one point of the tap."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holds: list[Hold] = []

    def hold(self, chosen: str, moment: Moment, nth: int = 1) -> Hold:
        """Stop the nth call, from now on, that `chosen.is_chosen` finds meant."""
        made = Hold(chosen, moment, nth)
        with self._lock:
            self._holds.append(made)
        return made

    async def pass_through(
        self,
        call: Call,
        moment: Moment,
        before: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Called by the relay for each call, at both moments.

        :param before: done first where the call is stopped
        :raises Cut: the call is not to go on
        """
        with self._lock:
            stopping = [one for one in self._holds if one._takes(call, moment)]
        if stopping and before is not None:
            await before()
        for one in stopping:
            await one._stop()
