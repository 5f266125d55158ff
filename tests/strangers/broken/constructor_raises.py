"""Reads a setting that only its author's QFieldCloud has."""

from django.conf import settings
from qfieldcloud.core.models import Job


class PackageJobRun:
    def __init__(self, job_id):
        self.job = Job.objects.get(id=job_id)
        self.registry = settings.ACME_REGISTRY

    def run(self): ...


def cancel_orphaned_workers(): ...
