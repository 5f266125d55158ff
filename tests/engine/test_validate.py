"""A validation of a real cluster: GO with the manifests applied, and what breaks it."""

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import docker
import pytest
import trustme

from harness.environment import manifests
from harness.environment.in_cluster import in_namespace
from harness.environment.kube_api import KubeApi
from harness.settings import Settings

from .in_namespace import Cluster, there

pytestmark = pytest.mark.kind_cluster
KINDS = ("ServiceAccount", "Role", "RoleBinding", "PersistentVolumeClaim")
SERVER = "python3 -m http.server 8000"
TLS_SERVER = """
import base64, http.server, ssl
open("/tmp/pem", "wb").write(base64.b64decode("%s"))
server = http.server.ThreadingHTTPServer(
    ("", 8000), http.server.SimpleHTTPRequestHandler
)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/tmp/pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""


@pytest.fixture
def values(cluster: Cluster, namespace: str, tmp_path: Path) -> Path:
    """The manifests applied, grids filled, something at QFIELDCLOUD_URL; settings."""
    api = cluster.api
    for kind in KINDS:
        for one in manifests.of_kind(manifests.base(), kind):
            api.create(in_namespace(one, namespace), namespace)
    claim = {"claimName": "transformation-grids"}
    _pod(api, namespace, "fill", cluster.probe, "echo grid > /grids/a.tif", claim)
    _serve(api, namespace, "app", cluster.probe, SERVER)
    _wait(api, namespace, "fill", "Succeeded")
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


def _serve(api: KubeApi, namespace: str, name: str, image: str, script: str) -> None:
    """Something at http(s)://name:8000."""
    _pod(api, namespace, name, image, script)
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"run": name}, "ports": [{"port": 8000}]},
    }
    api.call("POST", f"/api/v1/namespaces/{namespace}/services", service)
    _wait(api, namespace, name, "Running")


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


@pytest.fixture
def own(cluster: Cluster) -> Iterator[str]:
    """The name of a namespace that isn't there."""
    name = f"qfc-test-{uuid4().hex[:8]}"
    yield name
    cluster.api.delete("Namespace", name)


def test_a_namespace_of_its_own(
    cluster: Cluster, namespace: str, values: Path, own: str, tmp_path: Path
) -> None:
    """With the base's rights and claims; the jobs run there, and it goes again."""
    text = values.read_text().replace("//app:", f"//app.{namespace}:")
    values.write_text(text.replace(f"NAMESPACE={namespace}", f"NAMESPACE={own}"))
    kubeconfig, report_dir = str(cluster.kubeconfig), tmp_path / "report"
    code, report = _validate(
        kubeconfig, own, values, report_dir, "--create-namespace", "--yes"
    )
    grids = "QFV-907"  # a claim that was just made has none
    assert set(_bad(report)) <= {grids}
    assert (code, report["decision"]["word"]) == (0, "GO WITH WARNINGS")
    deadline = time.monotonic() + 60
    while cluster.api.get("Namespace", own) and time.monotonic() < deadline:
        time.sleep(1)
    assert cluster.api.get("Namespace", own) is None


def test_whole_jobs(
    cluster: Cluster,
    namespace: str,
    values: Path,
    worker: str,
    operator: Settings,
    tmp_path: Path,
) -> None:
    """Wrapper, stand-in and database in the operator's namespace, and gone again.

    Real QGIS works on the harness's small projects; each rule of the Role is needed.
    """
    text = values.read_text().replace(cluster.probe, worker)
    values.write_text(text.replace("MEMORY_LIMIT=64m", "MEMORY_LIMIT=1000m"))
    before = there(cluster.api, namespace)
    images = ("--app-image", cluster.app, "--probe-image", cluster.probe)
    _, report = _validate(
        operator.kubeconfig,
        namespace,
        values,
        tmp_path / "report",
        "--yes",
        *images,
        "--each-rule",
    )
    for check, least in (("QFV-920", 4), ("QFV-921", 10)):
        found = [one for one in report["results"] if one["check"] == check]
        assert {one["status"] for one in found} == {"pass"}, found
        assert len(found) >= least
    assert there(cluster.api, namespace) == before


def test_a_custom_authority(
    cluster: Cluster, namespace: str, values: Path, tmp_path: Path
) -> None:
    """What signed QFieldCloud's certificate is not trusted; in the image, it is."""
    authority = trustme.CA(organization_name="Our own CA")
    host = f"tls.{namespace}"
    certificate = authority.issue_cert(host)
    chain = b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
    pem = base64.b64encode(certificate.private_key_pem.bytes() + chain).decode()
    program = TLS_SERVER % pem
    _serve(cluster.api, namespace, "tls", cluster.probe, f"python3 -c '{program}' 2>&1")
    values.write_text(values.read_text().replace("http://app:", f"https://{host}:"))
    kubeconfig = str(cluster.kubeconfig)
    code, report = _validate(kubeconfig, namespace, values, tmp_path / "r", "--yes")
    assert code == 1
    assert {one["result"] for one in report["decision"]["blockers"]} == {"QFV-904"}
    assert "certificate" in _bad(report)["QFV-904"]

    (tmp_path / "ca.pem").write_bytes(authority.cert_pem.bytes())
    (tmp_path / "Dockerfile").write_text(
        f"FROM {cluster.probe}\nCOPY ca.pem /ca.pem\nENV REQUESTS_CA_BUNDLE=/ca.pem\n"
    )
    client = docker.from_env()
    tag = f"qfc-harness/trusting:{uuid4().hex[:8]}"
    client.images.build(path=str(tmp_path), tag=tag, rm=True)
    try:
        cluster.load(tag)
        values.write_text(values.read_text().replace(cluster.probe, tag))
        _, report = _validate(kubeconfig, namespace, values, tmp_path / "s", "--yes")
    finally:
        client.images.remove(tag, force=True)
        client.close()
    assert "QFV-904" not in _bad(report)
    found = {one["id"]: one for one in report["results"]}["QFV-904"]
    assert (found["status"], "/ca.pem" in str(found["seen"])) == ("pass", True)
