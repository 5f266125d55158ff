import json
import logging
import os
import sys
import tempfile
import traceback
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import docker
import requests
import sentry_sdk
from constance import config
from django.conf import settings
from django.db import transaction
from django.forms.models import model_to_dict
from django.utils import timezone
from docker.models.containers import Container
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
from tenacity import retry, stop_after_attempt, wait_random_exponential

logger = logging.getLogger(__name__)

RETRY_COUNT = 5
TIMEOUT_ERROR_EXIT_CODE = -1
DOCKER_SIGKILL_EXIT_CODE = 137
TMP_DIRECTORY = "/tmp"


class QgisException(Exception):
    pass


class JobRun:
    container_timeout_secs = config.WORKER_TIMEOUT_S
    job_class = Job
    command = []

    def __init__(self, job_id):
        try:
            self.job_id = job_id
            self.job = self.job_class.objects.select_related().get(id=job_id)
            self.shared_tempdir = Path(tempfile.mkdtemp(dir=TMP_DIRECTORY))
        except Exception as err:
            feedback = {"error": str(err), "error_origin": "worker_wrapper"}
            with sentry_sdk.push_scope() as scope:
                scope.set_context("feedback", feedback)
                sentry_sdk.capture_message(
                    "Uncaught exception when constructing a JobRun!"
                )
            if self.job:
                self.job.status = Job.Status.FAILED
                self.job.feedback = feedback
                self.job.save(update_fields=["status", "feedback"])
            raise

    def get_context(self) -> dict[str, Any]:
        context = model_to_dict(self.job)
        for key, value in model_to_dict(self.job.project).items():
            context[f"project__{key}"] = value
        context["project__id"] = self.job.project.id
        return context

    def get_command(self) -> list[str]:
        context = self.get_context()
        return [p % context for p in ["python3", "entrypoint.py", *self.command]]

    def before_docker_run(self) -> None:
        pass

    def after_docker_run(self) -> None:
        pass

    def after_docker_exception(self) -> None:
        pass

    def run(self):
        feedback = {}
        try:
            self.job.status = Job.Status.STARTED
            self.job.started_at = timezone.now()
            self.job.save(update_fields=["status", "started_at"])

            concurrent_jobs_count = (
                self.job.project.jobs.filter(
                    status__in=[Job.Status.QUEUED, Job.Status.STARTED]
                )
                .exclude(pk=self.job.pk)
                .count()
            )
            if concurrent_jobs_count > 0:
                self.job.status = Job.Status.PENDING
                self.job.started_at = None
                self.job.save(update_fields=["status", "started_at"])
                logger.warning("Concurrent jobs occurred for job %s.", self.job.id)
                return

            self.before_docker_run()

            command = self.get_command()
            volumes = [f"{self.shared_tempdir}:/io/:rw"]
            exit_code, output = self._run_docker(command, volumes)

            if exit_code == DOCKER_SIGKILL_EXIT_CODE:
                feedback["error"] = "Docker engine sigkill."
                feedback["error_type"] = "DOCKER_ENGINE_SIGKILL"
                feedback["error_class"] = ""
                feedback["error_origin"] = "container"
                feedback["error_stack"] = ""
                try:
                    self.job.output = output.decode("utf-8")
                    self.job.feedback = feedback
                    self.job.status = Job.Status.FAILED
                    self.job.save(update_fields=["output", "feedback", "status"])
                    logger.info("Set job status to `failed` due to SIGKILL.")
                except Exception as err:
                    logger.error("Failed to update job status: %s", err)
                return
            elif exit_code == TIMEOUT_ERROR_EXIT_CODE:
                feedback["error"] = "Worker timeout error."
                feedback["error_type"] = "TIMEOUT"
                feedback["error_class"] = ""
                feedback["error_origin"] = "container"
                feedback["error_stack"] = ""
            else:
                try:
                    with open(self.shared_tempdir.joinpath("feedback.json")) as f:
                        feedback = json.load(f)
                    if feedback.get("error"):
                        feedback["error_origin"] = "container"
                except Exception as err:
                    if not isinstance(err, FileNotFoundError):
                        sentry_sdk.capture_exception(err)
                    feedback["error"] = str(err)
                    feedback["error_class"] = type(err).__name__
                    feedback["error_origin"] = "worker_wrapper"
                    feedback["error_stack"] = traceback.format_exc()

            feedback["container_exit_code"] = exit_code

            self.job.output = output.decode("utf-8")
            self.job.feedback = feedback
            self.job.save(update_fields=["output", "feedback"])

            if exit_code != 0 or feedback.get("error") is not None:
                self.job.status = Job.Status.FAILED
                self.job.save(update_fields=["status"])
                try:
                    self.after_docker_exception()
                except Exception as err:
                    logger.error(
                        "Failed to run the after_docker_exception handler.",
                        exc_info=err,
                    )
                return

            self.job.project.refresh_from_db()
            self.after_docker_run()

            self.job.finished_at = timezone.now()
            self.job.status = Job.Status.FINISHED
            self.job.save(update_fields=["status", "finished_at"])
        except Exception as err:
            (_type, _value, tb) = sys.exc_info()
            feedback["error"] = str(err)
            feedback["error_origin"] = "worker_wrapper"
            feedback["error_stack"] = "".join(traceback.format_tb(tb))
            if isinstance(err, requests.exceptions.ReadTimeout):
                feedback["error_timeout"] = True
            logger.error("Failed job run:\n%s", err, exc_info=True)
            try:
                self.job.status = Job.Status.FAILED
                self.job.feedback = feedback
                self.job.finished_at = timezone.now()
                try:
                    self.after_docker_exception()
                except Exception as err:
                    logger.error(
                        "Failed to run the after_docker_exception handler.",
                        exc_info=err,
                    )
                self.job.save(update_fields=["status", "feedback", "finished_at"])
            except Exception as err:
                logger.error(
                    "Failed to handle exception and update the job status", exc_info=err
                )

    def _run_docker(self, command, volumes):
        client = docker.from_env()
        self.job.refresh_from_db()

        token = AuthToken.objects.create(
            user=self.job.created_by,
            client_type=AuthToken.ClientType.WORKER,
            expires_at=timezone.now() + timedelta(seconds=self.container_timeout_secs),
        )

        pgservice_file_contents = ""
        for secret in self.job.project.secrets.filter(type=Secret.Type.PGSERVICE):
            pgservice_file_contents += f"\n{secret.value}"

        volumes.append(
            f"{settings.QFIELDCLOUD_TRANSFORMATION_GRIDS_VOLUME_NAME}:/transformation_grids:ro"
        )

        logger.info("Execute: %s", " ".join(command))

        container = client.containers.run(
            settings.QFIELDCLOUD_QGIS_IMAGE_NAME,
            environment={
                "PGSERVICE_FILE_CONTENTS": pgservice_file_contents.strip("\n"),
                "QFIELDCLOUD_EXTRA_ENVVARS": json.dumps([]),
                "QFIELDCLOUD_TOKEN": token.key,
                "QFIELDCLOUD_URL": settings.QFIELDCLOUD_WORKER_QFIELDCLOUD_URL,
                "JOB_ID": self.job_id,
                "PROJ_DOWNLOAD_DIR": "/transformation_grids",
                "QT_QPA_PLATFORM": "offscreen",
            },
            command=command,
            volumes=volumes,
            network=settings.QFIELDCLOUD_DEFAULT_NETWORK,
            detach=True,
            mem_limit=config.WORKER_QGIS_MEMORY_LIMIT,
            cpu_shares=config.WORKER_QGIS_CPU_SHARES,
            labels={
                "app": f"{settings.ENVIRONMENT}_worker",
                "type": self.job.type,
                "job_id": str(self.job.id),
                "project_id": str(self.job.project_id),
            },
        )

        self.job.container_id = container.id
        self.job.docker_started_at = timezone.now()
        self.job.save(update_fields=["container_id", "docker_started_at"])
        logger.info("Starting worker %s ...", container.id)

        response = {"StatusCode": TIMEOUT_ERROR_EXIT_CODE}
        try:
            response = container.wait(timeout=self.container_timeout_secs)
        except requests.exceptions.ConnectionError:
            logger.exception("Timeout error.")

        # The job may be gone: who deletes a project deletes its jobs.
        if response["StatusCode"] == DOCKER_SIGKILL_EXIT_CODE:
            return DOCKER_SIGKILL_EXIT_CODE, b"[QFC/Worker/1001] Container killed."

        logs = b""
        try:
            logs = container.logs()
        except requests.exceptions.ConnectionError:
            logs = b"[QFC/Worker/1001] Failed to read logs."

        if response["StatusCode"] == TIMEOUT_ERROR_EXIT_CODE:
            logs += f"\nTimeout error! The job failed to finish within {self.container_timeout_secs} seconds!\n".encode()

        self.job.docker_finished_at = timezone.now()
        self.job.save(update_fields=["docker_finished_at"])
        self._remove(container)
        return response["StatusCode"], logs

    @retry(
        wait=wait_random_exponential(max=10),
        stop=stop_after_attempt(RETRY_COUNT),
        reraise=True,
    )
    def _remove(self, container: Container):
        container.stop()
        container.remove()


