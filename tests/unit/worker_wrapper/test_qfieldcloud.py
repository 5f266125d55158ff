"""What differs between QFieldCloud's versions."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.usefixtures("app")


def test_the_qgis_files_name_of_any_year(monkeypatch):
    """Newer name first, then that of 2024, then QFieldCloud's own search."""
    from worker_wrapper import qfieldcloud

    newer = SimpleNamespace(the_qgis_file_name="a.qgs", project_filename="b.qgs")
    older = SimpleNamespace(project_filename="b.qgs")
    assert qfieldcloud.qgis_file(newer) == "a.qgs"
    assert qfieldcloud.qgis_file(older) == "b.qgs"


def test_a_project_without_a_file(project):
    """An empty name, no "None"."""
    from worker_wrapper import qfieldcloud

    project.the_qgis_file_name = None
    project.save()
    assert qfieldcloud.qgis_file(project) == ""


def test_a_model_that_this_version_lacks():
    """QFieldCloud of 2024 has no job that creates projects."""
    from qfieldcloud.core.models import Job, PackageJob

    from worker_wrapper import qfieldcloud

    assert qfieldcloud.job_class("PackageJob") is PackageJob
    assert qfieldcloud.job_class("JobOfTomorrow") is Job


def test_tokens_are_the_creators_and_expire(add_job):
    """And can be ended sooner, never later."""
    from django.utils import timezone

    from worker_wrapper import qfieldcloud

    job = add_job()
    token = qfieldcloud.make_token(job, 60)
    assert token.user == job.created_by
    left = token.expires_at - timezone.now()
    assert timedelta(seconds=55) < left <= timedelta(seconds=60)
    qfieldcloud.expire_token(job.id)
    token.refresh_from_db()
    assert token.expires_at <= timezone.now()
    ended = token.expires_at
    qfieldcloud.expire_token(job.id)
    token.refresh_from_db()
    assert token.expires_at == ended


def test_a_jobs_token_is_the_same_for_every_wrapper(add_job):
    """Who takes a job over goes on with it and ends it. Another job has another."""
    from worker_wrapper import qfieldcloud

    job, other = add_job(), add_job()
    token = qfieldcloud.make_token(job, 60)
    again = qfieldcloud.make_token(job, 600)
    assert (again.pk, again.key) == (token.pk, token.key)
    assert again.expires_at > token.expires_at
    assert qfieldcloud.make_token(other, 60).key != token.key


def test_secrets_become_environment(add_job, project):
    """Names apart from values; all services in one text."""
    from qfieldcloud.core.models import Secret

    from worker_wrapper import qfieldcloud

    for name, kind, value in (
        ("B_TWO", "envvar", "2"),
        ("A_ONE", "envvar", "1"),
        ("PG_A", "pgservice", "[a]\nhost=x"),
        ("PG_B", "pgservice", "[b]\nhost=y"),
    ):
        Secret.objects.create(
            name=name, type=kind, value=value, project=project, created_by=project.owner
        )
    variables, names = qfieldcloud.secret_environment(add_job())
    assert names == ["A_ONE", "B_TWO"]
    services = variables.pop("PGSERVICE_FILE_CONTENTS")
    assert variables == {"A_ONE": "1", "B_TWO": "2"}
    assert sorted(services.split("\n")) == ["[a]", "[b]", "host=x", "host=y"]


def test_without_secrets_the_variable_is_there(add_job):
    """The worker reads it in any case."""
    from worker_wrapper import qfieldcloud

    assert qfieldcloud.secret_environment(add_job()) == (
        {"PGSERVICE_FILE_CONTENTS": ""},
        [],
    )


def test_older_packages_by_the_functions_of_2024(add_job, monkeypatch):
    """What is being made now, and the one just made, are kept."""
    from worker_wrapper import qfieldcloud

    old = add_job("finished")
    busy, now = add_job("started"), add_job("started")
    deleted = []
    stored = [str(one.id) for one in (old, busy, now)]
    monkeypatch.setattr(qfieldcloud, "delete_obsolete_packages", None)
    monkeypatch.setattr(
        qfieldcloud.storage, "get_stored_package_ids", lambda project_id: stored
    )
    monkeypatch.setattr(
        qfieldcloud.storage,
        "delete_stored_package",
        lambda project_id, package_id: deleted.append(package_id),
    )
    qfieldcloud.packaged(now, now.created_at)
    assert deleted == [str(old.id)]


def test_json_text_is_compact():
    """It goes into an environment variable."""
    from worker_wrapper import qfieldcloud

    assert qfieldcloud.json_text(["A", "B"]) == '["A","B"]'
