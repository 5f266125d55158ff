"""The records that are passed between the core and the backends."""

from samples import JOB_ID, PROJECT_ID, spec

from worker_wrapper import failures
from worker_wrapper.run_spec import timed_out


def test_labels_are_qfieldclouds():
    """By these names operators find a worker."""
    assert spec(environment="dev", job_type="delta_apply").labels == {
        "app": "dev_worker",
        "type": "delta_apply",
        "job_id": JOB_ID,
        "project_id": PROJECT_ID,
    }


def test_secrets_are_not_printed():
    """A traceback or log line with a spec in it must not tell the token."""
    assert "t0ken" not in repr(spec())
    assert "entrypoint.py" in repr(spec())


def test_a_time_out_says_after_how_long():
    """The exit code is -1, the output's last line has the seconds."""
    ended = timed_out("last words", 600)
    assert ended.exit_code == -1
    assert ended.failure.kind is failures.TIMEOUT
    assert ended.failure.seen == "Worker timeout error."
    *before, last = ended.output.splitlines()
    assert before == ["last words"]
    assert last.endswith("after 600 seconds.")