class PackageJobRun(JobRun):
    job_class = PackageJob
    command = [
        "package",
        "%(project__id)s",
        "%(project__project_filename)s",
        "%(project__packaging_offliner)s",
    ]
    data_last_packaged_at = None

    def before_docker_run(self) -> None:
        self.data_last_packaged_at = timezone.now()

    def after_docker_run(self) -> None:
        self.job.project.data_last_packaged_at = self.data_last_packaged_at
        self.job.project.last_package_job = self.job
        self.job.project.save(
            update_fields=("data_last_packaged_at", "last_package_job")
        )
        try:
            project_id = str(self.job.project.id)
            package_ids = storage.get_stored_package_ids(project_id)
            job_ids = [
                str(job["id"])
                for job in Job.objects.filter(
                    type=Job.Type.PACKAGE, project_id=project_id
                )
                .exclude(status__in=(Job.Status.FAILED, Job.Status.FINISHED))
                .values("id")
            ]
            for package_id in package_ids:
                if package_id == str(self.job.project.last_package_job_id):
                    continue
                if package_id in job_ids:
                    continue
                storage.delete_stored_package(project_id, package_id)
        except Exception as err:
            logger.error("Failed to delete dangling packages", exc_info=err)


class DeltaApplyJobRun(JobRun):
    job_class = ApplyJob
    command = ["delta_apply", "%(project__id)s", "%(project__project_filename)s"]

    def __init__(self, job_id):
        super().__init__(job_id)
        if self.job.overwrite_conflicts:
            self.command = [*self.command, "--overwrite-conflicts"]

    def _prepare_deltas(self, deltas):
        delta_contents = [delta.content for delta in deltas]
        delta_client_ids = [content["clientId"] for content in delta_contents]
        local_pk_deltas = Delta.objects.filter(
            content__clientId__in=delta_client_ids, last_modified_pk__isnull=False
        ).values("content__clientId", "content__localPk", "last_modified_pk")
        client_pks_map = {
            f"{d['content__clientId']}__{d['content__localPk']}": d["last_modified_pk"]
            for d in local_pk_deltas
        }
        return {
            "deltas": delta_contents,
            "files": [],
            "id": str(uuid.uuid4()),
            "project": str(self.job.project.id),
            "version": "1.0",
            "clientPks": client_pks_map,
        }

    @transaction.atomic()
    def before_docker_run(self) -> None:
        deltas = self.job.deltas_to_apply.all()
        self.delta_ids = [d.id for d in deltas]
        deltafile_contents = self._prepare_deltas(deltas)
        ApplyJobDelta.objects.filter(
            apply_job_id=self.job_id, delta_id__in=self.delta_ids
        ).update(status=Delta.Status.STARTED)
        self.job.deltas_to_apply.update(last_status=Delta.Status.STARTED)
        with open(self.shared_tempdir.joinpath("deltafile.json"), "w") as f:
            json.dump(deltafile_contents, f)

    def after_docker_run(self) -> None:
        delta_feedback = self.job.feedback["outputs"]["apply_deltas"]["delta_feedback"]
        is_data_modified = False
        for feedback in delta_feedback:
            delta_id = feedback["delta_id"]
            status = feedback["status"]
            modified_pk = feedback["modified_pk"]
            if status == "status_applied":
                status = Delta.Status.APPLIED
                is_data_modified = True
            elif status == "status_conflict":
                status = Delta.Status.CONFLICT
            elif status == "status_apply_failed":
                status = Delta.Status.NOT_APPLIED
            else:
                status = Delta.Status.ERROR
            Delta.objects.filter(pk=delta_id).update(
                last_status=status,
                last_feedback=feedback,
                last_modified_pk=modified_pk,
                last_apply_attempt_at=self.job.started_at,
                last_apply_attempt_by=self.job.created_by,
            )
            ApplyJobDelta.objects.filter(
                apply_job_id=self.job_id, delta_id=delta_id
            ).update(status=status, feedback=feedback, modified_pk=modified_pk)
        if is_data_modified:
            self.job.project.data_last_updated_at = timezone.now()
            self.job.project.save(update_fields=("data_last_updated_at",))

    def after_docker_exception(self) -> None:
        Delta.objects.filter(id__in=self.delta_ids).update(
            last_status=Delta.Status.ERROR,
            last_feedback=None,
            last_modified_pk=None,
            last_apply_attempt_at=self.job.started_at,
            last_apply_attempt_by=self.job.created_by,
        )
        ApplyJobDelta.objects.filter(
            apply_job_id=self.job_id, delta_id__in=self.delta_ids
        ).update(status=Delta.Status.ERROR, feedback=None, modified_pk=None)


