"""Worker wrapper, 2026: create_project, secrets of users, packages by module."""

import json
import logging
import shutil
import tempfile
import traceback
import uuid
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import docker
import requests
import sentry_sdk
from constance import config
from django.conf import settings
from django.core.files.base import ContentFile
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
    QgisProject,
    Secret,
)
from qfieldcloud.core.utils2.packages import delete_obsolete_packages

logger = logging.getLogger(__name__)

SIGKILL_EXIT_CODE = 137
TIMEOUT_EXIT_CODE = -1


class JobRun:
    job_class: type[Job] = Job
    command: list[str] = []

    def __init__(self, job_id: UUID | str) -> None:
        self.job_id = str(job_id)
        self.job = self.job_class.objects.select_related("project").get(id=job_id)
        self.shared_tempdir = Path(tempfile.mkdtemp(dir="/tmp"))
        self.container_timeout_secs = config.WORKER_TIMEOUT_S

    def get_context(self) -> dict:
        context = model_to_dict(self.job)
        project = self.job.project
        for name, value in model_to_dict(project).items():
            context[f"project__{name}"] = value
        context["project__id"] = project.id
        return context

    def get_command(self) -> list[str]:
        if settings.DEBUG and settings.DEBUG_QGIS_DEBUGPY_PORT:
            start = f"python3 -m debugpy --listen 0.0.0.0:{settings.DEBUG_QGIS_DEBUGPY_PORT} --wait-for-client entrypoint.py"
        else:
            start = "python3 entrypoint.py"
        context = self.get_context()
        return [*start.split(), *(part % context for part in self.command)]

    def before_docker_run(self) -> None: ...

    def after_docker_run(self) -> None: ...

    def after_docker_exception(self) -> None: ...

    def run(self) -> None:
        feedback: dict = {}
        try:
            busy = self.job.project.jobs.filter(status__in=["queued", "started"])
            if busy.exclude(pk=self.job.pk).exists():
                self.job.status = Job.Status.PENDING
                self.job.save(update_fields=["status"])
                return
            self.job.status = Job.Status.STARTED
            self.job.started_at = timezone.now()
            self.job.save(update_fields=["status", "started_at"])

            self.before_docker_run()
            exit_code, output = self._run_docker()

            if exit_code == SIGKILL_EXIT_CODE:
                feedback = {
                    "error": "Docker engine sigkill.",
                    "error_type": "DOCKER_ENGINE_SIGKILL",
                    "error_origin": "container",
                }
                if not Job.objects.filter(pk=self.job.pk).exists():
                    logger.info("Job %s was deleted meanwhile.", self.job_id)
                    return
            elif exit_code == TIMEOUT_EXIT_CODE:
                feedback = {
                    "error": "Worker timeout error.",
                    "error_type": "TIMEOUT",
                    "error_origin": "container",
                }
            else:
                try:
                    feedback = json.loads(
                        (self.shared_tempdir / "feedback.json").read_text()
                    )
                    if "error" in feedback:
                        feedback["error_origin"] = "container"
                except Exception as err:
                    feedback = {
                        "error": str(err),
                        "error_origin": "worker_wrapper",
                        "error_stack": traceback.format_exc(),
                    }
            feedback["container_exit_code"] = exit_code
            self.job.output = output
            self.job.feedback = feedback
            self.job.save(update_fields=["output", "feedback"])

            if exit_code != 0 or "error" in feedback:
                self.job.status = Job.Status.FAILED
                self.job.finished_at = timezone.now()
                self.job.save(update_fields=["status", "finished_at"])
                self.after_docker_exception()
                return

            self.job.project.refresh_from_db()
            self.after_docker_run()
            shutil.rmtree(self.shared_tempdir)
            self.job.finished_at = timezone.now()
            self.job.status = Job.Status.FINISHED
            self.job.save(update_fields=["status", "finished_at"])
        except Exception as err:
            sentry_sdk.capture_exception(err)
            logger.exception("Job %s failed", self.job_id)
            self.job.status = Job.Status.FAILED
            self.job.feedback = {
                **feedback,
                "error": str(err),
                "error_origin": "worker_wrapper",
                "error_stack": traceback.format_exc(),
            }
            self.job.finished_at = timezone.now()
            self.after_docker_exception()
            self.job.save(update_fields=["status", "feedback", "finished_at"])

    def get_environment(self) -> dict[str, str]:
        token = AuthToken.objects.create(
            user=self.job.created_by,
            client_type=AuthToken.ClientType.WORKER,
            expires_at=timezone.now() + timedelta(seconds=self.container_timeout_secs),
        )
        pgservices, extra = [], {}
        for secret in Secret.objects.for_user_and_project(
            self.job.triggered_by, self.job.project
        ):
            if secret.type == Secret.Type.PGSERVICE:
                pgservices.append(secret.value)
            else:
                extra[secret.name] = secret.value
        return {
            **extra,
            "PGSERVICE_FILE_CONTENTS": "\n".join(pgservices),
            "QFIELDCLOUD_EXTRA_ENVVARS": json.dumps(sorted(extra)),
            "QFIELDCLOUD_TOKEN": token.key,
            "QFIELDCLOUD_URL": settings.QFIELDCLOUD_WORKER_QFIELDCLOUD_URL,
            "JOB_ID": self.job_id,
            "PROJ_DOWNLOAD_DIR": "/transformation_grids",
            "QT_QPA_PLATFORM": "offscreen",
        }

    def _run_docker(self) -> tuple[int, str]:
        client = docker.from_env()
        grids = settings.QFIELDCLOUD_TRANSFORMATION_GRIDS_VOLUME_NAME
        self.job.docker_started_at = timezone.now()
        container = client.containers.run(
            settings.QFIELDCLOUD_QGIS_IMAGE_NAME,
            command=self.get_command(),
            environment=self.get_environment(),
            volumes=[
                f"{self.shared_tempdir}:/io/:rw",
                f"{grids}:/transformation_grids:ro",
            ],
            network=settings.QFIELDCLOUD_DEFAULT_NETWORK,
            mem_limit=config.WORKER_QGIS_MEMORY_LIMIT,
            cpu_shares=config.WORKER_QGIS_CPU_SHARES,
            labels={
                "app": f"{settings.ENVIRONMENT}_worker",
                "type": self.job.type,
                "job_id": self.job_id,
                "project_id": str(self.job.project_id),
            },
            detach=True,
        )
        self.job.container_id = container.id
        self.job.save(update_fields=["container_id", "docker_started_at"])
        try:
            exit_code = container.wait(timeout=self.container_timeout_secs)[
                "StatusCode"
            ]
        except requests.exceptions.RequestException:
            exit_code = TIMEOUT_EXIT_CODE
        try:
            output = container.logs().decode("utf-8")
        except Exception:
            output = "[QFC/Worker/1001] Failed to read logs."
        if exit_code == TIMEOUT_EXIT_CODE:
            output += f"\nTimeout after {self.container_timeout_secs} seconds\n"
        self.job.docker_finished_at = timezone.now()
        self.job.save(update_fields=["docker_finished_at"])
        container.remove(force=True)
        return exit_code, output


