"""The history of a job's row, and waiting for it."""

import threading
import time
from importlib import import_module

import psycopg
import pytest
from django.db import transaction
from qfieldcloud.core.models import Job


@pytest.fixture
def history(control, job_id):
    """The entries after one, as the control API gives them."""

    def get(query=""):
        status, answer = control("GET", f"jobs/{job_id}/history?{query}")
        assert status == 200, answer
        return answer["history"]

    return get


def test_a_new_row_is_the_first_entry(history, job_id):
    """With its status, and who wrote it."""
    (entry,) = history()
    assert (entry["op"], entry["old_status"]) == ("insert", None)
    assert entry["new_status"] == "pending"
    assert entry["application_name"] == "qfieldcloud"
    assert entry["at"].endswith("Z")
    assert entry["changed"] == []


def test_a_change_of_any_column_is_seen():
    """The trigger knows every column of the table."""
    triggers = import_module("qfieldcloud.control.migrations.0002_triggers")
    columns = {field.column for field in Job._meta.concrete_fields}
    assert set(triggers.COLUMNS) == columns


def test_a_save_is_an_entry_with_what_it_changed(history, job_id):
    """Columns that keep their value aren't listed."""
    job = Job.objects.get(pk=job_id)
    job.status, job.container_id = "started", "abc"
    job.save(update_fields=["status", "container_id", "output"])
    entry = history()[-1]
    assert (entry["op"], entry["changed"]) == ("update", ["container_id", "status"])
    assert (entry["old_status"], entry["new_status"]) == ("pending", "started")


def test_a_queryset_update_is_seen(history, job_id):
    """No signal of Django's would tell."""
    Job.objects.filter(pk=job_id).update(status="failed", output="x")
    assert history()[-1]["changed"] == ["output", "status"]


def test_raw_sql_of_another_client_is_seen(history, job_id, env):
    """With the name under which that client is connected, and its process."""
    with psycopg.connect(
        host=env["POSTGRES_HOST"],
        user="postgres",
        dbname=env["POSTGRES_DB"],
        application_name="reaper",
    ) as connection:
        connection.execute("UPDATE core_job SET status = 'stopped'")
        pid = connection.info.backend_pid
    entry = history()[-1]
    assert (entry["application_name"], entry["backend_pid"]) == ("reaper", pid)


def test_statuses_within_one_transaction_are_all_kept(history, job_id):
    """Each with its own time, under one transaction id."""
    with transaction.atomic():
        for status in ("queued", "started"):
            Job.objects.filter(pk=job_id).update(status=status)
    entries = history()[1:]
    assert [entry["new_status"] for entry in entries] == ["queued", "started"]
    assert entries[0]["txid"] == entries[1]["txid"]
    assert entries[0]["at"] < entries[1]["at"]


def test_what_is_rolled_back_never_was(history, job_id):
    """Nor is it told."""
    with transaction.atomic():
        Job.objects.filter(pk=job_id).update(status="failed")
        transaction.set_rollback(True)
    assert len(history()) == 1


def test_the_end_of_the_row_is_the_last_entry(history, job_id):
    """With the status that it had."""
    Job.objects.filter(pk=job_id).update(status="started")
    Job.objects.get(pk=job_id).delete()
    entry = history()[-1]
    assert (entry["op"], entry["old_status"], entry["new_status"]) == (
        "delete",
        "started",
        None,
    )


def test_entries_can_be_had_from_one_on(history, job_id):
    """``after`` is the last one that is known."""
    first = history()[0]["seq"]
    Job.objects.filter(pk=job_id).update(status="queued")
    assert [e["new_status"] for e in history(f"after={first}")] == ["queued"]


@pytest.mark.parametrize("query", ["after=x", "timeout_s=soon"])
def test_an_odd_number_is_a_400(control, job_id, query):
    """And not an endless wait."""
    status, answer = control("GET", f"jobs/{job_id}/history?{query}")
    assert (status, "is no number" in answer["message"]) == (400, True)


