"""Arranging users, projects, secrets, configuration and jobs."""

import json
from uuid import uuid4

import pytest
from constance import config
from qfieldcloud.authentication.models import AuthToken
from qfieldcloud.control.models import ArrangedJob
from qfieldcloud.core.models import (
    ApplyJob,
    Delta,
    Job,
    Project,
    ProjectSeed,
    Secret,
    User,
    UserAccount,
)
from qfieldcloud.filestorage import files
from qfieldcloud.filestorage.models import FileVersion

from .. import standin


def deltafile(*uuids, project="@project"):
    """As the fixtures have it: they can't know the project's id."""
    return {
        "version": "1.0",
        "project": project,
        "id": str(uuid4()),
        "files": [],
        "deltas": [
            {
                "uuid": uuid,
                "clientId": str(uuid4()),
                "localPk": "1",
                "sourcePk": "1",
                "localLayerId": "l",
                "sourceLayerId": "l",
                "method": "delete",
            }
            for uuid in uuids
        ],
    }


def test_a_user_gets_a_token_that_lasts(arranged):
    """The same one again, until it expires."""
    first, second = arranged(), arranged()
    assert first["token"] == second["token"]
    assert first["user_id"] == User.objects.get().pk
    AuthToken.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert arranged()["token"] != first["token"]


def test_a_user_can_have_a_password_and_a_quota(arranged):
    """For the command line, and for the scenes of a full account."""
    arranged(user={"username": "bob", "password": "x", "storage_quota_bytes": 5})
    assert User.objects.get().check_password("x")
    assert UserAccount.objects.get().storage_quota_bytes == 5
    arranged(user={"username": "bob", "storage_quota_bytes": None})
    assert User.objects.get().quota_bytes is None


def test_a_project_is_made_with_all_it_needs(arranged):
    """Files, QGIS file, way of packaging, details, seed."""
    answer = arranged(
        project={
            "name": "p",
            "qgis_file": "x y.qgs",
            "offliner": "pythonmini",
            "overwrite_conflicts": False,
            "is_public": True,
            "files": [standin.file("x y.qgs", b"<qgis/>"), standin.file("a/b", b"\0")],
            "details": {"crs": "EPSG:2056"},
            "seed": {"name": "new"},
        }
    )
    project = Project.objects.get(pk=answer["project_id"])
    assert project.the_qgis_file_name == "x y.qgs"
    assert project.packaging_offliner == "pythonmini"
    assert (project.overwrite_conflicts, project.is_public) == (False, True)
    assert project.project_details == {"crs": "EPSG:2056"}
    assert project.seed.content == {"name": "new"}
    assert files.find(project, "a/b").path.read_bytes() == b"\0"
    assert project.data_last_updated_at is not None
    assert not Job.objects.exists(), "arranging a QGIS file starts no processing"


def test_a_second_call_changes_what_it_names(arranged):
    """The same project; keys that aren't given stay, null takes away."""
    content = [standin.file("a", b"1")]
    first = arranged(
        project={"name": "p", "qgis_file": "x.qgs", "details": {}, "seed": {}}
    )
    second = arranged(
        project={"name": "p", "details": None, "seed": None, "files": content}
    )
    assert first["project_id"] == second["project_id"]
    project = Project.objects.get()
    assert (project.the_qgis_file_name, project.project_details) == ("x.qgs", None)
    assert not ProjectSeed.objects.exists()


def test_the_same_files_again_make_no_versions(arranged):
    """Only what differs is stored."""
    for content in (b"1", b"1", b"2"):
        both = [standin.file("a", content), standin.file("b", b"")]
        arranged(project={"name": "p", "files": both})
    versions = FileVersion.objects.order_by("name", "number")
    assert [(v.name, v.number) for v in versions] == [("a", 1), ("a", 2), ("b", 1)]


def test_jobs_can_be_added_by_the_projects_id(control, arranged):
    """The user is then the project's owner."""
    project_id = arranged()["project_id"]
    body = {"project_id": project_id, "jobs": [{"type": "package"}]}
    status, answer = control("POST", "arrange", body)
    assert status == 200
    job = Job.objects.get(pk=answer["jobs"][0]["id"])
    assert (str(job.project_id), job.created_by.username) == (project_id, "ada")


def test_secrets_are_made_and_changed(arranged):
    """One for each name."""
    for value in ("one", "two"):
        arranged(secrets=[{"name": "TOKEN", "type": "envvar", "value": value}])
    assert Secret.objects.get().value == "two"


def test_configuration_is_set(arranged):
    """What a wrapper reads from constance."""
    arranged(config={"WORKER_TIMEOUT_S": 3, "WORKER_QGIS_MEMORY_LIMIT": "1g"})
    assert (config.WORKER_TIMEOUT_S, config.WORKER_QGIS_MEMORY_LIMIT) == (3, "1g")


@pytest.mark.parametrize(
    "job_type", ["package", "process_projectfile", "create_project", "delta_apply"]
)
def test_jobs_of_each_type_are_pending(arranged, job_type):
    """A job is a row of its own type's table."""
    answer = arranged(jobs=[{"type": job_type}])
    job = Job.objects.select_subclasses().get(pk=answer["jobs"][0]["id"])
    assert (job.type, job.status) == (job_type, "pending")
    assert type(job) is not Job
    assert ArrangedJob.objects.get().script is None


