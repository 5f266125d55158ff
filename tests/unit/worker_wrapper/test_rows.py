"""Writes to the job's row, beside others who write to it too."""

import threading

import pytest
from django.db import OperationalError, connection, transaction

pytestmark = pytest.mark.usefixtures("app")


def row_of(job):
    """The row as the database has it."""
    return type(job).objects.get(pk=job.pk)


def test_a_queued_job_is_started(add_job):
    """With the time."""
    from worker_wrapper import rows

    job = add_job("queued")
    assert rows.start(job)
    found = row_of(job)
    assert found.status == job.status == "started"
    assert found.started_at == job.started_at
    assert found.updated_at > job.created_at


@pytest.mark.parametrize("status", ["started", "finished", "failed", "stopped"])
def test_a_job_that_somebody_has_is_not_started(add_job, status):
    """Nor one that is over."""
    from worker_wrapper import rows

    job = add_job(status)
    assert not rows.start(job)
    assert row_of(job).status == status


def test_a_job_that_is_gone_is_not_started(add_job):
    """Nor made again by saving it."""
    from worker_wrapper import rows

    job = add_job()
    type(job).objects.filter(pk=job.pk).delete()
    assert not rows.start(job)
    assert not type(job).objects.exists()


@pytest.mark.parametrize("status", ["queued", "started"])
def test_a_busy_project_sends_the_job_back(add_job, status):
    """To be picked again later."""
    from worker_wrapper import rows

    add_job(status)
    job = add_job("queued")
    assert not rows.start(job)
    assert (row_of(job).status, row_of(job).started_at) == ("pending", None)


def test_another_projects_job_does_not_matter(add_job, project):
    """Nor does an ended one of the same project."""
    from qfieldcloud.core.models import Project

    from worker_wrapper import rows

    other = Project.objects.create(owner=project.owner, name="other")
    add_job("started", project=other)
    add_job("finished")
    assert rows.start(add_job())


def test_only_these_fields_are_written(add_job):
    """What others wrote meanwhile stays."""
    from worker_wrapper import rows

    job = add_job("started")
    type(job).objects.filter(pk=job.pk).update(output="by somebody else")
    assert rows.save(job, container_id="c")
    assert (row_of(job).container_id, row_of(job).output) == ("c", "by somebody else")
    assert job.container_id == "c"


@pytest.mark.parametrize("status", ["finished", "failed", "stopped"])
def test_a_final_row_stays_as_it_is(add_job, status):
    """QFieldCloud's reaper, or a person, has ended it."""
    from worker_wrapper import rows

    job = add_job("started")
    type(job).objects.filter(pk=job.pk).update(status=status, output="theirs")
    assert not rows.save(job, status="finished", output="ours")
    assert (row_of(job).status, row_of(job).output) == (status, "theirs")


def test_a_row_that_is_gone_is_told(add_job):
    """And not made again."""
    from worker_wrapper import rows

    job = add_job("started")
    assert rows.is_wanted(job)
    type(job).objects.filter(pk=job.pk).update(status="failed")
    assert not rows.is_wanted(job)
    type(job).objects.filter(pk=job.pk).update(status="started")
    type(job).objects.filter(pk=job.pk).delete()
    assert not rows.is_wanted(job)
    assert not rows.save(job, output="x")


def test_two_wrappers_start_one_job_once(add_job, env):
    """Each waits for the other's lock, and looks again."""
    from django.db import connections

    from worker_wrapper import rows

    job = add_job("queued")
    started = []

    def start() -> None:
        started.append(rows.start(row_of(job)))
        connections.close_all()

    with transaction.atomic():
        type(job).objects.select_for_update().get(pk=job.pk)
        threads = [threading.Thread(target=start) for _ in range(4)]
        for thread in threads:
            thread.start()
        assert connection.in_atomic_block
    for thread in threads:
        thread.join(10)
    assert sorted(started) == [False, False, False, True]


def test_a_connection_that_was_cut_is_made_anew(add_job):
    """The write is done all the same: the database was restarted, say."""
    from worker_wrapper import rows

    job = add_job("started")
    cut_connection()
    assert rows.save(job, output="kept")
    assert row_of(job).output == "kept"


def test_what_the_database_refuses_is_not_tried_for_ever(add_job, monkeypatch):
    """It answers, so that waiting doesn't help."""
    from worker_wrapper import rows

    tries = []

    def refused() -> None:
        tries.append(1)
        raise OperationalError("disk full")

    add_job("started")
    with pytest.raises(OperationalError, match="disk full"):
        rows.persistently(refused)
    assert len(tries) == 2


def cut_connection() -> None:
    """End this process's session from another one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    other.close()
