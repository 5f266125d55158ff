"""Real jobs: GO where all is well, and what they alone can find."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from harness.preflight.jobs import following, hands, objects
from harness.preflight.model import Status, Validation, Word

from .cluster import LOOPBACK, Cluster
from .test_one_thing_broken import URL, named

pytestmark = pytest.mark.namespaces


@pytest.fixture(autouse=True)
def _short(monkeypatch: Any) -> None:
    """Less log, shorter waits: what is proven is the same."""
    monkeypatch.setattr(objects, "LOG_BYTES", 256 * 1024)
    monkeypatch.setattr(objects, "ROTATES_S", 0.1)
    monkeypatch.setattr(objects, "DEADLINE_S", 2)
    monkeypatch.setattr(hands, "POLL_S", 0.1)
    monkeypatch.setattr(following, "PULL_S", 1.0)


def _fill_grids(cluster: Cluster) -> None:
    """A pod that writes a grid, as an operator fills the claim."""
    script = "echo grid > /grids/de_adv_BETA2007.tif"
    claim = {"claimName": "transformation-grids"}
    spec = {
        "restartPolicy": "Never",
        "containers": [
            {
                "name": "fill",
                "image": "qgis:1",
                "command": ["/bin/sh", "-c", script],
                "volumeMounts": [{"name": "grids", "mountPath": "/grids"}],
            }
        ],
        "volumes": [{"name": "grids", "persistentVolumeClaim": claim}],
    }
    cluster.post("pods", "v1", "Pod", "fill", spec=spec)
    path = cluster.path("pods", name="fill")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if cluster.api.call("GET", path)["status"].get("phase") == "Succeeded":
            break
        time.sleep(0.1)
    cluster.api.call("DELETE", path)


def _status(report: Validation, check: str) -> Status:
    return next(one.status for one in report.results if one.check == check)


def _left(cluster: Cluster) -> list[str]:
    """What is in the namespace with a label of the harness."""
    return [
        one["metadata"]["name"]
        for plural, api in (
            ("jobs", "batch/v1"),
            ("pods", "v1"),
            ("secrets", "v1"),
            ("configmaps", "v1"),
        )
        for one in cluster.api.call("GET", cluster.path(plural, api))["items"]
        if objects.RUN_LABEL in (one["metadata"].get("labels") or {})
    ]


def test_all_is_well(qfieldcloud: Cluster) -> None:
    """GO; every right was used as the wrapper's account, and nothing is left."""
    _fill_grids(qfieldcloud)
    report, code = qfieldcloud.validate(jobs=True)
    assert named(report) == set()
    assert report.decision.word is Word.GO
    assert code == 0
    used = {
        f"{one.verb} {one.resource}"
        for one in report.rights
        if one.proof and one.proof.value == "real job"
    }
    assert {
        "create jobs",
        "delete jobs",
        "create secrets",
        "list pods",
        "watch pods",
        "get pods/log",
    } <= used
    assert [one.status for one in report.jobs] == [Status.PASS] * 5
    assert all(one.gone for one in report.made)
    assert _left(qfieldcloud) == []


def test_an_image_that_can_not_be_pulled(qfieldcloud: Cluster) -> None:
    """The kubelet's own words are quoted; nothing else is a finding."""
    qfieldcloud.values["QFIELDCLOUD_QGIS_IMAGE_NAME"] = "gone:1"
    report, code = qfieldcloud.validate(jobs=True)
    assert code == 1
    assert named(report) == {"QFV-901"}
    found = next(one for one in report.results if one.id == "QFV-901")
    assert "ErrImagePull" in found.seen or "ImagePullBackOff" in found.seen
    assert _left(qfieldcloud) == []


def test_nobody_listens(cluster: Cluster) -> None:
    """The name is resolved, the port is closed."""
    _fill_grids(cluster)
    cluster.values[URL] = f"http://{LOOPBACK}:1/api/v1/"
    report, code = cluster.validate(jobs=True)
    assert code == 1
    assert named(report) == {"QFV-903"}
    assert _status(report, "QFV-902") is Status.PASS


def test_a_job_of_the_operators_is_untouched(qfieldcloud: Cluster) -> None:
    """It is there before and after; and without grids there is a warning."""
    pod = {"restartPolicy": "Never", "containers": [{"name": "a", "image": "qgis:1"}]}
    spec = {"suspend": True, "template": {"spec": pod}}
    made = qfieldcloud.post("jobs", "batch/v1", "Job", "backup", spec=spec)
    report, _ = qfieldcloud.validate(jobs=True)
    assert named(report) == {"QFV-907"}
    assert _status(report, "QFV-952") is Status.PASS
    path = qfieldcloud.path("jobs", "batch/v1", "backup")
    now = qfieldcloud.api.call("GET", path)
    assert now["metadata"]["uid"] == made["metadata"]["uid"]


def test_an_interruption_leaves_nothing(qfieldcloud: Cluster) -> None:
    """Ctrl-C in the middle of a job: exit 130, NO-GO, and all is removed."""
    asked = qfieldcloud.asked()
    directory = qfieldcloud.directory / "report"
    command = [
        *(sys.executable, "-m", "harness", "validate", "--yes"),
        *("--kubeconfig", str(asked.kubeconfig), "--namespace", asked.namespace),
        *("--values", str(asked.values), "--report-dir", str(directory)),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 60
        while not _left(qfieldcloud) and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, words = process.communicate(timeout=60)
    assert process.returncode == 130, words
    assert "Traceback" not in words
    report = _read(directory)
    assert report["decision"]["word"] == "NO-GO"
    assert "interrupted" in report["ended"]
    assert _left(qfieldcloud) == []


def _read(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((directory / "validation.json").read_text())
    return found
