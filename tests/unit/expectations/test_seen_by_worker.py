"""What the worker really got, as the probe told."""

from typing import Any

import pytest

from harness.expectations.finding import Verdict

from .well import PROBE, PROJECT, SECRETS, TOKEN, failing, red, verdict, well

JOB_OF_ITS_OWN = {"worker": "job"}


def environment(**changes: Any):
    """A worker with another environment; None takes a variable away."""
    env = {**PROBE["env"], **changes}
    kept = {name: value for name, value in env.items() if value is not None}
    report = {**PROBE, "env": kept}
    return well(snapshot={"probe": [{"report": report}]})


def test_a_probe_that_never_reported_proves_nothing():
    """And what it would have told is not judged."""
    seen = well(probe=None)
    assert verdict(seen, "probe.reported") is Verdict.NOT_PROVEN
    assert verdict(seen, "worker.environment") is Verdict.NOT_APPLICABLE
    unasked = well(probe=None, scenario={"expect": {"reports": False}})
    assert verdict(unasked, "probe.reported") is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    "argv",
    [
        PROBE["argv"][:-1],
        [*PROBE["argv"], "--more"],
        ["entrypoint.py", "package", PROJECT, "/root", "qgiscore"],
        ["entrypoint.py", "delta_apply", PROJECT, "trees.qgs", "qgiscore"],
    ],
    ids=["one lost", "one too many", "expanded", "another job"],
)
def test_other_arguments(argv: list[str]):
    """Byte for byte."""
    assert red(well(probe={"argv": argv})) == ["worker.arguments"]


def test_arguments_without_a_probe_are_those_of_the_request():
    """With Kubernetes' escape taken back."""
    name = {"project": {"the_qgis_file_name": "$(HOME).qgs"}}

    def given(written: str) -> list[str]:
        line = ("python3", "entrypoint.py", "package", PROJECT, written, "qgiscore")
        seen = well(worker={"args": line}, snapshot=name, scenario=JOB_OF_ITS_OWN)
        return red(seen)

    assert given("$$(HOME).qgs") == []
    assert given("/root.qgs") == ["worker.arguments"]


@pytest.mark.parametrize("word", ["delta_apply", "apply_deltas"])
def test_both_names_of_a_delta_job(word: str):
    """QFieldCloud's worker knows the older and the newer one."""
    argv = ["entrypoint.py", word, PROJECT, "trees.qgs", "--overwrite-conflicts"]
    job = {"type": "delta_apply", "overwrite_conflicts": True}
    label = {"labels": {"type": "delta_apply"}}
    seen = {"scenario": {"job": job}, "worker": label}
    assert red(well(**seen, probe={"argv": argv})) == []
    assert red(well(**seen, probe={"argv": argv[:-1]})) == ["worker.arguments"]


@pytest.mark.parametrize(
    "name",
    [
        "QFIELDCLOUD_URL",
        "JOB_ID",
        "PROJ_DOWNLOAD_DIR",
        "QT_QPA_PLATFORM",
        "QFIELDCLOUD_TOKEN",
        "QFIELDCLOUD_EXTRA_ENVVARS",
        "MY_KEY",
    ],
)
@pytest.mark.parametrize("value", [None, "another"])
def test_each_variable_of_the_contract(name: str, value: str | None):
    """Missing, or another."""
    found = failing(environment(**{name: value}))
    assert list(found) == ["worker.environment"]
    assert found["worker.environment"].where.startswith(f"env {name}")


def test_a_secret_is_compared_by_its_hash():
    """Neither it nor what became of it stands in a report."""
    one = failing(environment(MY_KEY="a secret that was trimmed"))["worker.environment"]
    shown = f"{one.expected} {one.actual} {one.message}"
    assert "sha256" in shown
    assert "secret" not in shown
    assert SECRETS["MY_KEY"] not in shown
    assert "sha256" not in failing(environment(JOB_ID="x"))["worker.environment"].actual


def test_a_token_that_nobody_made():
    """Its text is not shown either."""
    one = failing(environment(QFIELDCLOUD_TOKEN=TOKEN[:-1]))["worker.environment"]
    assert one.actual == "another text"


@pytest.mark.parametrize("name", ["POSTGRES_PASSWORD", "SECRET_KEY", "ENVIRONMENT"])
def test_the_wrappers_own_variables(name: str):
    """By name; their values are nobody's business."""
    found = failing(environment(**{name: "hunter2hunter2"}))
    assert list(found) == ["worker.environment-foreign"]
    assert found["worker.environment-foreign"].actual == name


def test_a_projects_secret_may_have_any_name():
    """Also one that the wrapper has."""
    from dataclasses import replace

    seen = environment(SECRET_KEY="chosen by the project")
    secrets = {**SECRETS, "SECRET_KEY": "chosen by the project"}
    seen = replace(seen, arranged=replace(seen.arranged, secrets=secrets))
    assert "worker.environment-foreign" not in red(seen)


@pytest.mark.parametrize(
    ("report", "check"),
    [
        ({"service_account_tokens": [{"path": "/var/run/x"}]}, "worker.no-token"),
        ({"docker_sockets": ["/var/run/docker.sock"]}, "worker.no-engine"),
        ({"api": {"status": 502}}, "worker.reaches-api"),
        ({"api": {"error": "timed out", "status": None}}, "worker.reaches-api"),
    ],
)
def test_what_the_worker_should_not_have_and_should(report: dict[str, Any], check: str):
    """Tokens, sockets, a way to the API."""
    assert red(well(probe=report)) == [check]
