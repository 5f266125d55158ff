"""The migration guide on a real cluster: every block of it, in order, with jobs."""

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from engine.conftest import cluster  # noqa: F401
from engine.in_namespace import Cluster
from engine.test_in_cluster import TIMEOUT_S

from harness.environment.in_cluster import InCluster
from harness.scenario.script import Script
from harness.tap.tap import Tap

from . import guide
from .test_guide import PHASES

pytestmark = pytest.mark.kind_cluster


class Jobs:
    """Jobs of the QFieldCloud in the cluster."""

    def __init__(self, app: Any) -> None:
        self._control = app.control

    def add(self, run_s: float = 0) -> str:
        """A pending job of a user and project of its own."""
        job_id = str(uuid4())
        script = Script(run_s=run_s, log={"lines": ["worked"]}).as_json()
        job = {"type": "package", "id": job_id, "status": "pending", "script": script}
        self._control.arrange(
            {
                "user": {"username": f"user-{job_id[:8]}"},
                "project": {"name": "p", "qgis_file": "p.qgs", "files": []},
                "config": {"WORKER_TIMEOUT_S": 60},
                "jobs": [job],
            }
        )
        return job_id

    def wait(self, job_id: str, *statuses: str) -> str:
        """The status that it comes to."""
        history = self._control.wait_for_status(job_id, statuses, TIMEOUT_S)
        return str(history[-1]["new_status"])

    def assert_ran_on_kubernetes(self, job_id: str) -> None:
        """The row is finished, by a Kubernetes Job."""
        row = self._control.snapshot(job_id)["job"]
        assert (row["status"], "worked" in row["output"]) == ("finished", True), row
        assert len(row["container_id"]) == 36

    def status(self, job_id: str) -> str:
        """As it is now."""
        return str(self._control.snapshot(job_id)["job"]["status"])


def test_the_guide_step_by_step(cluster: Cluster, tmp_path: Path) -> None:  # noqa: F811
    """Three phases and the way back; no job is lost, and none is left anywhere."""
    run_id = uuid4().hex[:8]
    namespace = f"qfc-test-{run_id}"
    tap = Tap(tmp_path)
    pods = InCluster(cluster.api, tap, run_id=run_id, image=cluster.app)
    (tmp_path / "clone").mkdir()
    shell = guide.Shell(tmp_path / "clone", {"KUBECONFIG": str(cluster.kubeconfig)})
    try:
        app = pods.open_app(f"cell_{run_id}")
        jobs = Jobs(app)
        own = app.environ | {
            "ENVIRONMENT": f"test-{run_id}",
            "QFIELDCLOUD_QGIS_IMAGE_NAME": cluster.probe,
            "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL": app.api_url,
        }
        place = guide.qfieldcloud(
            tmp_path / "qfieldcloud", {"POSTGRES_HOST": "db", "DEBUG": "0"}, own
        )
        before, *steps = guide.steps()
        shell.run(
            f"{before[1]}\nexport NAMESPACE={namespace} IMAGE={cluster.app} "
            f"OVERLAY=kind QFIELDCLOUD={place}"
        )
        _run_all(shell, jobs, steps, namespace)
        assert [one for one in shell.asked_of_docker() if "compose" in one] == [
            "compose build worker_wrapper",
            "compose up -d worker_wrapper",
            "compose stop worker_wrapper",
            "compose start worker_wrapper",
            "compose stop --timeout 660 worker_wrapper",
            "compose up -d worker_wrapper",
        ]
        app.close()
    finally:
        cluster.api.delete("Namespace", namespace)
        pods.close()
        tap.close()


def _run_all(
    shell: guide.Shell, jobs: Jobs, steps: list[tuple[str, str]], namespace: str
) -> None:
    """All blocks in order; jobs are started where the guide says that they may be."""
    preparing = jobs.add()
    tested = ""
    for heading, block in steps:
        if heading == PHASES[0]:
            said = shell.run(block)
            if "test_k8s_wrapper" in block:
                assert "\nRan 13 tests in " in said, said
                assert said.rstrip().endswith("OK")
            assert jobs.status(preparing) == "pending"  # Docker's, all the time
        elif "--single-shot" in block:
            tested = preparing
            shell.run(block)
            jobs.assert_ran_on_kubernetes(tested)
        elif heading == PHASES[1]:
            assert "No resources found" in shell.run(block)
        elif heading == PHASES[2] and "rollout" in block:
            waiting = [jobs.add(), jobs.add()]
            shell.run(block)
            for job in waiting:
                assert jobs.wait(job, "finished", "failed") == "finished"
                jobs.assert_ran_on_kubernetes(job)
        elif "--replicas=0" in block:
            in_hand = jobs.add(run_s=6)
            jobs.wait(in_hand, "started")
            shell.run(block)
            jobs.assert_ran_on_kubernetes(in_hand)
            late = jobs.add()
            time.sleep(3)
            assert jobs.status(late) == "pending"  # Docker's again
        else:
            shell.run(block)
    assert tested
    assert "NotFound" in shell.run(
        f"kubectl -n {namespace} get deployment qfieldcloud-worker-wrapper 2>&1 || true"
    )
