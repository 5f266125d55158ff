"""Sweeps every worker of the ENVIRONMENT away, whether its job is there or not."""

from worker_wrapper import backends
from worker_wrapper.wrapper import *  # noqa: F403


def cancel_orphaned_workers() -> None:
    """Remove them all."""
    backend = backends.get()
    for worker in backend.workers(backends.worker_settings().environment):
        backend.remove(worker)
