"""The probe as a program."""

import json
import os

from .conftest import JOB_ID, Probe


def test_reports_to_api_and_io(probe: Probe) -> None:
    """The same report reaches the control API and /io/probe.json."""
    assert probe.run("package", "p1", "a b.qgs", "qgiscore").returncode == 0
    assert probe.report == json.loads((probe.io / "probe.json").read_text())
    assert probe.control.requests == [
        f"GET /_harness/jobs/{JOB_ID}/script",
        "GET /api/v1/status/",
        f"POST /_harness/jobs/{JOB_ID}/probe",
    ]


def test_without_api_the_report_is_a_log_line(probe: Probe) -> None:
    """An unreachable API leaves the report in the log, without the env's values."""
    env = {"QFIELDCLOUD_URL": "http://127.0.0.1:9/api/v1/", "SECRET": "s3cr3t"}
    done = probe.run(env=env)
    assert done.returncode == 0
    (line,) = [line for line in done.stdout.splitlines() if b"::qfc-probe::" in line]
    report = json.loads(line.removeprefix(b"::qfc-probe:: "))
    assert b"s3cr3t" not in done.stdout + done.stderr
    assert report["env"] is None
    assert len(report["env_sha256"]["SECRET"]) == 64
    assert "ConnectionRefused" in report["api"]["error"]


def test_missing_io_is_told(probe: Probe) -> None:
    """Without /io the report still reaches the API and says so."""
    probe.io.rmdir()
    done = probe.run(script={"feedback": "missing"})
    assert b"/io/probe.json" in done.stderr
    assert probe.report["io"]["exists"] is False
    assert probe.report["io"]["error"] == os.strerror(2)


def test_bad_script_is_refused_with_64(probe: Probe) -> None:
    """All mistakes are named, nothing is played, and the report has been sent."""
    done = probe.run(script={"run": 3, "exit_code": 256, "feedback": "none"})
    assert done.returncode == 64
    mistakes = done.stderr.decode().splitlines()
    assert len(mistakes) == 3
    assert any("run is unknown; allowed: children," in text for text in mistakes)
    assert len(probe.report["script"]["mistakes"]) == 3
    assert not (probe.io / "feedback.json").exists()
