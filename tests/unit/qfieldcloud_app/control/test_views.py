"""Who may use the control API, and the probe's part of it."""

import pytest
from django.test import override_settings

GUARDED = [
    ("POST", "arrange"),
    ("POST", "act"),
    ("GET", "jobs/{job}"),
    ("GET", "jobs/{job}/history"),
    ("GET", "jobs/{job}/content/e3b0c442"),
]
OPEN = [("GET", "jobs/{job}/script"), ("POST", "jobs/{job}/probe")]


@pytest.mark.parametrize("token", ["", "wrong", "ä"])
@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_the_token_guards_it(control, job_id, method, path, token):
    """401 with a message that names header and variable."""
    token = token.encode().decode("latin-1")
    status, answer = control(method, path.format(job=job_id), token=token)
    assert status == 401
    assert "X-Harness-Token" in answer["message"]


@pytest.mark.parametrize(("method", "path"), GUARDED + OPEN)
def test_without_a_token_to_guard_it_there_is_no_control_api(
    control, job_id, method, path
):
    """An empty QFC_APP_CONTROL_TOKEN hides it, and is no password."""
    with override_settings(QFC_APP_CONTROL_TOKEN=""):
        assert control(method, path.format(job=job_id), token="")[0] == 404


def test_a_probe_needs_only_its_jobs_id(control, arranged):
    """It gets its script as it was arranged, byte for byte of JSON."""
    script = {"exit_code": 3, "log": {"lines": ["\0", "ä", "1e400"]}, "run_s": 0.5}
    job = arranged(jobs=[{"type": "package", "script": script}])["jobs"][0]["id"]
    assert control("GET", f"jobs/{job}/script", token="") == (200, script)


@pytest.mark.parametrize("script", [None, 0, "", [], {}])
def test_any_json_is_a_script(control, arranged, script):
    """Also null, which isn't the same as none."""
    job = arranged(jobs=[{"type": "package", "script": script}])["jobs"][0]["id"]
    assert control("GET", f"jobs/{job}/script") == (200, script)


def test_without_a_script_the_probe_gets_a_404(control, job_id):
    """The probe then does what it does by default."""
    assert control("GET", f"jobs/{job_id}/script")[0] == 404


def test_reports_are_kept_in_order(control, job_id):
    """Several are possible, with any text in them."""
    reports = [{"argv": ["a", "\0"]}, {"second": True}, ["third"]]
    for report in reports:
        path = f"jobs/{job_id}/probe"
        assert control("POST", path, report, token="")[0] == 201
    snapshot = control("GET", f"jobs/{job_id}")[1]
    assert [entry["report"] for entry in snapshot["probe"]] == reports


def test_a_probe_can_report_after_its_row_is_gone(control, job_id):
    """The container outlives the row."""
    control("POST", "act", {"do": "delete_job_row", "job_id": job_id})
    assert control("POST", f"jobs/{job_id}/probe", {})[0] == 201


def test_a_report_for_a_job_that_never_was_is_a_404(control, app):
    """A guess at a UUID leaves nothing behind."""
    path = "jobs/00000000-0000-0000-0000-000000000000/probe"
    assert control("POST", path, {})[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "arrange", "{"), ("POST", "act", ""), ("POST", "jobs/{job}/probe", "x")],
)
def test_what_is_no_json_is_a_400(control, job_id, method, path, body):
    """With a message that says so."""
    status, answer = control(method, path.format(job=job_id), body)
    assert (status, "no JSON" in answer["message"]) == (400, True)
