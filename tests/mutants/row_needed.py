"""Reads the job's row when it is made, and raises where there is none."""

from typing import Any
from uuid import UUID

from worker_wrapper import job_run
from worker_wrapper.wrapper import *  # noqa: F403

_init = job_run.JobRun.__init__


def _raising(self: Any, job_id: str | UUID) -> None:
    self.job_class.objects.get(id=job_id)
    _init(self, job_id)


job_run.JobRun.__init__ = _raising
