# ruff: noqa: D101, D102 (a stranger's module has no docstrings)
"""A wrapper by the contract of 2024, with a container that only leaves its results.

It uses each Django name and each way of querying that wrappers of that year use.
"""

import json
import tempfile
import uuid
from datetime import timedelta
from pathlib import Path

from constance import config
from django.conf import settings
from django.db import transaction
from django.forms.models import model_to_dict
from django.utils import timezone
from qfieldcloud.authentication.models import AuthToken
from qfieldcloud.core.models import (
    ApplyJob,
    ApplyJobDelta,
    Delta,
    Job,
    PackageJob,
    ProcessProjectfileJob,
    Secret,
)
from qfieldcloud.core.utils import get_qgis_project_file
from qfieldcloud.core.utils2 import storage

FEEDBACK = Path(settings.QFIELDCLOUD_TEST_FEEDBACK)


class JobRun:
    container_timeout_secs = config.WORKER_TIMEOUT_S
    job_class = Job
    command = []

    def __init__(self, job_id):
        self.job_id = job_id
        self.job = self.job_class.objects.select_related().get(id=job_id)
        self.shared_tempdir = Path(tempfile.mkdtemp(dir=FEEDBACK.parent))

    def get_context(self):
        context = model_to_dict(self.job)
        for key, value in model_to_dict(self.job.project).items():
            context[f"project__{key}"] = value
        context["project__id"] = self.job.project.id
        return context

    def get_command(self):
        context = self.get_context()
        return ["python3", "entrypoint.py", *[word % context for word in self.command]]

    def before_docker_run(self): ...

    def after_docker_run(self): ...

    def after_docker_exception(self): ...

    def run(self):
        others = self.job.project.jobs.filter(
            status__in=[Job.Status.QUEUED, Job.Status.STARTED]
        )
        if others.exclude(pk=self.job.pk).count() > 0:
            self.job.status = Job.Status.PENDING
            self.job.save(update_fields=["status"])
            return
        self.job.status = Job.Status.STARTED
        self.job.started_at = timezone.now()
        self.job.save(update_fields=["status", "started_at"])
        try:
            self.before_docker_run()
            self.job.output = " ".join(self.get_command())
            self.job.feedback = self.container(self.environment())
            self.job.save(update_fields=["output", "feedback"])
            if "error" in self.job.feedback:
                raise RuntimeError(self.job.feedback["error"])
            self.job.project.refresh_from_db()
            self.after_docker_run()
            self.job.status = Job.Status.FINISHED
        except Exception as error:
            self.job.feedback = {"error": str(error), "error_origin": "worker_wrapper"}
            self.job.status = Job.Status.FAILED
            self.after_docker_exception()
        self.job.finished_at = timezone.now()
        self.job.save()

    def environment(self):
        token = AuthToken.objects.create(
            user=self.job.created_by,
            client_type=AuthToken.ClientType.WORKER,
            expires_at=timezone.now() + timedelta(seconds=self.container_timeout_secs),
        )
        secrets = {
            secret.name: secret.value
            for secret in self.job.project.secrets.all()
            if secret.type == Secret.Type.ENVVAR
        }
        return {"QFIELDCLOUD_TOKEN": token.key, **secrets}

    def container(self, environment):
        self.job.docker_started_at = timezone.now()
        self.job.container_id = uuid.uuid4().hex * 2
        (self.shared_tempdir / "thumbnail.png").write_bytes(b"PNG")
        (FEEDBACK.parent / "environment.json").write_text(json.dumps(environment))
        self.job.docker_finished_at = timezone.now()
        self.job.save()
        return json.loads(FEEDBACK.read_text())


