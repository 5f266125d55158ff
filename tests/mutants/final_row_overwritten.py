"""Writes to the row whatever has become of it meanwhile."""

from typing import Any

from qfieldcloud.core.models import Job

from worker_wrapper import rows
from worker_wrapper.wrapper import *  # noqa: F403


def save(job: Any, **values: Any) -> bool:
    """As `job.save()` does."""
    for name, value in values.items():
        setattr(job, name, value)
    Job.objects.filter(pk=job.pk).update(**values)
    return True


rows.save = save
