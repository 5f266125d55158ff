"""A job from its row to its outcome, with a real worker process on each backend."""

import json
import threading
import time

import pytest

pytestmark = pytest.mark.usefixtures("program")


@pytest.fixture
def run(backend, add_job):
    """Runs a job of a type; answers with its row afterwards."""
    from qfieldcloud.core.models import Job

    from worker_wrapper.factory import JobRun

    def run_(job=None):
        job = job or add_job()
        JobRun(job.id).run()
        return Job.objects.get(pk=job.pk)

    return run_


def test_a_good_job(run, simulated, backend, tmp_path):
    """Final, with output, times, exit code and the backend's id; nothing is left."""
    row = run()
    assert row.status == "finished"
    assert sorted(row.output.split("\n")) == ["", "says err", "says out"]
    assert row.feedback["container_exit_code"] == 0
    times = [row.started_at, row.docker_started_at, row.docker_finished_at]
    times.append(row.finished_at)
    assert times == sorted(times)
    assert len(row.container_id) == {"docker": 64, "kubernetes": 36}[backend]
    assert row.container_id not in {one["Id"] for one in simulated.containers()}
    assert not list(tmp_path.glob("qfc-*"))


def test_the_token_is_of_no_use_afterwards(run):
    """Whoever finds it in a log can do nothing with it."""
    from django.utils import timezone
    from qfieldcloud.authentication.models import AuthToken

    run()
    (token,) = AuthToken.objects.all()
    assert token.client_type == AuthToken.ClientType.WORKER
    assert token.expires_at <= timezone.now()


def test_an_exit_code_is_kept(run, program):
    """The row says failed, and why."""
    program("print('last words'); raise SystemExit(3)")
    row = run()
    assert row.status == "failed"
    assert row.output == "last words\n"
    assert row.feedback["container_exit_code"] == 3
    assert row.feedback["error_type"] == "WORKER_EXIT_CODE"
    assert row.feedback["error_origin"] == "container"
    assert row.finished_at >= row.docker_finished_at


def test_the_workers_own_error_comes_first(run, program):
    """It exits with 0 all the same, as QFieldCloud's does."""
    feedback = {"error": "no such layer", "error_type": "INVALID_PROJECT_FILE"}
    program(f"open('/io/feedback.json', 'w').write('''{json.dumps(feedback)}''')")
    row = run()
    assert row.status == "failed"
    assert row.feedback == {
        **feedback,
        "error_origin": "container",
        "container_exit_code": 0,
    }


def test_no_feedback(run, program):
    """An exit code of 0 alone is no success."""
    program("print('done')")
    row = run()
    assert (row.status, row.feedback["error_type"]) == ("failed", "FEEDBACK_MISSING")
    assert row.output == "done\n"


@pytest.mark.usefixtures("app")
def test_a_time_out(run, program):
    """The log up to then is kept, and the output's last line says after how long."""
    from constance import config

    program("import time; print('busy', flush=True); time.sleep(60)")
    config.WORKER_TIMEOUT_S = 1
    began = time.monotonic()
    row = run()
    assert time.monotonic() - began < 20
    assert row.status == "failed"
    assert row.feedback["error_type"] == "TIMEOUT"
    assert row.feedback["error"] == "Worker timeout error."
    assert row.feedback["container_exit_code"] == -1
    assert row.output.startswith("busy\n")
    assert row.output.splitlines()[-1].endswith("after 1 seconds.")


def test_a_row_that_is_deleted_ends_the_worker(run, program, add_job, simulated):
    """Nobody waits for it any more."""
    program("import time; time.sleep(60)")
    job = add_job()
    timer = threading.Timer(1.0, lambda: _delete(job))
    timer.start()
    from worker_wrapper.factory import JobRun

    JobRun(job.id).run()
    timer.join()
    labels = [one["Labels"].get("job_id") for one in simulated.containers()]
    assert str(job.id) not in labels


def _delete(job) -> None:
    from django.db import connections

    type(job).objects.filter(pk=job.pk).delete()
    connections.close_all()


