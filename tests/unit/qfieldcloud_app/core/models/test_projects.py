"""What a project says of itself."""

from datetime import timedelta

import pytest
from django.utils import timezone
from qfieldcloud.core.models import PackageJob

NOW = timezone.now()


@pytest.mark.parametrize(
    ("packaged", "updated", "needed"),
    [
        (None, NOW, True),
        (NOW, None, True),
        (NOW, NOW - timedelta(hours=1), False),
        (NOW - timedelta(hours=1), NOW, True),
    ],
    ids=["never packaged", "unknown", "packaged since", "changed since"],
)
def test_a_package_is_needed_after_a_change(project, packaged, updated, needed):
    """The times of the last package and the last change decide."""
    project.data_last_packaged_at, project.data_last_updated_at = packaged, updated
    assert project.needs_repackaging is needed


@pytest.mark.parametrize(
    ("job_status", "file", "details", "status"),
    [
        ("finished", "x.qgs", {}, "ok"),
        ("started", "x.qgs", {}, "busy"),
        ("queued", None, None, "busy"),
        ("pending", "x.qgs", None, "failed"),
        ("pending", None, {}, "failed"),
    ],
)
def test_status(project, job_status, file, details, status):
    """Busy while a job is under way; failed without a QGIS file that was read."""
    PackageJob.objects.create(
        project=project, created_by=project.owner, status=job_status
    )
    project.the_qgis_file_name, project.project_details = file, details
    assert project.status == status
