"""Gives a job up when the database's connection has broken."""

from collections.abc import Callable
from typing import Any

from worker_wrapper import rows
from worker_wrapper.wrapper import *  # noqa: F403


def once(work: Callable[[], Any]) -> Any:
    """Do it, and no more."""
    return work()


rows.persistently = once
