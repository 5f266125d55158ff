"""Needs a module that QFieldCloud removed."""

from qfieldcloud.core.utils2.jobs import repackage  # noqa: F401
from qfieldcloud.core.models import Job


class PackageJobRun:
    def __init__(self, job_id):
        self.job = Job.objects.get(id=job_id)

    def run(self): ...


def cancel_orphaned_workers(): ...
