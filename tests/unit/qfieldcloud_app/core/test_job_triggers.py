"""Which job a trigger makes, or finds."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from qfieldcloud.core.exceptions import (
    NoDeltasToApplyError,
    NoQGISProjectError,
    ValidationError,
)
from qfieldcloud.core.job_triggers import process_after_upload, trigger
from qfieldcloud.core.models import ApplyJob, Delta, Job, PackageJob, Project


def pending_delta(project):
    return Delta.objects.create(
        deltafile_id=uuid4(), project=project, content={}, created_by=project.owner
    )


@pytest.mark.parametrize("job_type", ["package", "process_projectfile"])
def test_a_waiting_job_serves_again_unless_forced(project, job_type):
    """Two triggers, one job; with force a second one."""
    first = trigger(project, project.owner, job_type, force=False)
    assert trigger(project, project.owner, job_type, force=False) == first
    assert trigger(project, project.owner, job_type, force=True) != first


def test_a_fresh_package_serves_again_unless_forced(project):
    """Nothing changed since: the last job is the answer."""
    now = timezone.now()
    job = PackageJob.objects.create(
        project=project, created_by=project.owner, status="finished"
    )
    project.last_package_job = job
    project.data_last_packaged_at = now
    project.data_last_updated_at = now - timedelta(hours=1)
    assert trigger(project, project.owner, "package", force=False).pk == job.pk
    assert trigger(project, project.owner, "package", force=True).pk != job.pk


def test_pending_deltas_go_into_one_job(project):
    """Each in order, none that another job is about to apply."""
    first = pending_delta(project)
    job = trigger(project, project.owner, "delta_apply", force=False)
    second, third = pending_delta(project), pending_delta(project)
    other = trigger(project, project.owner, "delta_apply", force=False)
    assert list(job.deltas_to_apply.all()) == [first]
    assert list(other.deltas_to_apply.order_by("created_at")) == [second, third]


def test_the_job_takes_its_projects_way_with_conflicts(project):
    """overwrite_conflicts is copied when the job is made."""
    Project.objects.filter(pk=project.pk).update(overwrite_conflicts=False)
    project.refresh_from_db()
    pending_delta(project)
    trigger(project, project.owner, "delta_apply", force=False)
    assert ApplyJob.objects.get().overwrite_conflicts is False


def test_without_deltas_there_is_nothing_to_apply(project):
    """The error is QFieldCloud's own."""
    with pytest.raises(NoDeltasToApplyError):
        trigger(project, project.owner, "delta_apply", force=False)


@pytest.mark.parametrize("job_type", ["package", "delta_apply", "process_projectfile"])
def test_without_a_qgis_file_there_is_no_job(project, job_type):
    """Only create_project works without one."""
    project.the_qgis_file_name = None
    with pytest.raises(NoQGISProjectError):
        trigger(project, project.owner, job_type, force=False)
    assert trigger(project, project.owner, "create_project", force=False)


def test_an_unknown_type_is_refused(project):
    """The message lists the types."""
    with pytest.raises(ValidationError, match=r"'dance'.*package"):
        trigger(project, project.owner, "dance", force=False)


def test_uploads_in_a_row_start_one_processing(project):
    """A job that is still waiting reads the newest file anyway."""
    process_after_upload(project, project.owner)
    process_after_upload(project, project.owner)
    assert Job.objects.filter(type="process_projectfile").count() == 1