def test_a_job_can_have_id_status_and_start(arranged):
    """For jobs that another wrapper seems to run."""
    wanted = {
        "type": "package",
        "id": str(uuid4()),
        "status": "started",
        "started_at": "2026-01-31T12:00:00.123456+01:00",
    }
    arranged(jobs=[wanted])
    job = Job.objects.get(pk=wanted["id"])
    assert job.status == "started"
    assert job.started_at.isoformat() == "2026-01-31T11:00:00.123456+00:00"


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_delta_job_has_the_deltas_of_its_file(arranged, overwrite):
    """For this project, whatever the file says."""
    uuids = [str(uuid4()), str(uuid4())]
    wanted = {
        "type": "delta_apply",
        "deltas": deltafile(*uuids),
        "overwrite_conflicts": overwrite,
    }
    answer = arranged(jobs=[wanted])
    assert answer["jobs"][0]["delta_ids"] == uuids
    job = ApplyJob.objects.get()
    assert job.overwrite_conflicts is overwrite
    assert {str(d.pk) for d in job.deltas_to_apply.all()} == set(uuids)
    assert {d.project_id for d in Delta.objects.all()} == {job.project_id}


MINIMAL = {"user": {"username": "ada"}, "project": {"name": "p"}}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([], "should be an object"),
        ({}, "'user' (or 'project_id') is missing"),
        ({"user": {}}, "arrange.user: the key 'username' is missing"),
        ({**MINIMAL, "job": []}, "arrange: unknown key 'job'; allowed: user,"),
        ({**MINIMAL, "project_id": "x"}, "project or project_id, not both"),
        ({"project_id": "x"}, "arrange.project_id: 'x' is no UUID"),
        ({**MINIMAL, "project": {}}, "arrange.project: the key 'name' is missing"),
        (
            {**MINIMAL, "project": {"name": "p", "offliner": "x"}},
            "use one of qgiscore, pythonmini",
        ),
        (
            {**MINIMAL, "project": {"name": "p", "files": [{"name": "a"}]}},
            "arrange.project.files[0]: the key 'content' is missing",
        ),
        (
            {
                **MINIMAL,
                "project": {"name": "p", "files": [{"name": "a", "content": "%"}]},
            },
            "arrange.project.files[0].content: no base64",
        ),
        (
            {**MINIMAL, "secrets": [{"name": "a b", "type": "envvar", "value": ""}]},
            "arrange.secrets[0]",
        ),
        (
            {**MINIMAL, "secrets": [{"name": "A", "type": "x", "value": ""}]},
            "use one of pgservice, envvar",
        ),
        ({**MINIMAL, "config": {"TIMEOUT": 1}}, "allowed: WORKER_TIMEOUT_S,"),
        ({**MINIMAL, "config": {"WORKER_TIMEOUT_S": "1"}}, "should be a whole number"),
        ({**MINIMAL, "jobs": [{}]}, "arrange.jobs[0]: the key 'type' is missing"),
        ({**MINIMAL, "jobs": [{"type": "x"}]}, "use one of package, delta_apply,"),
        (
            {**MINIMAL, "jobs": [{"type": "package", "status": "x"}]},
            "use one of pending, queued",
        ),
        (
            {**MINIMAL, "jobs": [{"type": "package", "started_at": "today"}]},
            "write it like 2026-01-31T12:00:00Z",
        ),
        (
            {**MINIMAL, "jobs": [{"type": "package", "deltas": {}}]},
            "only delta_apply jobs have deltas",
        ),
        (
            {**MINIMAL, "jobs": [{"type": "delta_apply", "deltas": {}}]},
            "'version' is missing",
        ),
        (
            {"user": {"username": "a"}, "jobs": [{"type": "package"}]},
            "jobs and secrets need a project",
        ),
    ],
)
def test_a_mistake_is_named_and_nothing_is_made(control, body, message):
    """400, where it is and what would be right."""
    status, answer = control("POST", "arrange", body)
    assert status == 400
    assert answer["code"].endswith("validation_error")
    assert message in answer["message"], answer
    assert not User.objects.exists()


def test_a_project_that_is_not_there_is_a_404(control):
    """By its id."""
    status, answer = control("POST", "arrange", {"project_id": str(uuid4())})
    assert (status, "no project" in answer["message"]) == (404, True)


def test_a_jobs_id_is_used_once(control, arranged):
    """A second job by that id is a mistake of the harness."""
    job = {"type": "package", "id": str(uuid4())}
    arranged(jobs=[job])
    status, answer = control("POST", "arrange", {**MINIMAL, "jobs": [job]})
    assert (status, "is there already" in answer["message"]) == (400, True)


def test_all_of_it_is_visible_at_once(arranged, env):
    """A dequeue that runs meanwhile sees a job with its script, or no job."""
    import psycopg

    arranged(jobs=[{"type": "package", "script": {"run_s": 1}}])
    with psycopg.connect(
        host=env["POSTGRES_HOST"], user="postgres", dbname=env["POSTGRES_DB"]
    ) as connection:
        rows = connection.execute(
            "SELECT a.script, h.txid = a.xmin::text::bigint "
            "FROM control_arrangedjob a JOIN control_jobhistory h USING (job_id)"
        ).fetchall()
    assert rows == [(json.dumps({"run_s": 1}), True)]
