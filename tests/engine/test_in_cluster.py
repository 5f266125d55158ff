"""The manifests as they are, and a namespace of somebody else's, on a real cluster."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from harness import run
from harness.environment import manifests, pod_objects, rendering
from harness.environment.in_cluster import InCluster
from harness.environment.kube_api import KubeApi
from harness.errors import EnvironmentMissing
from harness.expectations.finding import Verdict
from harness.scenario.script import Script
from harness.settings import Settings
from harness.tap.tap import Tap

from .in_namespace import Cluster, there

pytestmark = pytest.mark.kind_cluster
TIMEOUT_S = 120.0


def objects_of(
    overlay: str, namespace: str, image: str, settings: dict[str, str]
) -> list[dict[str, Any]]:
    """All of an overlay, with the one storage class that every kind cluster has."""
    objects = rendering.rendered(
        overlay, namespace=namespace, image=image, settings=settings
    )
    for claim in manifests.of_kind(objects, "PersistentVolumeClaim"):
        claim["spec"] |= {"accessModes": ["ReadWriteOnce"]}
        claim["spec"] |= {"storageClassName": "standard"}
    return objects


@pytest.fixture
def name(cluster: Cluster) -> Iterator[str]:
    """Of a namespace that an overlay makes itself."""
    name = f"qfc-test-{uuid4().hex[:8]}"
    yield name
    cluster.api.delete("Namespace", name)


@pytest.mark.parametrize("overlay", rendering.overlays())
def test_an_overlay_dequeues_as_it_is(
    cluster: Cluster, name: str, overlay: str, tmp_path: Path
) -> None:
    """Only image and settings are ours: `manage.py dequeue` takes the pending job.

    Production's in a namespace whose Pod Security is `restricted`.
    """
    api = cluster.api
    run_id = uuid4().hex[:8]
    tap = Tap(tmp_path)
    pods = InCluster(api, tap, run_id=run_id, image=cluster.app)
    try:
        app = pods.open_app(f"cell_{run_id}")
        job_id = str(uuid4())
        script = Script(log={"lines": ["worked"]}).as_json()
        job = {"type": "package", "id": job_id, "status": "pending", "script": script}
        app.control.arrange(
            {
                "user": {"username": "ninjamaster"},
                "project": {"name": "p", "qgis_file": "p.qgs", "files": []},
                "config": {"WORKER_TIMEOUT_S": 60},
                "jobs": [job],
            }
        )
        given = app.environ | {
            "ENVIRONMENT": f"test-{run_id}",
            "QFIELDCLOUD_QGIS_IMAGE_NAME": cluster.probe,
            "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL": app.api_url,
        }
        objects = objects_of(overlay, name, cluster.app, given)
        if not manifests.of_kind(objects, "Namespace"):
            meta = {"name": name}
            api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
        for one in objects:
            api.create(one, one["metadata"].get("namespace", ""))
        history = app.control.wait_for_status(job_id, ("finished", "failed"), TIMEOUT_S)
        statuses = [entry["new_status"] for entry in history]
        assert statuses[-1] == "finished", _words(api, name)
        row = app.control.snapshot(job_id)["job"]
        assert "worked" in row["output"]
        wanted = manifests.of_kind(objects, "Deployment")[0]["spec"]["replicas"]
        _wait_until_ready(api, name, wanted)
        assert api.list("Job", name) == []
        app.close()
    finally:
        pods.close()
        tap.close()


def _words(api: KubeApi, namespace: str) -> str:
    """What the namespace's pods and events say."""
    pods = api.list("Pod", namespace)
    logs = [
        api.last_log(namespace, pod["metadata"]["name"], container["name"])
        for pod in pods
        for container in pod["spec"]["containers"]
    ]
    events = [str(one.get("message")) for one in api.list("Event", namespace)]
    return "\n".join([*logs, *events])


def _wait_until_ready(api: KubeApi, namespace: str, replicas: int) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        found = api.get("Deployment", "qfieldcloud-worker-wrapper", namespace)
        assert found is not None
        if found["status"].get("readyReplicas") == replicas:
            return
        time.sleep(0.2)
    raise AssertionError(_words(api, namespace))


def _run(settings: Settings, name: str) -> run.Report:
    options = run.Options(
        paths=(Path("scenarios/contract"),), expression=name, environment="kubeconfig"
    )
    return run.run(options, settings, lambda *_: None)


def test_a_namespace_is_left_as_it_was(
    cluster: Cluster, namespace: str, operator: Settings
) -> None:
    """With an operator's rights; what was there keeps its UID."""
    foreign = pod_objects.secret("qfieldcloud-env", {"a": "b"}, {"x": b"y"})
    cluster.api.create(foreign, namespace)
    before = there(cluster.api, namespace)
    report = _run(operator, "worker-given")
    assert [cell.verdict for cell in report.cells] == [Verdict.PASS]
    assert there(cluster.api, namespace) == before


def test_a_namespace_with_foreign_workers_is_refused(
    cluster: Cluster, namespace: str, operator: Settings
) -> None:
    """Before anything is made."""
    pod: dict[str, Any] = {
        "restartPolicy": "Never",
        "containers": [{"name": "qgis", "image": cluster.probe}],
    }
    cluster.api.create(
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "foreign", "labels": {"app": "prod_worker"}},
            "spec": {"suspend": True, "template": {"spec": pod}},
        },
        namespace,
    )
    before = there(cluster.api, namespace)
    with pytest.raises(EnvironmentMissing, match="foreign"):
        _run(operator, "worker-given")
    assert there(cluster.api, namespace) == before
