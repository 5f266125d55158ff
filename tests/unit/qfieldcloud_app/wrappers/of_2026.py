# ruff: noqa: D101, D102 (a stranger's module has no docstrings)
"""What wrappers of 2026 do otherwise: new names of columns, classes and modules."""

from django.core.files.base import ContentFile
from qfieldcloud.core.models import ApplyJob, QgisProject, Secret
from qfieldcloud.core.utils2.packages import delete_obsolete_packages

from . import of_2024
from .of_2024 import JobRun, cancel_orphaned_workers

__all__ = [
    "ApplyDeltaJobRun",
    "CreateProjectJobRun",
    "JobRun",
    "PackageJobRun",
    "ProcessProjectfileJobRun",
    "cancel_orphaned_workers",
]


class _Newer(JobRun):
    def environment(self):
        secrets = Secret.objects.for_user_and_project(
            self.job.triggered_by, self.job.project
        )
        token = super().environment()["QFIELDCLOUD_TOKEN"]
        return {"QFIELDCLOUD_TOKEN": token, **{s.name: s.value for s in secrets}}


class PackageJobRun(_Newer, of_2024.PackageJobRun):
    command = [
        "package",
        "%(project__id)s",
        "%(project__the_qgis_file_name)s",
        "%(project__packaging_offliner)s",
    ]

    def after_docker_run(self):
        self.job.project.last_package_job = self.job
        self.job.project.data_last_packaged_at = self.job.started_at
        self.job.project.save(
            update_fields=("data_last_packaged_at", "last_package_job")
        )
        delete_obsolete_packages(projects=[self.job.project])


class ApplyDeltaJobRun(_Newer, of_2024.DeltaApplyJobRun):
    job_class = ApplyJob
    command = ["apply_deltas", "%(project__id)s", "%(project__the_qgis_file_name)s"]


class ProcessProjectfileJobRun(_Newer, of_2024.ProcessProjectfileJobRun):
    command = [
        "process_projectfile",
        "%(project__id)s",
        "%(project__the_qgis_file_name)s",
    ]

    def after_docker_run(self):
        project = QgisProject.objects.get(pk=self.job.project_id)
        details = self.job.feedback["outputs"]["project_details"]
        project.project_details = details["project_details"]
        content = (self.shared_tempdir / "thumbnail.png").read_bytes()
        project.thumbnail = ContentFile(content, "dummy_thumbnail_name.png")
        project.save(update_fields=("project_details", "thumbnail"))


class CreateProjectJobRun(_Newer):
    command = ["create_project", "%(project__id)s"]
