"""A subject's write of a row waits where it is held, and goes on or is ended."""

import threading
import time

import pytest
from django.db import DatabaseError, connection
from qfieldcloud.core.models import Job


@pytest.fixture
def subject():
    """Runs SQL as a wrapper's session would, in a thread; gives how it ended."""
    opened = []

    def run(sql: str):
        other = connection.copy()
        other.inc_thread_sharing()
        opened.append(other)
        with other.cursor() as cursor:
            cursor.execute("SET application_name = 'subject-1'")
        ended: list[str] = []

        def execute() -> None:
            try:
                with other.cursor() as cursor:
                    cursor.execute(sql)
                ended.append("done")
            except DatabaseError as error:
                ended.append(type(error).__name__)

        thread = threading.Thread(target=execute)
        thread.start()
        return thread, ended

    yield run
    for one in opened:
        one.close()


def act(control, do: str, **arguments):
    """The answer of a deed that is done."""
    status, answer = control("POST", "act", {"do": do, **arguments})
    assert status == 200, answer
    return answer


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_write_waits(control, job_id, subject, goes_on):
    """Even one that isn't in a transaction is not done when its session is ended."""
    act(control, "hold_row", job_id=job_id, what="started")
    thread, ended = subject("UPDATE core_job SET status = 'started'")
    held = act(control, "held_row", job_id=job_id, timeout_ms=5000)
    assert held == {"waiting": 1}
    assert not ended
    assert Job.objects.get().status == "pending"
    released = act(control, "release_row", job_id=job_id, goes_on=goes_on)
    assert released == {"waited": 1}
    thread.join(10)
    assert ended == ["done" if goes_on else "OperationalError"]
    assert Job.objects.get().status == ("started" if goes_on else "pending")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE core_job SET status = 'queued'",
        "UPDATE core_job SET container_id = 'x'",
    ],
)
def test_other_writes_do_not_wait(control, job_id, subject, sql):
    """Nor does the stand-in's own."""
    act(control, "hold_row", job_id=job_id, what="started")
    thread, ended = subject(sql)
    thread.join(10)
    assert ended == ["done"]
    Job.objects.update(status="started")
    act(control, "release_row", job_id=job_id, goes_on=True)


def test_a_column_can_be_held(control, job_id, subject):
    """Before anybody knows the worker's id."""
    act(control, "hold_row", job_id=job_id, what="container_id")
    thread, ended = subject("UPDATE core_job SET container_id = 'x'")
    assert act(control, "held_row", job_id=job_id, timeout_ms=5000)["waiting"] == 1
    act(control, "release_row", job_id=job_id, goes_on=True)
    thread.join(10)
    assert ended == ["done"]


def test_nothing_may_ever_come(control, job_id):
    """Then nothing waited."""
    act(control, "hold_row", job_id=job_id, what="finished")
    assert act(control, "held_row", job_id=job_id, timeout_ms=1) == {"waiting": 0}
    released = act(control, "release_row", job_id=job_id, goes_on=False)
    assert released == {"waited": 0}


def test_the_subjects_sessions_can_be_cut(control, subject):
    """As when the database restarts."""
    thread, ended = subject("SELECT pg_sleep(30)")
    time.sleep(0.1)
    assert act(control, "cut_database")["sessions"] == 1
    thread.join(10)
    assert ended == ["OperationalError"]
