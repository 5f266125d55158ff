"""Packages: from the worker that makes them to whoever downloads."""

import pytest
from django.utils import timezone
from qfieldcloud.core.models import PackageJob, ProcessProjectfileJob, Project


@pytest.fixture
def job(project):
    return PackageJob.objects.create(
        project=project, created_by=project.owner, status="started"
    )


def path_of(job, name="trees_qfield.qgs"):
    return f"packages/{job.project_id}/{job.pk}/files/{name}/"


def finish(job, feedback=None):
    """What a wrapper does after a package job."""
    now = timezone.now()
    PackageJob.objects.filter(pk=job.pk).update(status="finished", feedback=feedback)
    Project.objects.filter(pk=job.project_id).update(
        last_package_job=job, data_last_packaged_at=now
    )


def test_a_package_is_what_its_worker_uploaded(worker, owner, job):
    """Available once the job is the project's last package job."""
    worker.upload(path_of(job), b"<qgis/>")
    worker.upload(path_of(job, "sub/data 1.gpkg"), b"data")
    feedback = {"outputs": {"qfield_layer_data": {"layers_by_id": {"l": {}}}}}
    finish(job, feedback)
    latest = owner("GET", f"packages/{job.project_id}/latest/").json()
    assert latest["package_id"] == str(job.pk)
    assert latest["status"] == "finished"
    assert latest["layers"] == {"l": {}}
    names = [file["name"] for file in latest["files"]]
    assert names == ["sub/data 1.gpkg", "trees_qfield.qgs"]
    file = owner("GET", f"packages/{job.project_id}/latest/files/sub/data 1.gpkg/")
    assert b"".join(file.streaming_content) == b"data"
    file.close()


def test_package_files_are_no_project_files(worker, owner, job):
    """Each list shows its own."""
    worker.upload(path_of(job))
    owner.upload(f"files/{job.project_id}/data.gpkg/")
    listed = owner("GET", f"files/{job.project_id}/").json()
    assert [file["name"] for file in listed] == ["data.gpkg"]


def test_before_the_first_package_there_is_none(owner, worker, job):
    """Not even while a worker is uploading."""
    worker.upload(path_of(job))
    for path in ("latest/", "latest/files/trees_qfield.qgs/"):
        response = owner("GET", f"packages/{job.project_id}/{path}")
        assert (response.status_code, response.json()["code"]) == (400, "invalid_job")


def test_only_a_workers_token_may_upload(owner, stranger, job):
    """Not even the owner's own."""
    assert owner.upload(path_of(job)).status_code == 403
    assert stranger.upload(path_of(job)).status_code == 403


@pytest.mark.parametrize("status", ["pending", "finished", "failed"])
def test_only_a_started_job_takes_files(worker, job, status):
    """A worker that outlived its job can't change the package."""
    PackageJob.objects.filter(pk=job.pk).update(status=status)
    assert worker.upload(path_of(job)).status_code == 403


def test_another_job_or_none_is_a_404(worker, user, project, job):
    """The job is to be a package job of this very project, and there."""
    process = ProcessProjectfileJob.objects.create(
        project=project, created_by=user, status="started"
    )
    other = Project.objects.create(owner=user, name="other")
    assert worker.upload(path_of(process)).status_code == 404
    PackageJob.objects.filter(pk=job.pk).update(project=other)
    assert worker.upload(path_of(job)).status_code == 404
    job.delete()
    gone = f"packages/{project.pk}/{process.pk}/files/x/"
    assert worker.upload(gone).status_code == 404


def test_the_layers_of_the_project_do_when_the_package_has_none(owner, job):
    """An older feedback knows only ``qgis_layers_data``."""
    finish(job, {"outputs": {"qgis_layers_data": {"layers_by_id": {"q": {}}}}})
    latest = owner("GET", f"packages/{job.project_id}/latest/").json()
    assert latest["layers"] == {"q": {}}
