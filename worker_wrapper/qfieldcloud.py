"""What differs between QFieldCloud's versions, in one place.

The wrapper runs inside QFieldCloud's Django project. Everything here asks for the newer
name first and falls back to the one of 2024.
"""

import io
import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.crypto import salted_hmac
from qfieldcloud.authentication.models import AuthToken
from qfieldcloud.core import models
from qfieldcloud.core.utils import get_qgis_project_file
from qfieldcloud.core.utils2 import storage

try:
    from qfieldcloud.core.utils2.packages import delete_obsolete_packages
except ImportError:  # QFieldCloud of 2024
    delete_obsolete_packages = None


def has_field(model: Any, name: str) -> bool:
    """Whether a Django model has a field of this name."""
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def job_class(name: str) -> Any:
    """A job model by its name, or ``Job`` where this version has none of it."""
    return getattr(models, name, models.Job)


def qgis_file(project: Any) -> str:
    """The name of the project's QGIS file; "" where it has none."""
    for name in ("the_qgis_file_name", "project_filename"):
        value = getattr(project, name, None)
        if value:
            return str(value)
    return str(get_qgis_project_file(project.id) or "")


def delta_command(configured: str) -> str:
    """What the worker calls the job that applies deltas."""
    if configured:
        return configured
    newer = has_field(models.Project, "the_qgis_file_name")
    return "apply_deltas" if newer else "delta_apply"


def make_token(job: Any, lifetime_s: float) -> Any:
    """A token with which the worker calls the API as the job's creator.

    It is the same whichever wrapper makes it, so that each can end it.
    """
    token, _ = AuthToken.objects.update_or_create(
        key=_token_key(job.id),
        defaults={
            "user": job.created_by,
            "client_type": AuthToken.ClientType.WORKER,
            "expires_at": timezone.now() + timedelta(seconds=lifetime_s),
        },
    )
    return token


def expire_token(job_id: Any) -> None:
    """End the job's token: a worker that is gone needs none."""
    now = timezone.now()
    tokens = AuthToken.objects.filter(key=_token_key(job_id), expires_at__gt=now)
    tokens.update(expires_at=now)


def _token_key(job_id: Any) -> str:
    """Nobody who doesn't know SECRET_KEY can tell it."""
    salt = "qfieldcloud.worker_wrapper.token"
    return str(salted_hmac(salt, str(job_id), algorithm="sha256").hexdigest())


def secrets(job: Any) -> Iterable[Any]:
    """The secrets that the job's worker may use."""
    manager = models.Secret.objects
    if hasattr(manager, "for_user_and_project"):
        user = getattr(job, "triggered_by", None) or job.created_by
        found: Iterable[Any] = manager.for_user_and_project(user, job.project)
        return found
    every: Iterable[Any] = job.project.secrets.all()
    return every


def secret_environment(job: Any) -> tuple[dict[str, str], list[str]]:
    """The secrets as environment variables, and the names among them."""
    variables: dict[str, str] = {}
    services: list[str] = []
    for secret in secrets(job):
        if secret.type == "pgservice":
            services.append(secret.value)
        else:
            variables[secret.name] = secret.value
    names = sorted(variables)
    variables["PGSERVICE_FILE_CONTENTS"] = "\n".join(services)
    return variables, names


def packaged(job: Any, began_at: Any) -> None:
    """The job's package becomes the project's; older ones are deleted."""
    project = job.project
    project.data_last_packaged_at = began_at
    project.last_package_job = job
    project.save(update_fields=["data_last_packaged_at", "last_package_job"])
    if delete_obsolete_packages is not None:
        delete_obsolete_packages(projects=[project])
        return
    active = models.Job.objects.filter(project=project).exclude(
        status__in=("finished", "failed", "stopped")
    )
    keep = {str(job.id), *(str(pk) for pk in active.values_list("id", flat=True))}
    for package_id in storage.get_stored_package_ids(project.id):
        if package_id not in keep:
            storage.delete_stored_package(project.id, package_id)


def set_details(project: Any, details: Mapping[str, Any] | None) -> None:
    """Store what the worker found out about the project."""
    project.project_details = details
    project.save(update_fields=["project_details"])


def set_thumbnail(project: Any, picture: bytes) -> None:
    """Store the picture, a PNG, that the worker drew of the project."""
    if has_field(models.Project, "thumbnail"):
        project.thumbnail = ContentFile(picture, name="thumbnail.png")
        project.save(update_fields=["thumbnail"])
        return
    project.thumbnail_uri = storage.upload_project_thumbail(
        project, io.BytesIO(picture), "image/png", "thumbnail"
    )
    project.save(update_fields=["thumbnail_uri"])
    storage.purge_previous_thumbnails_versions(project)


def json_text(value: Any) -> str:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":"))
