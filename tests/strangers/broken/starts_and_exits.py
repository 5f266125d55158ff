"""Starts the worker and leaves the rest to a second program that is not there."""

import os

import docker
from django.conf import settings
from qfieldcloud.core.models import Job


class PackageJobRun:
    def __init__(self, job_id):
        self.job = Job.objects.get(id=job_id)

    def run(self):
        docker.from_env().containers.run(
            settings.QFIELDCLOUD_QGIS_IMAGE_NAME,
            ["python3", "entrypoint.py", "package", str(self.job.project_id)],
            environment={
                "JOB_ID": str(self.job.id),
                "QFIELDCLOUD_URL": settings.QFIELDCLOUD_WORKER_QFIELDCLOUD_URL,
            },
            network=settings.QFIELDCLOUD_DEFAULT_NETWORK,
            detach=True,
        )
        os._exit(0)


def cancel_orphaned_workers(): ...
