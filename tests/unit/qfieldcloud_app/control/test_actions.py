"""What the harness can do while a job runs."""

from datetime import timedelta

import pytest
from constance import config
from django.utils import timezone
from qfieldcloud.core.models import Job


def test_a_row_can_be_deleted(control, job_id):
    """Once."""
    body = {"do": "delete_job_row", "job_id": job_id}
    assert control("POST", "act", body) == (200, {})
    assert not Job.objects.exists()
    assert control("POST", "act", body)[0] == 404


def test_the_reaper_can_run(control, job_id):
    """It says how many jobs it failed."""
    begun = timezone.now() - timedelta(hours=1)
    Job.objects.filter(pk=job_id).update(status="started", started_at=begun)
    assert control("POST", "act", {"do": "reap"}) == (200, {"jobs": 1})
    assert Job.objects.get().status == "failed"


def test_the_reaper_can_run_as_if_it_was_later(control, job_id):
    """A scenario can't wait for the time-out of a job that runs."""
    Job.objects.filter(pk=job_id).update(status="started", started_at=timezone.now())
    for later_s, jobs in ((0, 0), (3600, 1)):
        answer = control("POST", "act", {"do": "reap", "later_s": later_s})
        assert answer == (200, {"jobs": jobs})


def test_the_jobs_can_be_counted(control, job_id, arranged):
    """By their status."""
    arranged(jobs=[{"type": "package", "status": "started"}, {"type": "package"}])
    answer = control("POST", "act", {"do": "count_jobs"})
    assert answer == (200, {"statuses": {"pending": 2, "started": 1}})


def test_configuration_can_change(control):
    """As with arrange."""
    body = {"do": "set_config", "config": {"WORKER_QGIS_CPU_SHARES": 256}}
    assert control("POST", "act", body) == (200, {})
    assert config.WORKER_QGIS_CPU_SHARES == 256


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "the key 'do' is missing"),
        ({"do": "dance"}, "use one of count_jobs, cut_database, delete_job_row"),
        ({"do": "reap", "job_id": "x"}, "reap: unknown key 'job_id'"),
        ({"do": "delete_job_row"}, "the key 'job_id' is missing"),
        ({"do": "delete_job_row", "job_id": "x"}, "delete_job_row.job_id"),
        ({"do": "set_config", "config": {"X": 1}}, "unknown key 'X'"),
        ({"do": 1}, "act.do: 1 should be text"),
        ([], "should be an object"),
    ],
)
def test_a_mistake_is_named(control, body, message):
    """400 with what would be right."""
    status, answer = control("POST", "act", body)
    assert (status, message in answer["message"]) == (400, True), answer
