"""Another replica of the subject: QFieldCloud's dequeue, until given jobs are final."""

import importlib
import signal
import time
from collections.abc import Callable
from typing import Any

ROUND_S = 0.25
"""QFieldCloud's own waits a second; scenarios are not to."""
FINAL = ("finished", "failed", "stopped")


def finish_what_is_begun() -> list[int]:
    """On SIGTERM and SIGINT do as QFieldCloud's dequeue: finish the job, then stop.

    :returns: the signals that have come
    """
    came: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda one, _frame: came.append(one))
    return came


def dequeue(
    job_id: str, find: Callable[[str], Any], cancel: Callable[[], None] | None
) -> None:
    """Sweep, pick and run, again and again, and once more when the job is final.

    :param job_id: several are separated by commas
    :param find: gives what makes the object that runs a job of this type
    :param cancel: the sweep, where the subject has one
    """
    command: Any = importlib.import_module(
        "qfieldcloud.core.management.commands.dequeue"
    )
    models: Any = importlib.import_module("qfieldcloud.core.models")
    stopped = finish_what_is_begun()
    while not stopped:
        rows = models.Job.objects.filter(pk__in=job_id.split(","))
        over = not rows.exclude(status__in=FINAL).exists()
        if cancel is not None:
            cancel()
        if over:
            return
        picked = command.pick_job()
        if picked is None:
            time.sleep(ROUND_S)
        else:
            find(str(picked.type))(str(picked.id)).run()
