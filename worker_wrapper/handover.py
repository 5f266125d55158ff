"""A wrapper that is told to stop finishes its job, or leaves it to another in time."""

import time

from .ownership import HandedOver

_deadline: float | None = None


def request(after_s: float) -> None:
    """The job in hand is left to another wrapper, if it isn't done by then."""
    global _deadline
    moment = time.monotonic() + after_s
    _deadline = moment if _deadline is None else min(moment, _deadline)


def check(job_id: str) -> None:
    """Called while a worker runs.

    :raises HandedOver: the time is over
    """
    if _deadline is not None and time.monotonic() >= _deadline:
        raise HandedOver(
            f"Job {job_id} is left to another wrapper; its worker runs on."
        )
