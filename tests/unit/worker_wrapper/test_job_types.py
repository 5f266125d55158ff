"""What each job type does before and after its worker: rows, files, hooks."""

import json
import uuid

import pytest

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def run_of(add_job, tmp_path):
    """A run of a job that has started, with a directory, as if its worker had ended."""
    from worker_wrapper.factory import JobRun

    def make(model, feedback=None, **fields):
        from django.utils import timezone

        job = add_job("started", model=model, **fields)
        made = JobRun(job.id)
        made.shared_tempdir = tmp_path
        made.job.started_at = made.job.docker_started_at = timezone.now()
        made.job.feedback = feedback or {}
        return made

    return make


def delta(project, **fields):
    from qfieldcloud.core.models import Delta

    fields.setdefault("content", {"uuid": str(uuid.uuid4()), "method": "create"})
    fields.setdefault("deltafile_id", uuid.uuid4())
    return Delta.objects.create(project=project, created_by=project.owner, **fields)


@pytest.fixture
def applying(run_of, project):
    """A run that applies these deltas."""
    from qfieldcloud.core.models import ApplyJob

    def make(*deltas, feedback=None, overwrite=False):
        run = run_of(ApplyJob, feedback, overwrite_conflicts=overwrite)
        for one in deltas:
            run.job.deltas_to_apply.add(one)
        return run

    return make


def reported(*results: dict) -> dict:
    return {"outputs": {"apply_deltas": {"delta_feedback": list(results)}}}


def test_commands(run_of, applying, project):
    """Each type's arguments, with the project's own values."""
    from qfieldcloud.core import models

    ident = str(project.id)
    start = ["python3", "entrypoint.py"]
    assert run_of(models.PackageJob).get_command() == [
        *start,
        *("package", ident, "trees.qgs", "qgiscore"),
    ]
    details = run_of(models.ProcessProjectfileJob).get_command()
    assert details == [*start, "process_projectfile", ident, "trees.qgs"]
    created = run_of(models.CreateProjectJob).get_command()
    assert created == [*start, "create_project", ident]
    assert applying().get_command() == [*start, "apply_deltas", ident, "trees.qgs"]
    assert applying(overwrite=True).get_command()[-1] == "--overwrite-conflicts"


def test_a_percent_sign_in_a_name_is_no_format(run_of, project):
    """Commands are formatted with the project's fields."""
    from qfieldcloud.core.models import PackageJob, Project

    Project.objects.filter(pk=project.pk).update(the_qgis_file_name="100%(id)s.qgs")
    assert "100%(id)s.qgs" in run_of(PackageJob).get_command()


def test_a_debugger_comes_before_the_program(run_of, set_):
    """Only where DEBUG is on."""
    from qfieldcloud.core.models import PackageJob

    set_(DEBUG=True, DEBUG_QGIS_DEBUGPY_PORT="5678")
    assert run_of(PackageJob).get_command()[:6] == [
        *("python3", "-m", "debugpy", "--listen", "0.0.0.0:5678", "--wait-for-client"),
    ]


def test_the_delta_command_of_2024_by_setting(applying, set_):
    """Where the worker's image is older than the app."""
    set_(QFIELDCLOUD_WORKER_DELTA_COMMAND="delta_apply")
    assert "delta_apply" in applying().get_command()


def test_the_deltafile(applying, project, tmp_path):
    """All deltas in order, in QFieldCloud's shape; they are started."""
    deltas = [delta(project), delta(project)]
    run = applying(*deltas)
    run.before_docker_run()
    content = json.loads((tmp_path / "deltafile.json").read_text())
    assert content["deltas"] == [one.content for one in deltas]
    assert content["project"] == str(project.id)
    assert (content["version"], content["files"]) == ("1.0", [])
    assert content["clientPks"] == {}
    assert uuid.UUID(content["id"])
    for one in deltas:
        one.refresh_from_db()
        assert one.last_status == "started"
        assert one.last_apply_attempt_at is not None
        assert one.last_apply_attempt_by == project.owner


