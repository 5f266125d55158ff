"""Ctrl-C, ``kill``, a closed terminal: the first ends a run in good order."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SAME_S = 1.0
"""A terminal and a parent may both pass one Ctrl-C on."""
EXIT_CODE = 130


class _Handler:
    """The first signal raises KeyboardInterrupt; a later one leaves at once."""

    def __init__(self) -> None:
        self._first: float | None = None

    def __call__(self, _signum: int, _frame: FrameType | None) -> None:
        if self._first is None:
            self._first = time.monotonic()
            raise KeyboardInterrupt
        if time.monotonic() - self._first > SAME_S:
            os._exit(EXIT_CODE)  # the guardian ends and removes what is left


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """As long as this is open, any of the signals is taken for a wish to end.

    A signal that the process was told to ignore (``nohup``) stays ignored. Only for
    the main thread.
    """
    handler = _Handler()
    before = {one: signal.getsignal(one) for one in SIGNALS}
    taken = [one for one, was in before.items() if was is not signal.SIG_IGN]
    for one in taken:
        signal.signal(one, handler)
    try:
        yield
    finally:
        for one in taken:
            signal.signal(one, before[one])