class PackageJobRun(JobRun):
    job_class = PackageJob
    command = [
        "package",
        "%(project__id)s",
        "%(project__project_filename)s",
        "%(project__packaging_offliner)s",
    ]

    def after_docker_run(self):
        self.job.project.data_last_packaged_at = self.job.started_at
        self.job.project.last_package_job = self.job
        self.job.project.save(
            update_fields=("data_last_packaged_at", "last_package_job")
        )
        project_id = str(self.job.project.id)
        for package_id in storage.get_stored_package_ids(project_id):
            if package_id != str(self.job.project.last_package_job_id):
                storage.delete_stored_package(project_id, package_id)


class DeltaApplyJobRun(JobRun):
    job_class = ApplyJob
    command = ["delta_apply", "%(project__id)s", "%(project__project_filename)s"]
    statuses = {
        "status_applied": Delta.Status.APPLIED,
        "status_conflict": Delta.Status.CONFLICT,
        "status_apply_failed": Delta.Status.NOT_APPLIED,
    }

    @transaction.atomic()
    def before_docker_run(self):
        deltas = self.job.deltas_to_apply.all()
        self.delta_ids = [delta.id for delta in deltas]
        clients = [delta.content["clientId"] for delta in deltas]
        known = Delta.objects.filter(
            content__clientId__in=clients, last_modified_pk__isnull=False
        ).values("content__clientId", "content__localPk", "last_modified_pk")
        pks = {
            f"{row['content__clientId']}__{row['content__localPk']}": row[
                "last_modified_pk"
            ]
            for row in known
        }
        ApplyJobDelta.objects.filter(
            apply_job_id=self.job_id, delta_id__in=self.delta_ids
        ).update(status=Delta.Status.STARTED)
        self.job.deltas_to_apply.update(last_status=Delta.Status.STARTED)
        deltafile = {
            "deltas": [delta.content for delta in deltas],
            "files": [],
            "id": str(uuid.uuid4()),
            "project": str(self.job.project.id),
            "version": "1.0",
            "clientPks": pks,
        }
        path = FEEDBACK.parent / "deltafile.json"
        path.write_text(json.dumps(deltafile))

    def after_docker_run(self):
        for one in self.job.feedback["outputs"]["apply_deltas"]["delta_feedback"]:
            status = self.statuses.get(one["status"], Delta.Status.ERROR)
            Delta.objects.filter(pk=one["delta_id"]).update(
                last_status=status,
                last_feedback=one,
                last_modified_pk=one["modified_pk"],
                last_apply_attempt_at=self.job.started_at,
                last_apply_attempt_by=self.job.created_by,
            )
            ApplyJobDelta.objects.filter(
                apply_job_id=self.job_id, delta_id=one["delta_id"]
            ).update(status=status, feedback=one, modified_pk=one["modified_pk"])

    def after_docker_exception(self):
        Delta.objects.filter(id__in=self.delta_ids).update(
            last_status=Delta.Status.ERROR, last_feedback=None
        )


class ProcessProjectfileJobRun(JobRun):
    job_class = ProcessProjectfileJob
    command = [
        "process_projectfile",
        "%(project__id)s",
        "%(project__project_filename)s",
    ]

    def get_context(self, *args):
        context = super().get_context(*args)
        if not context.get("project__project_filename"):
            found = get_qgis_project_file(context["project__id"])
            context["project__project_filename"] = found
        return context

    def after_docker_run(self):
        project = self.job.project
        details = self.job.feedback["outputs"]["project_details"]
        project.project_details = details["project_details"]
        with (self.shared_tempdir / "thumbnail.png").open("rb") as file:
            uri = storage.upload_project_thumbail(
                project, file, "image/png", "thumbnail"
            )
        project.thumbnail_uri = project.thumbnail_uri or uri
        project.save(update_fields=("project_details", "thumbnail_uri"))
        storage.purge_previous_thumbnails_versions(project)

    def after_docker_exception(self):
        self.job.project.project_details = None
        self.job.project.save(update_fields=("project_details",))


def cancel_orphaned_workers():
    Job.objects.filter(container_id__in=["x"]).values_list("container_id", flat=True)
