"""The reaper ends what started too long ago, and nothing else."""

from datetime import timedelta

import pytest
from constance import config
from django.utils import timezone
from qfieldcloud.core.models import PackageJob
from qfieldcloud.core.reaper import reap

from .. import standin


def job(project, status, age_s):
    started_at = timezone.now() - timedelta(seconds=age_s) if age_s else None
    return PackageJob.objects.create(
        project=project,
        created_by=project.owner,
        status=status,
        started_at=started_at,
    )


@pytest.mark.parametrize("status", ["queued", "started"])
def test_a_job_beyond_timeout_and_grace_fails(project, status):
    """It gets the exit code, the output and the end that QFieldCloud gives it."""
    late = job(project, status, 611)
    assert reap() == 1
    late.refresh_from_db()
    assert late.status == "failed"
    assert late.output == "Job unexpectedly terminated."
    assert late.feedback["container_exit_code"] == -2
    assert late.feedback["error_origin"] == "worker_wrapper"
    assert late.finished_at is not None


@pytest.mark.parametrize(
    ("status", "age_s"),
    [("started", 605), ("pending", 999), ("finished", 999), ("queued", 0)],
    ids=["in the grace", "pending", "final", "never started"],
)
def test_other_jobs_are_left_alone(project, status, age_s):
    """Also one that is queued but never started: QFieldCloud's reaper misses it."""
    other = job(project, status, age_s)
    assert reap() == 0
    other.refresh_from_db()
    assert other.status == status


def test_the_timeout_is_that_of_the_configuration(project):
    """A shorter WORKER_TIMEOUT_S reaps earlier."""
    job(project, "started", 20)
    config.WORKER_TIMEOUT_S = 5
    assert reap() == 1


def test_the_command_reaps(project, env):
    """``manage.py reap`` does one round and says how many."""
    job(project, "started", 700)
    done = standin.manage(env, "reap")
    assert "1 job(s) failed" in done.stdout, done.stderr