class ProcessProjectfileJobRun(JobRun):
    job_class = ProcessProjectfileJob
    command = [
        "process_projectfile",
        "%(project__id)s",
        "%(project__project_filename)s",
    ]

    def get_context(self, *args) -> dict[str, Any]:
        context = super().get_context(*args)
        if not context.get("project__project_filename"):
            context["project__project_filename"] = get_qgis_project_file(
                context["project__id"]
            )
        return context

    def after_docker_run(self) -> None:
        project = self.job.project
        project.project_details = self.job.feedback["outputs"]["project_details"][
            "project_details"
        ]
        thumbnail_filename = self.shared_tempdir.joinpath("thumbnail.png")
        with open(thumbnail_filename, "rb") as f:
            thumbnail_uri = storage.upload_project_thumbail(
                project, f, "image/png", "thumbnail"
            )
        project.thumbnail_uri = thumbnail_uri
        project.save(update_fields=("project_details", "thumbnail_uri"))
        storage.purge_previous_thumbnails_versions(project)

    def after_docker_exception(self) -> None:
        project = self.job.project
        if project.project_details is not None:
            project.project_details = None
            project.save(update_fields=("project_details",))


def cancel_orphaned_workers():
    client: docker.DockerClient = docker.from_env()
    running_workers: list[Container] = client.containers.list(
        filters={"label": f"app={settings.ENVIRONMENT}_worker"}
    )
    if len(running_workers) == 0:
        return
    worker_ids = [c.id for c in running_workers]
    worker_with_job_ids = Job.objects.filter(container_id__in=worker_ids).values_list(
        "container_id", flat=True
    )
    worker_without_job_ids = set(worker_ids) - set(worker_with_job_ids)
    for worker_id in worker_without_job_ids:
        container = client.containers.get(worker_id)
        container.kill()
        container.remove()
        logger.info("Cancel orphaned worker %s", worker_id)
