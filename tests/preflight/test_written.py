"""What the command writes: no secret, a comparison, annotations, and after its end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.preflight import collect, model
from harness.preflight.model import Word
from harness.report.vault import Vault

SECRET = "correct horse & battery+staple"


def command(cluster, *more: object) -> list[str]:
    """`validate` on the simulated cluster."""
    told = ["validate", "--kubeconfig", cluster.kubeconfig(), "--namespace"]
    told += [cluster.namespace, "--values", cluster.settings()]
    return [str(one) for one in (*told, "--report-dir", cluster.directory / "r", *more)]


def validated(cluster, *more: object):
    """Exit code, words, and the report that was written."""
    done = CliRunner().invoke(app, command(cluster, *more))
    text = (cluster.directory / "r" / "validation.json").read_text("utf-8")
    return done.exit_code, done.output, model.loaded(text)


def test_no_secret_is_in_what_is_written(cluster):
    """Not the settings', and not the kubeconfig's token: page, data, XML, journal."""
    cluster.values["SECRET_KEY"] = SECRET
    _, said, report = validated(cluster, "--service-account", SECRET)
    vault = Vault({"SECRET_KEY": SECRET, "token": cluster.token})
    written = list((cluster.directory / "r").iterdir())
    assert {one.name for one in written} == {
        "journal.jsonl",
        "junit.xml",
        "report.html",
        "validation.json",
    }
    vault.verify({one.name: one.read_text("utf-8") for one in written})
    assert "‹SECRET_KEY›" in report.scope.service_account
    assert {one.name for one in report.masked} == {"SECRET_KEY"}
    assert "horse" not in said


def test_a_later_validation_is_compared_and_annotated(cluster):
    """What was broken meanwhile is new, on the terminal, in the page, for GitHub."""
    validated(cluster)
    old = cluster.directory / "old.json"
    (cluster.directory / "r" / "validation.json").rename(old)
    cluster.values["QFIELDCLOUD_QGIS_IMAGE_NAME"] = "qgis:latest"
    xml = cluster.directory / "own.xml"
    more = ("--compare", old, "--github", "--junit", xml)
    _, said, report = validated(cluster, *more)
    assert "new" in next(one for one in said.splitlines() if "Compared with" in one)
    assert "::stop-commands::" in said
    assert f"title={report.decision.word.value}%2C {cluster.namespace}::" in said
    page = (cluster.directory / "r" / "report.html").read_text("utf-8")
    assert 'id="comparison"' in page
    assert xml.read_text("utf-8").startswith("<?xml")


def test_a_mistake_of_the_harness_still_ends_in_a_report(cluster, monkeypatch):
    """Exit 4, NO-GO, and what went wrong."""

    def broken(*_: object) -> None:
        raise KeyError("a mistake")

    monkeypatch.setattr(collect, "collect", broken)
    code, _, report = validated(cluster)
    assert code == 4
    assert report.decision.word is Word.NO_GO
    assert "the harness itself failed (KeyError: 'a mistake')" in report.ended


def test_a_validation_that_is_killed_is_reported_from_its_journal(cluster):
    """SIGKILL in the middle of the real jobs: what is left, and what removes it."""
    journal = cluster.directory / "r" / "journal.jsonl"
    told = [sys.executable, "-m", "harness", *command(cluster, "--yes")]
    process = subprocess.Popen(
        told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: '"kind":"made"' in _text(journal), process)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert '"kind":"end"' not in _text(journal)
    done = CliRunner().invoke(app, ["report", str(journal)])
    assert done.exit_code == 1
    report = model.loaded((journal.parent / "validation.json").read_text("utf-8"))
    assert report.decision.word is Word.NO_GO
    assert "phase real jobs" in report.ended
    assert [one.kind for one in report.made if not one.gone]
    assert report.results
    assert f"qfc-harness.run={report.run_id}" in done.output


def until(true, process: "subprocess.Popen[bytes]", seconds: float = 90) -> None:
    """Wait for something that a process does."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline or process.poll() is not None:
            pytest.fail("it ended, or didn't come so far")
        time.sleep(0.02)


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""