def test_a_job_that_never_was_is_a_404(control, app):
    """At once, whatever the timeout."""
    path = "jobs/00000000-0000-0000-0000-000000000000/history?timeout_s=60"
    assert control("GET", path)[0] == 404


# From here on, with a server: requests wait while the row changes.


@pytest.fixture
def job(served):
    return served.arrange(
        user={"username": "ada"},
        project={"name": "trees"},
        jobs=[{"type": "package"}],
    )["jobs"][0]["id"]


@pytest.fixture
def change(served, job):
    """Runs SQL on the job, in another process's connection."""
    env = served.env

    def run(assignments):
        with psycopg.connect(
            host=env["POSTGRES_HOST"], user="postgres", dbname=env["POSTGRES_DB"]
        ) as connection:
            sql = f"UPDATE core_job SET {assignments} WHERE id = %s"
            connection.execute(sql, [job])

    return run


class Poll(threading.Thread):
    """A long poll in the background."""

    def __init__(self, served, job, **params):
        super().__init__()
        self._request = lambda: served.control(
            "GET", f"jobs/{job}/history", timeout_s=10, **params
        )
        self.answer = None
        self.took_s = None
        self.start()
        time.sleep(0.2)

    def run(self):
        """Asks, and notes how long it took."""
        began = time.monotonic()
        self.answer = self._request().json()
        self.took_s = time.monotonic() - began

    def statuses(self):
        """The statuses in the answer, once it is there."""
        self.join(12)
        return [entry["new_status"] for entry in self.answer["history"]]


def test_a_poll_returns_with_the_next_entry(served, job, change):
    """As soon as it is committed."""
    seen = served.control("GET", f"jobs/{job}/history").json()["history"][-1]["seq"]
    poll = Poll(served, job, after=seen)
    assert poll.is_alive()
    changed_at = time.monotonic()
    change("status = 'queued'")
    assert poll.statuses() == ["queued"]
    assert time.monotonic() - changed_at < 3
    assert poll.answer["timed_out"] is False


def test_a_poll_until_a_status_waits_for_it(served, job, change):
    """Other entries don't end it, but are in the answer."""
    poll = Poll(served, job, until="finished,failed")
    change("status = 'queued'")
    change("status = 'started'")
    time.sleep(0.2)
    assert poll.is_alive()
    change("status = 'failed'")
    assert poll.statuses() == ["pending", "queued", "started", "failed"]


def test_a_status_that_was_passed_over_counts(served, job, change):
    """A row that went on to ``finished`` was ``started``."""
    change("status = 'started'")
    change("status = 'finished'")
    poll = Poll(served, job, until="started")
    assert poll.statuses()[1:] == ["started", "finished"]
    assert poll.took_s < 3


def test_the_deletion_of_the_row_ends_a_poll(served, job):
    """No status will ever come."""
    poll = Poll(served, job, until="finished")
    served.control("POST", "act", {"do": "delete_job_row", "job_id": job})
    assert poll.statuses() == ["pending", None]
    assert poll.answer["history"][-1]["op"] == "delete"


def test_a_poll_ends_with_its_timeout(served, job):
    """With what there is, and word of it."""
    began = time.monotonic()
    path = f"jobs/{job}/history"
    answer = served.control("GET", path, until="finished", timeout_s=0.5).json()
    assert 0.4 < time.monotonic() - began < 3
    assert answer["timed_out"] is True
    assert len(answer["history"]) == 1


def test_a_poll_survives_the_loss_of_its_connection(served, server, job, change):
    """The feed listens again, and misses nothing."""
    poll = Poll(served, job, until="finished")
    with server.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = %s AND query LIKE 'LISTEN%%'",
            [served.env["POSTGRES_DB"]],
        )
    change("status = 'finished'")
    assert poll.statuses()[-1] == "finished"
    assert poll.took_s < 5
