"""Jobs as wrappers use them."""

from django.db import connection
from qfieldcloud.core.models import (
    ApplyJob,
    CreateProjectJob,
    Job,
    PackageJob,
    ProcessProjectfileJob,
    QgisProject,
)


def test_each_class_sets_its_type(project):
    """A job made by its class has the type that the dequeue looks at."""
    by_type = {
        "package": PackageJob,
        "process_projectfile": ProcessProjectfileJob,
        "create_project": CreateProjectJob,
    }
    for job_type, model in by_type.items():
        job = model.objects.create(project=project, created_by=project.owner)
        assert Job.objects.get(pk=job.pk).type == job_type


def test_a_row_is_one_job_in_two_tables(project):
    """The base class finds the row; select_subclasses gives it its own class."""
    job = ApplyJob.objects.create(
        project=project, created_by=project.owner, overwrite_conflicts=True
    )
    assert type(Job.objects.get(pk=job.pk)) is Job
    assert type(Job.objects.select_subclasses().get(pk=job.pk)) is ApplyJob


def test_who_triggered_is_who_created_unless_told(project):
    """Newer wrappers read triggered_by, also of jobs that older code made."""
    job = PackageJob.objects.create(project=project, created_by=project.owner)
    assert job.triggered_by == project.owner


def test_a_package_job_can_be_the_projects_last(project):
    """Wrappers assign the job that they were made with."""
    job = PackageJob.objects.create(project=project, created_by=project.owner)
    project.last_package_job = job
    project.save(update_fields=("last_package_job",))
    assert PackageJob.objects.get(pk=job.pk).project.last_package_job_id == job.pk


def test_jobs_go_with_their_project_and_are_found_from_it(project):
    """``project.jobs`` is what wrappers look for concurrent jobs in."""
    PackageJob.objects.create(project=project, created_by=project.owner)
    assert project.jobs.filter(status="pending").count() == 1
    project.delete()
    assert not Job.objects.exists()


def test_a_qgis_project_is_the_project(project):
    """The newest name reads the same row of the same table."""
    assert QgisProject.objects.get(pk=project.pk).name == project.name
    with connection.cursor() as cursor:
        assert "core_qgisproject" not in connection.introspection.table_names(cursor)