def test_keys_that_earlier_deltas_got(applying, project, tmp_path):
    """By client, under both of QFieldCloud's keys; other clients' stay out."""
    client = str(uuid.uuid4())
    known = {"clientId": client, "localPk": "7", "localLayerId": "trees"}
    delta(project, content=known, last_modified_pk="42")
    delta(project, content={**known, "clientId": "other"}, last_modified_pk="43")
    run = applying(delta(project, content={**known, "localPk": "8"}))
    run.before_docker_run()
    content = json.loads((tmp_path / "deltafile.json").read_text())
    assert content["clientPks"] == {f"{client}__7": "42", f"{client}__trees__7": "42"}


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("status_applied", "applied"),
        ("status_conflict", "conflict"),
        ("status_apply_failed", "not_applied"),
        ("status_of_tomorrow", "error"),
    ],
)
def test_what_became_of_a_delta(applying, project, told, status):
    """In the delta and in its link to the job."""
    from qfieldcloud.core.models import ApplyJobDelta

    one = delta(project)
    result = {"delta_id": str(one.id), "status": told, "modified_pk": "5"}
    run = applying(one, feedback=reported(result))
    run.after_docker_run()
    one.refresh_from_db()
    link = ApplyJobDelta.objects.get(delta=one)
    assert (one.last_status, one.last_modified_pk) == (status, "5")
    assert (link.status, link.modified_pk) == (status, "5")
    assert one.last_feedback == link.feedback == result
    project.refresh_from_db()
    assert (project.data_last_updated_at is not None) == (status == "applied")


def test_a_delta_of_which_nothing_is_told(applying, project):
    """It doesn't stay started."""
    run = applying(one := delta(project), feedback=reported())
    run.before_docker_run()
    run.after_docker_run()
    one.refresh_from_db()
    assert one.last_status == "error"
    assert "nothing about this delta" in one.last_feedback["msg"]


def test_feedback_about_somebody_elses_delta(applying, project):
    """It is not this job's to change."""
    mine, other = delta(project), delta(project)
    results = [
        {"delta_id": str(one.id), "status": "status_applied"} for one in (mine, other)
    ]
    applying(mine, feedback=reported(*results)).after_docker_run()
    other.refresh_from_db()
    assert other.last_status == "pending"


def test_after_a_failure_all_deltas_are_in_error(applying, project):
    """Final, so that they can be tried again."""
    deltas = [delta(project), delta(project)]
    run = applying(*deltas)
    run.before_docker_run()
    run.after_docker_exception()
    for one in deltas:
        one.refresh_from_db()
        assert one.last_status == "error"


def test_a_package_becomes_the_latest(run_of, project):
    """Dated by when its run began."""
    from qfieldcloud.core.models import PackageJob

    run = run_of(PackageJob)
    run.after_docker_run()
    project.refresh_from_db()
    assert project.last_package_job_id == run.job.pk
    assert project.data_last_packaged_at == run.job.docker_started_at


DETAILS = {"outputs": {"project_details": {"project_details": {"crs": "EPSG:4326"}}}}


def test_details_and_thumbnail(run_of, project, tmp_path):
    """As the worker left them."""
    from qfieldcloud.core.models import ProcessProjectfileJob

    (tmp_path / "thumbnail.png").write_bytes(b"\x89PNG picture")
    run_of(ProcessProjectfileJob, DETAILS).after_docker_run()
    project.refresh_from_db()
    assert project.project_details == {"crs": "EPSG:4326"}
    assert project.thumbnail.read() == b"\x89PNG picture"


@pytest.mark.parametrize("trap", ["missing", "link", "large"])
def test_without_a_thumbnail_the_details_are_stored(run_of, project, tmp_path, trap):
    """A picture that is none is left away; a link isn't followed."""
    from qfieldcloud.core.models import ProcessProjectfileJob

    from worker_wrapper import job_types

    path = tmp_path / "thumbnail.png"
    if trap == "link":
        path.symlink_to("/etc/hostname")
    if trap == "large":
        with path.open("wb") as file:
            file.truncate(job_types.LARGEST_THUMBNAIL + 1)
    run_of(ProcessProjectfileJob, DETAILS).after_docker_run()
    project.refresh_from_db()
    assert project.project_details == {"crs": "EPSG:4326"}
    assert not project.thumbnail


def test_details_of_a_broken_file_are_taken_away(run_of, project):
    """They would mislead."""
    from qfieldcloud.core.models import ProcessProjectfileJob

    run_of(ProcessProjectfileJob).after_docker_exception()
    project.refresh_from_db()
    assert project.project_details is None
