"""QFieldCloud's job types: the worker's arguments, what is done before and after."""

import logging
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from . import backends, left_files, qfieldcloud
from .job_run import JobRun

logger = logging.getLogger(__name__)

LARGEST_THUMBNAIL = 16 * 1024**2
_DELTA_STATUS = {
    "status_applied": "applied",
    "status_conflict": "conflict",
    "status_apply_failed": "not_applied",
}


class PackageJobRun(JobRun):
    """Packages a project for the field."""

    job_class = qfieldcloud.job_class("PackageJob")
    command = [
        "package",
        "%(project__id)s",
        "%(project__project_filename)s",
        "%(project__packaging_offliner)s",
    ]

    def after_docker_run(self) -> None:
        """The package becomes the project's latest."""
        qfieldcloud.packaged(self.job, self.job.docker_started_at)


class ProcessProjectfileJobRun(JobRun):
    """Reads a QGIS project file: validity, details, thumbnail."""

    job_class = qfieldcloud.job_class("ProcessProjectfileJob")
    command = [
        "process_projectfile",
        "%(project__id)s",
        "%(project__project_filename)s",
    ]

    def after_docker_run(self) -> None:
        """Store the details and the thumbnail."""
        outputs = self.job.feedback["outputs"]
        details = outputs["project_details"]["project_details"]
        qfieldcloud.set_details(self.job.project, details)
        assert self.shared_tempdir is not None
        try:
            picture = left_files.read(
                self.shared_tempdir / "thumbnail.png", LARGEST_THUMBNAIL
            )
        except FileNotFoundError:
            return  # a project that can't be drawn is none the worse for it
        except (OSError, left_files.TooLarge) as error:
            logger.warning("Job %s: no thumbnail: %s", self.job_id, error)
            return
        qfieldcloud.set_thumbnail(self.job.project, picture)

    def after_docker_exception(self) -> None:
        """Details of a file that can't be read any more would mislead."""
        qfieldcloud.set_details(self.job.project, None)


class CreateProjectJobRun(JobRun):
    """Makes a project from its seed."""

    job_class = qfieldcloud.job_class("Job")
    command = ["create_project", "%(project__id)s"]


class ApplyDeltaJobRun(JobRun):
    """Applies changes that were made in the field."""

    job_class = qfieldcloud.job_class("ApplyJob")

    @property
    def command(self) -> list[str]:  # type: ignore[override]
        """The arguments; the overwriting of conflicts is the job's own choice."""
        configured = backends.worker_settings().delta_command
        parts = [qfieldcloud.delta_command(configured)]
        parts += ["%(project__id)s", "%(project__project_filename)s"]
        if self.job.overwrite_conflicts:
            parts.append("--overwrite-conflicts")
        return parts

    def before_docker_run(self) -> None:
        """Write the deltafile, and mark its deltas started, in one transaction."""
        assert self.shared_tempdir is not None
        with transaction.atomic():
            deltas = list(self.job.deltas_to_apply.order_by("created_at", "id"))
            content = {
                "deltas": [delta.content for delta in deltas],
                "files": [],
                "id": str(uuid4()),
                "project": str(self.job.project_id),
                "version": "1.0",
                "clientPks": self._client_pks(deltas),
            }
            path = self.shared_tempdir / "deltafile.json"
            path.write_text(qfieldcloud.json_text(content))
            now = timezone.now()
            self._links().update(status="started")
            self.job.deltas_to_apply.update(
                last_status="started",
                last_feedback=None,
                last_modified_pk=None,
                last_apply_attempt_at=now,
                last_apply_attempt_by=self.job.created_by,
            )

    def _links(self) -> Any:
        """The rows that join this job and its deltas."""
        return self.job.deltas_to_apply.through.objects.filter(apply_job=self.job)

    def _client_pks(self, deltas: list[Any]) -> dict[str, str]:
        """The primary keys that features made in the field got when they were applied.

        Under both of QFieldCloud's keys, without the layer (2024) and with it.
        """
        clients = {delta.content.get("clientId") for delta in deltas} - {None}
        if not clients:
            return {}
        earlier = type(deltas[0]).objects.filter(
            project=self.job.project,
            content__clientId__in=list(clients),
            last_modified_pk__isnull=False,
        )
        pks: dict[str, str] = {}
        for delta in earlier.order_by("created_at"):
            content, pk = delta.content, delta.last_modified_pk
            client, local = content["clientId"], content.get("localPk")
            pks[f"{client}__{local}"] = pk
            pks[f"{client}__{content.get('localLayerId')}__{local}"] = pk
        return pks

    def after_docker_run(self) -> None:
        """Every delta gets what became of it; data that changed is dated."""
        outputs = self.job.feedback["outputs"]
        results = {
            str(result.get("delta_id")): result
            for result in outputs["apply_deltas"]["delta_feedback"]
        }
        changed = False
        with transaction.atomic():
            for delta in self.job.deltas_to_apply.all():
                result = results.get(str(delta.id), {})
                status = _DELTA_STATUS.get(str(result.get("status")), "error")
                changed |= status == "applied"
                self._end_delta(delta, status, result)
            if changed:
                project = self.job.project
                project.data_last_updated_at = timezone.now()
                project.save(update_fields=["data_last_updated_at"])

    def _end_delta(self, delta: Any, status: str, result: dict[str, Any]) -> None:
        told = result or {"msg": "The worker reported nothing about this delta."}
        pk = result.get("modified_pk")
        type(delta).objects.filter(pk=delta.pk).update(
            last_status=status,
            last_feedback=told,
            last_modified_pk=pk,
            last_apply_attempt_at=self.job.started_at,
            last_apply_attempt_by=self.job.created_by,
        )
        self._links().filter(delta=delta).update(
            status=status, feedback=told, modified_pk=pk
        )

    def after_docker_exception(self) -> None:
        """Nobody knows what became of the deltas: all are in error."""
        told = {"msg": "The job failed; its feedback says why."}
        with transaction.atomic():
            self.job.deltas_to_apply.update(
                last_status="error",
                last_feedback=told,
                last_modified_pk=None,
                last_apply_attempt_at=self.job.started_at,
                last_apply_attempt_by=self.job.created_by,
            )
            self._links().update(status="error", feedback=told, modified_pk=None)


DeltaApplyJobRun = ApplyDeltaJobRun  # QFieldCloud's name of 2024

BY_TYPE: dict[str, type[JobRun]] = {
    "package": PackageJobRun,
    "process_projectfile": ProcessProjectfileJobRun,
    "delta_apply": ApplyDeltaJobRun,
    "create_project": CreateProjectJobRun,
}
