"""``gc`` after a run that was killed in a namespace of somebody else's."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from harness import upkeep
from harness.environment import pod_objects
from harness.environment.kube_api import KubeApi
from harness.settings import Settings
from harness.standin import run_record

from .in_namespace import Cluster, there

pytestmark = pytest.mark.kind_cluster
TIMEOUT_S = 120.0
SCENARIO = """
name: to-be-killed
description: A worker that still runs when its run is killed.
job: {type: package}
worker: {run_s: 300}
expect: {status: finished}
"""


def foreign(api: KubeApi, namespace: str, image: str) -> None:
    """A Job, its pod, a Secret and a claim, of one who uses the namespace too."""
    labels = {"app": "reports", "qfc-harness.run-not": "x"}
    container = {"name": "report", "image": image, "command": ["sleep", "600"]}
    pod: dict[str, Any] = {
        "restartPolicy": "Never",
        "containers": [container],
        "volumes": [{"name": "s", "secret": {"secretName": "report"}}],
    }
    api.create(pod_objects.secret("report", labels, {"x": b"y"}), namespace)
    api.create(
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "report", "labels": labels},
            "spec": {"template": {"spec": pod}},
        },
        namespace,
    )
    claim = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Mi"}},
    }
    api.create(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "report"},
            "spec": claim,
        },
        namespace,
    )


def test_only_what_the_killed_run_made_is_removed(
    cluster: Cluster,
    namespace: str,
    operator: Settings,
    settings: Settings,
    short_tmp: Path,
) -> None:
    """SIGKILL while its wrapper runs a worker: Job, Secret, pods and claims go."""
    api = cluster.api
    foreign(api, namespace, cluster.probe)
    _wait_until_running(api, namespace, "report")
    before = there(api, namespace)
    file = short_tmp / "scenarios" / "killed.yaml"
    file.parent.mkdir()
    file.write_text(SCENARIO)
    assert settings.state is not None
    variables = {
        "TMPDIR": str(short_tmp),
        "QFC_HARNESS_STATE": str(settings.state),
        "QFC_HARNESS_KUBECONFIG": operator.kubeconfig,
        "QFC_HARNESS_NAMESPACE": namespace,
        "QFC_HARNESS_APP_IMAGE": cluster.app,
        "QFC_HARNESS_PROBE_IMAGE": cluster.probe,
    }
    command = [sys.executable, "-m", "harness", "run", str(file)]
    command += ["--environment", "kubeconfig", f"--report-dir={short_tmp}/report"]
    with subprocess.Popen(
        command, env={**os.environ, **variables}, stdout=subprocess.DEVNULL
    ) as process:
        try:
            job = _wait_until_running(api, namespace)
        finally:
            process.kill()
    deadline = time.monotonic() + 30
    while run_record.alive(settings) and time.monotonic() < deadline:
        time.sleep(0.05)
    with run_record.dead(settings) as records:
        (run_id,) = [record.run_id for record in records]
    left = there(api, namespace)
    assert f"Job {job['metadata']['name']}" in left
    assert len(left) > len(before) + 6
    words: list[str] = []
    assert upkeep.gc(settings, words.append, dry=True)
    assert there(api, namespace) == left
    assert all(run_id in line for line in words)
    assert upkeep.gc(settings, words.append, dry=False)
    assert there(api, namespace) == before
    upkeep.gc(settings, words.append, dry=False)
    assert words[-1] == "nothing is left of killed runs"


def _wait_until_running(api: KubeApi, namespace: str, name: str = "") -> dict[str, Any]:
    """The Job of this name, or the run's wrapper's, when its pod runs."""
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        running = {
            str((one["metadata"].get("labels") or {}).get("job-name"))
            for one in api.list("Pod", namespace)
            if one["status"].get("phase") == "Running"
        }
        for one in api.list("Job", namespace):
            found = str(one["metadata"]["name"])
            if found in running and (found == name or (not name and found != "report")):
                return one
        time.sleep(0.1)
    raise AssertionError(f"no worker: {there(api, namespace)}")
