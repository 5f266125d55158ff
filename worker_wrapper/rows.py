"""Writes to the job's row: each one locks it, and none changes a row that is final.

QFieldCloud's cron, other replicas and people write to the same row. A row that somebody
made final, or deleted, stays as it is. A database that goes away is waited for.
"""

import itertools
import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from qfieldcloud.core.models import Job

logger = logging.getLogger(__name__)

PENDING, QUEUED, STARTED = "pending", "queued", "started"
FINISHED, FAILED, STOPPED = "finished", "failed", "stopped"
BEFORE = (PENDING, QUEUED)
ACTIVE = (QUEUED, STARTED)
FINAL = (FINISHED, FAILED, STOPPED)
TO_BE_MADE = "to be made on "
"""Begins ``container_id`` from a row's start until its worker is made. Where that is so
and the job's lock is free, its wrapper died before there was a worker."""
DATABASE_PATIENCE_S = 120.0
LONGEST_PAUSE_S = 5.0

T = TypeVar("T")


def persistently(work: Callable[[], T]) -> T:
    """Do the work, again if the database's connection broke; it may be restarting.

    :raises django.db.Error: it doesn't come back, or refuses
    """
    deadline = time.monotonic() + DATABASE_PATIENCE_S
    pause_s = 0.1
    for tried in itertools.count():
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            in_hand = connection.in_atomic_block  # of a caller, which has to begin anew
            # Django may have made a new connection on its way out of the transaction
            refused = tried > 0 and _is_there()
            if in_hand or refused or time.monotonic() >= deadline:
                raise
            logger.warning("The database doesn't answer: %s", error)
            connection.close()
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
    raise AssertionError("it ends by itself")


def _is_there() -> bool:
    """Whether it answers, so that waiting for it doesn't help."""
    try:
        connection.ensure_connection()
    except (OperationalError, InterfaceError):
        return False
    return bool(connection.is_usable())


def start(job: Any, backend: str = "") -> bool:
    """Make the row ``started``, unless the project has another job in work.

    :param backend: where its worker will be made
    :returns: whether the job may run; if not, the row is ``pending`` again
    """
    return persistently(lambda: _start(job, backend))


def _start(job: Any, backend: str) -> bool:
    with transaction.atomic():
        row = _locked(job, (PENDING, QUEUED))
        if row is None:
            logger.warning("Job %s is gone or already taken: not started.", job.id)
            return False
        others = row.project.jobs.filter(status__in=ACTIVE).exclude(pk=row.pk)
        if others.exists():
            logger.info("Job %s waits: its project has another job in work.", job.id)
            _set(job, row, status=PENDING, started_at=None)
            return False
        values = {"container_id": f"{TO_BE_MADE}{backend}"} if backend else {}
        _set(job, row, status=STARTED, started_at=timezone.now(), **values)
        return True


def save(job: Any, **values: Any) -> bool:
    """Write these fields, if the row is still there and not final.

    :returns: whether they were written
    """
    return persistently(lambda: _save(job, values))


def _save(job: Any, values: dict[str, Any]) -> bool:
    with transaction.atomic():
        row = _locked(job, ACTIVE)
        if row is None:
            logger.warning(
                "Job %s is gone or was ended by somebody else: %s not written.",
                job.id,
                ", ".join(values),
            )
            return False
        _set(job, row, **values)
        return True


def is_wanted(job: Any) -> bool:
    """Whether the row is still there and in work."""
    return status(job) in ACTIVE


def status(job: Any) -> str | None:
    """The row's status as the database has it; None where it is gone."""
    found = Job.objects.filter(pk=job.pk).values_list("status", flat=True).first()
    return None if found is None else str(found)


def picked() -> Any:
    """Rows that somebody has picked, and not started."""
    return Job.objects.filter(status=QUEUED, started_at__isnull=True)


def workerless(backend: str) -> Any:
    """Rows that were started and whose worker is not known to be made."""
    return Job.objects.filter(status=STARTED, container_id=f"{TO_BE_MADE}{backend}")


def requeue(rows: Any) -> bool:
    """Make such a row ``pending`` again.

    :param rows: what it is to be still, when it is written
    :returns: whether it was
    """
    return bool(
        rows.update(
            status=PENDING, started_at=None, docker_started_at=None, container_id=""
        )
    )


def _locked(job: Any, statuses: tuple[str, ...]) -> Any:
    rows = Job.objects.select_for_update()
    return rows.filter(pk=job.pk, status__in=statuses).first()


def _set(job: Any, row: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
        setattr(job, name, value)
    row.save(update_fields=[*values, "updated_at"])
    job.updated_at = row.updated_at