def test_a_row_that_the_reaper_ended_stays_so(run, program, add_job):
    """A slow success doesn't overwrite it."""
    from qfieldcloud.core.models import Job

    program(
        """
        import json, time
        time.sleep(1.5)
        json.dump({}, open("/io/feedback.json", "w"))
        """
    )
    job = add_job()
    reaped = {"container_exit_code": -2}

    def reap() -> None:
        from django.db import connections

        changed = Job.objects.filter(pk=job.pk)
        changed.update(status="failed", feedback=reaped, output="unexpectedly")
        connections.close_all()

    timer = threading.Timer(0.7, reap)
    timer.start()
    row = run(job)
    timer.join()
    assert (row.status, row.feedback, row.output) == ("failed", reaped, "unexpectedly")


def test_a_hook_that_fails_fails_the_job(run, add_job):
    """As the wrapper's own error, with the traceback; output and code are kept."""
    from qfieldcloud.core.models import ProcessProjectfileJob

    row = run(add_job(model=ProcessProjectfileJob))  # its outputs lack the details
    assert row.status == "failed"
    assert row.feedback["error_type"] == "WRAPPER_ERROR"
    assert row.feedback["error_origin"] == "worker_wrapper"
    assert "KeyError" in row.feedback["error_stack"]
    assert row.feedback["container_exit_code"] == 0
    assert "says out" in row.output


def test_an_image_that_is_missing(run, set_):
    """No worker, no exit code, but a cause."""
    set_(QFIELDCLOUD_QGIS_IMAGE_NAME="registry.invalid/none:1")
    row = run()
    assert row.status == "failed"
    assert row.feedback["container_exit_code"] is None
    assert row.feedback["error_type"].startswith("IMAGE_")


def test_a_memory_limit_that_makes_no_sense(run):
    """Said with the right spelling, before anything is made."""
    from constance import config

    config.WORKER_QGIS_MEMORY_LIMIT = "1000Mi"
    row = run()
    assert row.status == "failed"
    assert "WORKER_QGIS_MEMORY_LIMIT" in row.feedback["error"]
    assert "'1000m'" in row.feedback["error"]
    assert row.container_id == ""


def test_a_long_log_keeps_head_and_tail(run, program, set_):
    """By the setting; what is left out is counted."""
    set_(QFIELDCLOUD_WORKER_LOG_KEEP_BYTES=1024)
    program(
        """
        import json
        print("first"); print("x" * 100_000); print("last")
        json.dump({}, open("/io/feedback.json", "w"))
        """
    )
    row = run()
    assert row.status == "finished"
    assert row.output.startswith("first\nx")
    assert row.output.endswith("x\nlast\n")
    assert f"{6 + 100_001 + 5 - 2048} bytes of the log are left out" in row.output


def test_the_worker_gets_what_the_contract_says(run, program, add_job, project):
    """Arguments, environment, secrets."""
    from qfieldcloud.core.models import Secret

    Secret.objects.create(
        name="SECRET_ONE",
        type="envvar",
        value="a$(HOME)b\nc",
        project=project,
        created_by=project.owner,
    )
    program(
        """
        import json, os, sys
        told = {"argv": sys.argv, "env": dict(os.environ)}
        json.dump(told, open("/io/feedback.json", "w"))
        """
    )
    job = add_job()
    told = run(job).feedback
    assert told["argv"][1:] == ["package", str(project.id), "trees.qgs", "qgiscore"]
    env = told["env"]
    assert env["SECRET_ONE"] == "a$(HOME)b\nc"
    assert json.loads(env["QFIELDCLOUD_EXTRA_ENVVARS"]) == ["SECRET_ONE"]
    assert env["JOB_ID"] == str(job.id)
    assert env["PROJ_DOWNLOAD_DIR"] == "/transformation_grids"
    assert env["QT_QPA_PLATFORM"] == "offscreen"
    assert env["QFIELDCLOUD_URL"].endswith("/api/v1/")
    assert len(env["QFIELDCLOUD_TOKEN"]) > 20


def test_the_directory_stays_below_a_worker_that_stays(
    run, backend, program, monkeypatch, tmp_path
):
    """It may still write there; by the directory a sweep finds what is left."""
    from worker_wrapper import backends

    def refuses(_worker):
        raise OSError("the backend is gone")

    used = backends.get(None)
    monkeypatch.setattr(used, "remove", refuses)
    row = run()
    assert row.status == "finished"
    ((_, directory),) = used.directories()
    assert (directory / "feedback.json").exists()
