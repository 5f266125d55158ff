"""What a snapshot shows of a job."""

import base64
import hashlib
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from qfieldcloud.authentication.models import AuthToken
from qfieldcloud.core.models import ApplyJob, ApplyJobDelta, Delta, Job, Project, User
from qfieldcloud.core.utils2 import storage as qfc_storage
from qfieldcloud.filestorage import files

from .. import standin
from .test_arrange import deltafile


@pytest.fixture
def snapshot(control):
    def get(job_id):
        status, answer = control("GET", f"jobs/{job_id}")
        assert status == 200, answer
        return answer

    return get


def worker_token(seconds=60):
    return AuthToken.objects.create(
        user=User.objects.get(),
        client_type="worker",
        expires_at=timezone.now() + timedelta(seconds=seconds),
    )


def test_every_column_of_the_job_is_there(snapshot, arranged):
    """Also those of its type's own table."""
    job_id = arranged(jobs=[{"type": "delta_apply"}])["jobs"][0]["id"]
    shown = snapshot(job_id)["job"]
    columns = {field.attname for field in ApplyJob._meta.concrete_fields}
    assert set(shown) == columns
    assert shown["id"] == job_id
    assert shown["overwrite_conflicts"] is True


def test_values_come_as_they_are(snapshot, job_id):
    """Feedback as JSON, output as text, times to the microsecond."""
    moment = timezone.now().replace(microsecond=123456)
    feedback = {"outputs": {"a": [1, None]}}
    Job.objects.filter(pk=job_id).update(
        feedback=feedback, output="ä\n", started_at=moment
    )
    shown = snapshot(job_id)["job"]
    assert (shown["feedback"], shown["output"]) == (feedback, "ä\n")
    assert shown["started_at"].endswith(".123456Z")


def test_the_project_and_its_files_are_there(snapshot, arranged):
    """Each version with its sums, and the thumbnail's."""
    answer = arranged(
        project={"name": "p", "files": [standin.file("a", b"1")]},
        jobs=[{"type": "process_projectfile"}],
    )
    project = Project.objects.get()
    project.thumbnail_uri = qfc_storage.upload_project_thumbail(
        project, io.BytesIO(b"PNG"), "image/png", "thumbnail"
    )
    project.save(update_fields=["thumbnail_uri"])
    shown = snapshot(answer["jobs"][0]["id"])
    assert shown["project"]["name"] == "p"
    assert shown["project"]["thumbnail"] == project.thumbnail_uri
    assert shown["thumbnail"]["sha256"] == hashlib.sha256(b"PNG").hexdigest()
    (file,) = shown["project_files"]
    assert (file["name"], file["version"], file["size"]) == ("a", 1, 1)
    assert file["sha256"] == hashlib.sha256(b"1").hexdigest()


def test_only_the_jobs_own_package_is_there(snapshot, job_id):
    """Not that of another job."""
    project = Project.objects.get()
    for package_id in (job_id, uuid4()):
        files.store(
            project, {"q.qgs": [b"x"]}, uploaded_by=project.owner, package_id=package_id
        )
    shown = snapshot(job_id)
    assert [file["name"] for file in shown["package_files"]] == ["q.qgs"]
    assert shown["project_files"] == []


def test_deltas_and_what_the_job_did_with_them(snapshot, arranged):
    """In the order of the deltafile; those of other jobs aren't there."""
    uuids = [str(uuid4()), str(uuid4())]
    first, _ = arranged(
        jobs=[
            {"type": "delta_apply", "deltas": deltafile(*uuids)},
            {"type": "delta_apply", "deltas": deltafile(str(uuid4()))},
        ]
    )["jobs"]
    Delta.objects.filter(pk=uuids[0]).update(last_status="applied")
    ApplyJobDelta.objects.filter(delta_id=uuids[0]).update(
        status="applied", modified_pk="7"
    )
    shown = snapshot(first["id"])
    assert [delta["id"] for delta in shown["deltas"]] == uuids
    assert shown["deltas"][0]["last_status"] == "applied"
    assert [one["delta_id"] for one in shown["apply_job_deltas"]] == uuids
    assert shown["apply_job_deltas"][0]["modified_pk"] == "7"


