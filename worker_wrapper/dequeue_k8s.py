"""A drop-in for QFieldCloud's ``dequeue``, for both backends.

As a management command: copy this file to ``qfieldcloud/core/management/commands/``.
Without copying: ``DJANGO_SETTINGS_MODULE=… python -m worker_wrapper.dequeue_k8s``.
"""

import argparse
import logging
import os
import signal
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

logger = logging.getLogger(__name__)

IDLE_S = 5
SERIALIZATION_FAILURE = "40001"


def pick_job() -> Any:
    """Set the oldest job ``queued`` whose project is free; None where there is none.

    :raises CommandError: the database is a replica
    """
    from django.db import OperationalError, connection, transaction
    from qfieldcloud.core.models import Job, Project

    from worker_wrapper import qfieldcloud, rows

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        if cursor.fetchone()[0]:
            raise CommandError(
                "The database is a replica (pg_is_in_recovery), where jobs can't be "
                "picked. Point POSTGRES_HOST at the primary."
            )
    pending = Job.objects.filter(status=rows.PENDING)
    if qfieldcloud.has_field(Project, "locked_at"):
        pending = pending.filter(project__locked_at__isnull=True)
    busy = Job.objects.filter(status__in=rows.ACTIVE).values("project_id")
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            free = pending.exclude(project_id__in=busy).order_by("created_at")
            job = free.select_for_update(skip_locked=True, of=("self",)).first()
            if job is not None:
                job.status = rows.QUEUED
                job.save(update_fields=["status"])
            return job
    except OperationalError as error:
        cause = error.__cause__  # psycopg 3 and psycopg2 name it differently
        state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
        if state == SERIALIZATION_FAILURE:
            return None  # another replica was faster
        raise


class Command(BaseCommand):
    """Run pending jobs, one after the other, until told to stop."""

    help = "Dequeue QFieldCloud jobs and run them on Docker or Kubernetes."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """QFieldCloud's own option."""
        parser.add_argument(
            "--single-shot", action="store_true", help="Run at most one job, then exit."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Check the settings, then sweep, pick and run until SIGTERM or SIGINT."""
        from django.db import close_old_connections

        from worker_wrapper import backends, factory, limits, sweep
        from worker_wrapper.settings import WorkerSettingsError

        try:
            settings = backends.worker_settings()
        except WorkerSettingsError as error:
            raise CommandError(str(error)) from None
        if wrong := limits.mistakes():  # each job would fail; so they stay pending
            raise CommandError("Correct in constance:\n  " + "\n  ".join(wrong))
        logger.info("Workers run on %s.", settings.backend)
        self._alive = True
        self._hand_over_s = settings.hand_over_s
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while self._alive:
            close_old_connections()
            sweep.cancel_orphaned_workers()
            # the sweep may have taken over a job, and been told to stop meanwhile
            job = pick_job() if self._alive else None
            if job is not None:
                logger.info("Dequeued job %s (%s).", job.id, job.type)
                factory.JobRun(job.id).run()
            if options["single_shot"]:
                break
            if job is None:
                self._idle(sweep.cancel_orphaned_workers)

    def _idle(self, look: Any) -> None:
        for _ in range(IDLE_S):
            if self._alive:
                time.sleep(1)
                look()

    def _stop(self, _number: int, _frame: Any) -> None:
        """Finish the job in hand; leave it to another after the time of the setting."""
        from worker_wrapper import handover, ownership

        self._alive = False
        if self._hand_over_s is not None and ownership.lasts():
            handover.request(self._hand_over_s)


def main() -> None:
    """``python -m worker_wrapper.dequeue_k8s``."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qfieldcloud.settings")
    django.setup()
    Command().run_from_argv(["manage.py", "dequeue_k8s", *sys.argv[1:]])


if __name__ == "__main__":
    main()
