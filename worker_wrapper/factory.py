"""One name for every job: ``JobRun(job_id).run()``, whatever its type and backend."""

from typing import Any
from uuid import UUID

from qfieldcloud.core.models import Job

from . import job_run
from .job_types import BY_TYPE
from .sweep import cancel_orphaned_workers

__all__ = ["JobRun", "cancel_orphaned_workers"]


class JobRun(job_run.JobRun):
    """Makes the object that runs this job: an instance of its type's class."""

    def __new__(cls, job_id: str | UUID) -> Any:
        """Look the type up; a job whose row is gone gets a run that does nothing."""
        types = Job.objects.filter(id=job_id).values_list("type", flat=True)
        job_type = types.first()
        if job_type is None:
            return super().__new__(cls)
        try:
            return BY_TYPE[str(job_type)](job_id)
        except KeyError:
            known = ", ".join(BY_TYPE)
            raise ValueError(
                f"Job {job_id} is of type {job_type!r}, which this wrapper can't run; "
                f"it knows {known}."
            ) from None
