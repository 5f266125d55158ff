"""The drop-in dequeue, and QFieldCloud's own: both follow the setting's backend."""

import signal
import time

import pytest
from test_take_over import until, wrapper  # noqa: F401 (fixture)

OURS = """
import runpy, sys
sys.argv = ["dequeue_k8s", "--single-shot"]
runpy.run_module("worker_wrapper.dequeue_k8s", run_name="__main__")
"""
QFIELDCLOUDS = """
import django
django.setup()
from django.core.management import call_command
call_command("dequeue", "--single-shot")
"""
LOOP = OURS.replace(', "--single-shot"', "")


@pytest.mark.parametrize("code", [OURS, QFIELDCLOUDS], ids=["ours", "qfieldclouds"])
def test_a_pending_job_is_run_on_the_settings_backend(
    wrapper,  # noqa: F811
    add_job,
    program,
    backend,
    code,
):
    """With the unmodified dequeue too: what it imports follows the setting."""
    job = add_job("pending")
    assert wrapper(job, code).wait(60) == 0
    job.refresh_from_db()
    assert (job.status, job.feedback["container_exit_code"]) == ("finished", 0)
    # a container's id, or the UID of a Kubernetes Job
    assert len(job.container_id) == {"docker": 64, "kubernetes": 36}[backend]


def test_sigterm_finishes_the_job_in_hand(wrapper, add_job, program):  # noqa: F811
    """Then it stops, and picks no other."""
    program(
        """
        import json, time
        time.sleep(3)
        json.dump({}, open("/io/feedback.json", "w"))
        """
    )
    job = add_job("pending")
    process = wrapper(job, LOOP)
    until(job, lambda row: row.container_id)
    later = add_job("pending")
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    job.refresh_from_db()
    later.refresh_from_db()
    assert (job.status, later.status) == ("finished", "pending")


def test_an_idle_one_stops_soon(wrapper, add_job, program):  # noqa: F811
    """It has nothing to finish."""
    job = add_job("pending")
    process = wrapper(job, LOOP)
    until(job, lambda row: row.status == "finished")
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    assert process.wait(30) == 0
    assert time.monotonic() - began < 10


def test_wrong_settings_stop_it_at_once(wrapper, add_job, set_):  # noqa: F811
    """No job is picked that could not be run."""
    job = add_job("pending")
    set_(QFIELDCLOUD_K8S_TTL_S="soon")
    assert wrapper(job, OURS).wait(60) != 0
    job.refresh_from_db()
    assert job.status == "pending"


def test_wrong_limits_stop_it_at_once(wrapper, add_job, capfd):  # noqa: F811
    """The job stays pending, where it would fail; the right spelling is told."""
    from constance import config

    job = add_job("pending")
    config.WORKER_QGIS_MEMORY_LIMIT = "1000Mi"
    assert wrapper(job, OURS).wait(60) != 0
    job.refresh_from_db()
    assert job.status == "pending"
    told = capfd.readouterr().err
    assert "WORKER_QGIS_MEMORY_LIMIT: '1000Mi'" in told
    assert "Write '1000m'" in told


def test_the_example_of_the_settings_is_valid(set_):
    """As it stands."""
    from worker_wrapper import backends, k8s_settings_example

    shown = {k: v for k, v in vars(k8s_settings_example).items() if k.isupper()}
    set_(**shown)
    found = backends.worker_settings()
    assert (found.backend, found.hand_over_s) == ("kubernetes", 30)
    assert found.kubernetes.node_selector == {"pool": "gis"}
