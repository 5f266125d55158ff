"""Deltas over the API."""

import json
from uuid import uuid4

import pytest
from qfieldcloud.core.models import ApplyJob, Delta, Project

from ..core.test_deltafiles import delta, deltafile


def push(caller, project, content):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return caller.upload(f"deltas/{project.pk}/", body)


def test_a_push_makes_one_job_for_all_its_deltas(owner, project):
    """In the order in which they were made."""
    first, second = delta(), delta(method="create")
    assert push(owner, project, deltafile(project, first, second)).status_code == 200
    (job,) = ApplyJob.objects.all()
    ids = [str(d.pk) for d in job.deltas_to_apply.order_by("created_at")]
    assert ids == [first["uuid"], second["uuid"]]
    assert (job.status, job.type) == ("pending", "delta_apply")


def test_a_push_that_is_repeated_makes_no_second_job(owner, project):
    """QField sends again what it isn't sure has arrived."""
    file = deltafile(project, delta())
    for _ in range(2):
        assert push(owner, project, file).status_code == 200
    assert ApplyJob.objects.count() == 1


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"version": "1.0"}', b"\xff"])
def test_a_file_that_is_no_deltafile_is_a_400(owner, project, content):
    """And nothing is saved."""
    response = push(owner, project, content)
    assert response.status_code == 400
    assert response.json()["code"] == "deltafile_validation_error"
    assert not Delta.objects.exists()


def test_without_a_qgis_file_nothing_is_saved(owner, project):
    """A delta nobody could apply is refused as a whole."""
    Project.objects.filter(pk=project.pk).update(the_qgis_file_name=None)
    response = push(owner, project, deltafile(project, delta()))
    assert response.json()["code"] == "no_qgis_project"
    assert not Delta.objects.exists()


def test_the_fate_of_deltas_can_be_seen(owner, project):
    """All of a project, or those of one deltafile."""
    first, second = deltafile(project, delta()), deltafile(project, delta())
    push(owner, project, first)
    push(owner, project, second)
    Delta.objects.filter(deltafile_id=first["id"]).update(last_status="conflict")
    shown = owner("GET", f"deltas/{project.pk}/").json()
    assert [d["last_status"] for d in shown] == ["conflict", "pending"]
    assert [d["status"] for d in shown] == ["STATUS_CONFLICT", "STATUS_PENDING"]
    (only,) = owner("GET", f"deltas/{project.pk}/{first['id']}/").json()
    assert only["id"] == first["deltas"][0]["uuid"]


def test_a_stranger_pushes_nothing(stranger, project):
    """Not even to a public project."""
    Project.objects.filter(pk=project.pk).update(is_public=True)
    assert push(stranger, project, deltafile(project, delta())).status_code == 403
    assert stranger("GET", f"deltas/{project.pk}/{uuid4()}/").json() == []
