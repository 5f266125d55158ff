"""Jobs over the API."""

from uuid import uuid4

import pytest
from qfieldcloud.core.models import Job, PackageJob, ProcessProjectfileJob, Project


def test_a_job_is_triggered_and_can_be_looked_at(owner, project):
    """POST makes it, GET tells its status, output and feedback."""
    fields = {"project_id": str(project.pk), "type": "package", "force": "0"}
    response = owner("POST", "jobs/", fields)
    assert response.status_code == 201
    job = Job.objects.get()
    job.status, job.output, job.feedback = "failed", "log", {"error": "x"}
    job.save()
    shown = owner("GET", f"jobs/{response.json()['id']}/").json()
    assert shown["type"] == "package"
    assert (shown["status"], shown["output"]) == ("failed", "log")
    assert shown["feedback"] == {"error": "x"}
    assert shown["project_id"] == str(project.pk)


def test_jobs_are_listed_newest_first_by_type(owner, project, user):
    """And only those of the project."""
    other = Project.objects.create(owner=user, name="other")
    PackageJob.objects.create(project=other, created_by=user)
    first = PackageJob.objects.create(project=project, created_by=user)
    second = ProcessProjectfileJob.objects.create(project=project, created_by=user)
    path = f"jobs/?project_id={project.pk}"
    ids = [job["id"] for job in owner("GET", path).json()]
    assert ids == [str(second.pk), str(first.pk)]
    ids = [job["id"] for job in owner("GET", f"{path}&type=package").json()]
    assert ids == [str(first.pk)]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"type": "dance"}, 400, "validation_error"),
        ({"project_id": "x", "type": "package"}, 400, "validation_error"),
        ({"project_id": str(uuid4()), "type": "package"}, 404, "object_not_found"),
        ({"type": "delta_apply"}, 400, "no_deltas_to_apply"),
    ],
    ids=["type", "no uuid", "no project", "no deltas"],
)
def test_what_cant_be_triggered(owner, project, fields, status, code):
    """Each has its status and code."""
    response = owner("POST", "jobs/", {"project_id": str(project.pk), **fields})
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_a_project_without_qgis_file_has_no_jobs(owner, project):
    """The code is QFieldCloud's."""
    Project.objects.filter(pk=project.pk).update(the_qgis_file_name=None)
    fields = {"project_id": str(project.pk), "type": "package"}
    response = owner("POST", "jobs/", fields)
    assert (response.status_code, response.json()["code"]) == (400, "no_qgis_project")


def test_what_a_stranger_may(stranger, project, user):
    """Nothing with a private project, looking with a public one."""
    job = PackageJob.objects.create(project=project, created_by=user)
    listed, shown = f"jobs/?project_id={project.pk}", f"jobs/{job.pk}/"
    fields = {"project_id": str(project.pk), "type": "package"}
    for public, read in ((False, 403), (True, 200)):
        Project.objects.filter(pk=project.pk).update(is_public=public)
        assert stranger("GET", listed).status_code == read
        assert stranger("GET", shown).status_code == read
        assert stranger("POST", "jobs/", fields).status_code == 403


def test_a_worker_may_look_at_its_job(worker, project, user):
    """Its token is that of the job's user."""
    job = PackageJob.objects.create(project=project, created_by=user)
    assert worker("GET", f"jobs/{job.pk}/").status_code == 200
    assert worker("GET", f"jobs/{uuid4()}/").status_code == 404