def test_a_deleted_row_still_has_a_snapshot(snapshot, arranged):
    """The job is null; project, deltas, files and history are told."""
    uuid = str(uuid4())
    job_id = arranged(jobs=[{"type": "delta_apply", "deltas": deltafile(uuid)}])[
        "jobs"
    ][0]["id"]
    Job.objects.get(pk=job_id).delete()
    shown = snapshot(job_id)
    assert shown["job"] is None
    assert shown["project"]["name"] == "trees"
    assert [delta["id"] for delta in shown["deltas"]] == [uuid]
    assert shown["apply_job_deltas"] == []
    assert [entry["op"] for entry in shown["history"]] == ["insert", "delete"]


def test_a_deleted_project_is_null(snapshot, job_id):
    """With all that went with it."""
    Project.objects.get().delete()
    shown = snapshot(job_id)
    assert (shown["job"], shown["project"], shown["deltas"]) == (None, None, [])


def test_tokens_made_while_the_job_ran_are_there(snapshot, job_id):
    """Not the key, but its sum, and when it expires; also if it was deleted."""
    worker_token()  # before
    Job.objects.filter(pk=job_id).update(status="started")
    kept, deleted = worker_token(600), worker_token()
    AuthToken.objects.create(user=User.objects.get(), client_type="sdk")
    deleted.delete()
    Job.objects.filter(pk=job_id).update(status="finished")
    worker_token()  # after
    tokens = snapshot(job_id)["tokens"]
    assert [token["key_sha256"] for token in tokens] == [
        hashlib.sha256(token.key.encode()).hexdigest() for token in (kept, deleted)
    ]
    assert [token["deleted_at"] is None for token in tokens] == [True, False]
    expires_at = kept.expires_at.isoformat().replace("+00:00", "Z")
    assert tokens[0]["expires_at"] == expires_at
    assert kept.key not in str(snapshot(job_id))


def test_a_token_that_is_cut_short_shows_its_new_end(snapshot, job_id):
    """Some wrappers expire the token when the job is over."""
    Job.objects.filter(pk=job_id).update(status="started")
    token = worker_token(600)
    token.expires_at = timezone.now()
    token.save()
    (shown,) = snapshot(job_id)["tokens"]
    assert shown["expires_at"] == token.expires_at.isoformat().replace("+00:00", "Z")


def test_a_job_that_never_was_is_a_404(control, app):
    """And not an empty snapshot."""
    assert control("GET", f"jobs/{uuid4()}")[0] == 404


def test_the_content_of_each_file_is_there(app, snapshot, arranged):
    """Of project, package and thumbnail, by the sums that the snapshot tells."""
    content = base64.b64encode(b"of the project").decode()
    project = {"name": "trees", "files": [{"name": "a", "content": content}]}
    job_id = arranged(project=project, jobs=[{"type": "package"}])["jobs"][0]["id"]
    row = Project.objects.get()
    packaged = {"b": [b"of the package"]}
    files.store(row, packaged, uploaded_by=User.objects.get(), package_id=job_id)
    row.thumbnail_uri = qfc_storage.upload_project_thumbail(
        row, io.BytesIO(b"the thumbnail"), "image/png", "thumbnail"
    )
    row.save()
    shown = snapshot(job_id)
    told = [*shown["project_files"], *shown["package_files"], shown["thumbnail"]]
    path = f"/_harness/jobs/{job_id}/content"
    header = {"x-harness-token": standin.CONTROL_TOKEN}
    contents = [
        Client().get(f"{path}/{one['sha256']}", headers=header).content for one in told
    ]
    assert contents == [b"of the project", b"of the package", b"the thumbnail"]
    other = hashlib.sha256(b"of nobody").hexdigest()
    assert Client().get(f"{path}/{other}", headers=header).status_code == 404
