"""A wrapper's process dies: another finishes its job, once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
RUN = """
import sys, django
django.setup()
from worker_wrapper.factory import JobRun
JobRun(sys.argv[1]).run()
"""
WORKER = """
import json, sys, time
with open("/io/runs", "a") as file:
    file.write("x")
print("began", flush=True)
time.sleep({seconds})
print("ended", flush=True)
runs = open("/io/runs").read()
json.dump({{"outputs": {{}}, "runs": len(runs)}}, open("/io/feedback.json", "w"))
"""


@pytest.fixture
def wrapper(env, backend):
    """Starts the wrapper's process for a job; ends it at the end."""
    from django.conf import settings

    started = []

    def start(job, code: str = RUN) -> subprocess.Popen:
        names = [name for name in dir(settings) if name.startswith("QFIELDCLOUD_")]
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", code, str(job.id)],
            env={
                "PATH": os.environ["PATH"],
                **env,
                **{name: str(getattr(settings, name)) for name in names},
                "DOCKER_HOST": os.environ.get("DOCKER_HOST", ""),
                "PYTHONPATH": f"{env['PYTHONPATH']}:{REPOSITORY}",
            },
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def until(job, check, timeout_s: float = 40.0):
    """Wait until this is true of the row."""
    deadline = time.monotonic() + timeout_s
    while True:
        job.refresh_from_db()
        if check(job):
            return
        assert time.monotonic() < deadline, (job.status, job.feedback)
        time.sleep(0.05)


def has_worker(row) -> bool:
    """Whether the worker's own id is in the row."""
    from worker_wrapper import rows

    return bool(row.container_id) and not row.container_id.startswith(rows.TO_BE_MADE)


def kill(process: subprocess.Popen) -> None:
    """Without any chance to clean up."""
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("seconds", [0, 4], ids=["ended", "running"])
def test_a_job_is_finished_by_the_next_sweep(
    wrapper, add_job, program, simulated, seconds
):
    """Whether its worker runs on or has ended: not failed, not run again."""
    from worker_wrapper import backends
    from worker_wrapper.sweep import cancel_orphaned_workers

    program(WORKER.format(seconds=seconds or 1.5))
    job = add_job("queued")
    process = wrapper(job)
    until(job, has_worker)
    time.sleep(0.3)
    kill(process)
    if not seconds:
        time.sleep(2.5)
    job.refresh_from_db()
    assert job.status == "started"
    cancel_orphaned_workers()
    job.refresh_from_db()
    assert (job.status, job.output) == ("finished", "began\nended\n")
    assert job.feedback == {"outputs": {}, "runs": 1, "container_exit_code": 0}
    assert job.finished_at >= job.docker_finished_at >= job.docker_started_at
    assert backends.get().workers("test") == []


def test_a_live_wrappers_job_is_left_to_it(wrapper, add_job, program):
    """Its lock says so; the sweep returns at once."""
    from worker_wrapper.sweep import cancel_orphaned_workers

    program(WORKER.format(seconds=3))
    job = add_job("queued")
    process = wrapper(job)
    until(job, has_worker)
    began = time.monotonic()
    cancel_orphaned_workers()
    assert time.monotonic() - began < 2.0
    assert process.poll() is None
    until(job, lambda row: row.status == "finished")
    assert job.feedback["runs"] == 1
    assert process.wait(20) == 0


def test_the_time_that_has_passed_counts(wrapper, add_job, program):
    """The time-out begins with the worker, not with who takes it over."""
    from constance import config

    from worker_wrapper.sweep import cancel_orphaned_workers

    config.WORKER_TIMEOUT_S = 6
    program(WORKER.format(seconds=60))
    job = add_job("queued")
    process = wrapper(job)
    until(job, has_worker)
    kill(process)
    time.sleep(3)
    began = time.monotonic()
    cancel_orphaned_workers()
    job.refresh_from_db()
    assert job.feedback["error_type"] == "TIMEOUT"
    assert time.monotonic() - began < 3 + 8  # stopping and reading the log take a while
    assert job.output.splitlines()[0] == "began"


HAND_OVER = """
import signal, sys, django
django.setup()
from worker_wrapper import handover
from worker_wrapper.factory import JobRun
signal.signal(signal.SIGTERM, lambda *_: handover.request(0))
JobRun(sys.argv[1]).run()
"""


def test_a_wrapper_that_is_told_to_stop_hands_over(wrapper, add_job, program):
    """Its worker runs on, and the next one finishes the job."""
    from worker_wrapper import backends
    from worker_wrapper.sweep import cancel_orphaned_workers

    program(WORKER.format(seconds=12))
    job = add_job("queued")
    process = wrapper(job, HAND_OVER)
    until(job, has_worker)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    job.refresh_from_db()
    assert job.status == "started"
    assert len(backends.get().workers("test")) == 1
    cancel_orphaned_workers()
    job.refresh_from_db()
    assert (job.status, job.feedback["runs"]) == ("finished", 1)


def test_two_that_take_over_do_it_once(wrapper, add_job, program):
    """Both sweep at the same time; one gets the lock."""
    sweep = "\n".join(
        [
            "import django",
            "django.setup()",
            "from worker_wrapper.sweep import cancel_orphaned_workers",
            "cancel_orphaned_workers()",
        ]
    )
    program(WORKER.format(seconds=4))
    job = add_job("queued")
    process = wrapper(job)
    until(job, has_worker)
    kill(process)
    both = [wrapper(job, sweep) for _ in range(2)]
    assert [one.wait(40) for one in both] == [0, 0]
    job.refresh_from_db()
    assert (job.status, job.feedback["runs"]) == ("finished", 1)
