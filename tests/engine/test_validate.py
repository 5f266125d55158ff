"""A validation of a real cluster: GO with the manifests applied, and what breaks it."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from harness.environment import manifests
from harness.environment.in_cluster import in_namespace
from harness.environment.kube_api import KubeApi
from harness.settings import Settings

from .in_namespace import Cluster, there

pytestmark = pytest.mark.kind_cluster
KINDS = ("ServiceAccount", "Role", "RoleBinding", "PersistentVolumeClaim")
SERVER = "python3 -m http.server 8000"


@pytest.fixture
def values(cluster: Cluster, namespace: str, tmp_path: Path) -> Path:
    """The manifests applied, grids filled, something at QFIELDCLOUD_URL; settings."""
    api = cluster.api
    for kind in KINDS:
        for one in manifests.of_kind(manifests.base(), kind):
            api.create(in_namespace(one, namespace), namespace)
    claim = {"claimName": "transformation-grids"}
    _pod(api, namespace, "fill", cluster.probe, "echo grid > /grids/a.tif", claim)
    _pod(api, namespace, "app", cluster.probe, SERVER)
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "app"},
        "spec": {"selector": {"run": "app"}, "ports": [{"port": 8000}]},
    }
    api.call("POST", f"/api/v1/namespaces/{namespace}/services", service)
    _wait(api, namespace, "fill", "Succeeded")
    _wait(api, namespace, "app", "Running")
    api.delete("Pod", "fill", namespace)
    settings = {
        "QFIELDCLOUD_WORKER_BACKEND": "kubernetes",
        "QFIELDCLOUD_K8S_NAMESPACE": namespace,
        "QFIELDCLOUD_K8S_WORKER_SERVICE_ACCOUNT": "qfieldcloud-worker-pod",
        "QFIELDCLOUD_QGIS_IMAGE_NAME": cluster.probe,
        "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL": "http://app:8000/api/v1/",
        "WORKER_QGIS_MEMORY_LIMIT": "64m",
        "WORKER_QGIS_CPU_SHARES": "100",
    }
    path = tmp_path / "settings.env"
    path.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
    return path


def _pod(
    api: KubeApi,
    namespace: str,
    name: str,
    image: str,
    script: str,
    claim: dict[str, Any] | None = None,
) -> None:
    container: dict[str, Any] = {
        "name": "a",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["/bin/sh", "-c", script],
    }
    spec: dict[str, Any] = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 0,
        "containers": [container],
    }
    if claim:
        container["volumeMounts"] = [{"name": "v", "mountPath": "/grids"}]
        spec["volumes"] = [{"name": "v", "persistentVolumeClaim": claim}]
    meta = {"name": name, "labels": {"run": name}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}
    api.create(pod, namespace)


def _wait(api: KubeApi, namespace: str, name: str, phase: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        found = api.get("Pod", name, namespace)
        if found and found["status"].get("phase") == phase:
            return
        time.sleep(0.5)
    raise AssertionError(f"{name} is not {phase}")


def _validate(
    kubeconfig: str, namespace: str, values: Path, directory: Path, *more: str
) -> tuple[int, dict[str, Any]]:
    command = [
        *(sys.executable, "-m", "harness", "validate", *more),
        *("--kubeconfig", kubeconfig, "--namespace", namespace),
        *("--values", str(values), "--report-dir", str(directory)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads((directory / "validation.json").read_text())
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, report


def _bad(report: dict[str, Any]) -> dict[str, str]:
    """What neither passed nor is beside the point."""
    good = ("pass", "not_applicable", "skipped")
    return {
        one["id"]: one["seen"]
        for one in report["results"]
        if one["status"] not in good and one["severity"] != "info"
    }


def test_go(
    cluster: Cluster, namespace: str, values: Path, operator: Settings, tmp_path: Path
) -> None:
    """An operator of the namespace gets as far as that sees; joined with a cluster
    admin's look it is GO, and the namespace is as it was."""
    before = there(cluster.api, namespace)
    kubeconfig = str(cluster.kubeconfig)
    admins = tmp_path / "admin"
    _, looked = _validate(kubeconfig, namespace, values, admins)
    assert _bad(looked) == {}
    code, report = _validate(
        operator.kubeconfig,
        namespace,
        values,
        tmp_path / "report",
        *("--yes", "--merge", str(admins / "validation.json")),
    )
    assert _bad(report) == {}
    assert report["decision"]["word"] == "GO"
    assert code == 0
    proofs = {one["id"]: one["proof"] for one in report["results"]}
    assert proofs["QFV-909"] == "real job"
    assert there(cluster.api, namespace) == before


def test_a_right_and_the_image_are_missing(
    cluster: Cluster, namespace: str, values: Path, tmp_path: Path
) -> None:
    """Two things broken on a real cluster: both are named; nothing is left."""
    role = cluster.api.get("Role", "qfieldcloud-worker", namespace)
    assert role is not None
    changed = manifests.without_rights(role, [("pods/log", "get")])
    cluster.api.replace(changed, namespace)
    missing = values.read_text().replace(cluster.probe, "registry.invalid/none:1")
    values.write_text(missing)
    before = there(cluster.api, namespace)
    code, report = _validate(
        str(cluster.kubeconfig), namespace, values, tmp_path / "report", "--yes"
    )
    assert code == 1
    blockers = {one["result"] for one in report["decision"]["blockers"]}
    assert blockers == {"QFV-211/get-pods-log", "QFV-901"}
    assert there(cluster.api, namespace) == before
