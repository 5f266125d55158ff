"""Every wrapper believes that it holds the lock of every job."""

from collections.abc import Iterator
from contextlib import contextmanager

from worker_wrapper import ownership
from worker_wrapper.wrapper import *  # noqa: F403


@contextmanager
def held(_job_id: str) -> Iterator[bool]:
    """Nobody is asked."""
    yield ownership.is_usable()


ownership.held = held