class PackageJobRun(JobRun):
    job_class = PackageJob
    command = [
        "package",
        "%(project__id)s",
        "%(project__the_qgis_file_name)s",
        "%(project__packaging_offliner)s",
    ]

    def before_docker_run(self) -> None:
        self.began_at = timezone.now()

    def after_docker_run(self) -> None:
        project = self.job.project
        project.data_last_packaged_at = self.began_at
        project.last_package_job = self.job
        project.save(update_fields=("data_last_packaged_at", "last_package_job"))
        delete_obsolete_packages(projects=[project])


class ApplyDeltaJobRun(JobRun):
    job_class = ApplyJob
    command = ["apply_deltas", "%(project__id)s", "%(project__the_qgis_file_name)s"]
    outcomes = {
        "status_applied": Delta.Status.APPLIED,
        "status_conflict": Delta.Status.CONFLICT,
        "status_apply_failed": Delta.Status.NOT_APPLIED,
    }

    def get_command(self) -> list[str]:
        overwrite = ["--overwrite-conflicts"] if self.job.overwrite_conflicts else []
        return [*super().get_command(), *overwrite]

    @transaction.atomic()
    def before_docker_run(self) -> None:
        deltas = list(self.job.deltas_to_apply.all())
        clients = {delta.content["clientId"] for delta in deltas}
        pks = {}
        for delta in Delta.objects.filter(
            content__clientId__in=clients, last_modified_pk__isnull=False
        ):
            c = delta.content
            pks[f"{c['clientId']}__{c['localLayerId']}__{c['localPk']}"] = (
                delta.last_modified_pk
            )
        self.job.deltas_to_apply.update(last_status=Delta.Status.STARTED)
        self.links.update(status=Delta.Status.STARTED)
        (self.shared_tempdir / "deltafile.json").write_text(
            json.dumps(
                {
                    "deltas": [delta.content for delta in deltas],
                    "files": [],
                    "id": str(uuid.uuid4()),
                    "project": str(self.job.project_id),
                    "version": "1.0",
                    "clientPks": pks,
                }
            )
        )

    @property
    def links(self):
        return ApplyJobDelta.objects.filter(apply_job_id=self.job_id)

    def _store(self, deltas, links, status, feedback, pk) -> None:
        deltas.update(
            last_status=status,
            last_feedback=feedback,
            last_modified_pk=pk,
            last_apply_attempt_at=self.job.started_at,
            last_apply_attempt_by=self.job.created_by,
        )
        links.update(status=status, feedback=feedback, modified_pk=pk)

    def after_docker_run(self) -> None:
        changed = False
        for one in self.job.feedback["outputs"]["apply_deltas"]["delta_feedback"]:
            status = self.outcomes.get(one["status"], Delta.Status.ERROR)
            changed = changed or status == Delta.Status.APPLIED
            self._store(
                Delta.objects.filter(pk=one["delta_id"]),
                self.links.filter(delta_id=one["delta_id"]),
                status,
                one,
                one["modified_pk"],
            )
        if changed:
            self.job.project.data_last_updated_at = timezone.now()
            self.job.project.save(update_fields=("data_last_updated_at",))

    def after_docker_exception(self) -> None:
        self._store(
            self.job.deltas_to_apply, self.links, Delta.Status.ERROR, None, None
        )


class ProcessProjectfileJobRun(JobRun):
    job_class = ProcessProjectfileJob
    command = [
        "process_projectfile",
        "%(project__id)s",
        "%(project__the_qgis_file_name)s",
    ]

    def after_docker_run(self) -> None:
        project = QgisProject.objects.get(pk=self.job.project_id)
        outputs = self.job.feedback["outputs"]
        project.project_details = outputs["project_details"]["project_details"]
        thumbnail = self.shared_tempdir / "thumbnail.png"
        if thumbnail.exists():
            project.thumbnail = ContentFile(
                thumbnail.read_bytes(), "dummy_thumbnail_name.png"
            )
        project.save(update_fields=("project_details", "thumbnail"))

    def after_docker_exception(self) -> None:
        self.job.project.project_details = None
        self.job.project.save(update_fields=("project_details",))


class CreateProjectJobRun(JobRun):
    command = ["create_project", "%(project__id)s"]


def cancel_orphaned_workers() -> None:
    client = docker.from_env()
    label = f"app={settings.ENVIRONMENT}_worker"
    for container in client.containers.list(filters={"label": label}):
        if not Job.objects.filter(container_id=container.id).exists():
            logger.info("Cancel orphaned worker %s", container.id)
            container.kill()
            container.remove()
