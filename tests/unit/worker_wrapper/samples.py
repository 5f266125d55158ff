"""What tests of the wrapper's pure parts work on."""

from pathlib import Path
from typing import Any

from worker_wrapper.run_spec import RunSpec
from worker_wrapper.settings import KubernetesSettings

JOB_ID = "11111111-2222-4333-8444-555555555555"
PROJECT_ID = "99999999-2222-4333-8444-555555555555"


def spec(**more: Any) -> RunSpec:
    """A worker to be run."""
    values: dict[str, Any] = {
        "job_id": JOB_ID,
        "project_id": PROJECT_ID,
        "job_type": "package",
        "environment": "prod",
        "image": "qgis:1",
        "args": ("python3", "entrypoint.py", "package"),
        "env": {"JOB_ID": JOB_ID},
        "secret_env": {"QFIELDCLOUD_TOKEN": "t0ken"},
        "io_directory": Path("/qfieldcloud-io/jobs") / JOB_ID,
        "memory_bytes": 1000 * 1024**2,
        "cpu_shares": 512,
        "timeout_s": 600,
    }
    return RunSpec(**{**values, **more})


def settings(**more: Any) -> KubernetesSettings:
    """The defaults, with what a test changes."""
    return KubernetesSettings(**more)


def pod(
    state: dict[str, Any] | None = None,
    *,
    phase: str = "Running",
    name: str = "qgis",
    node: str = "node-1",
    deleted: bool = False,
    conditions: tuple[dict[str, str], ...] = (),
    **status: Any,
) -> dict[str, Any]:
    """A pod whose container is in this state."""
    metadata = {"deletionTimestamp": "2026-01-01T00:00:00Z"} if deleted else {}
    container = [{"name": name, "state": state}] if state is not None else []
    return {
        "metadata": {"name": "pod-1", "uid": "pod-uid", **metadata},
        "spec": {"nodeName": node} if node else {},
        "status": {
            "phase": phase,
            "containerStatuses": container,
            "conditions": list(conditions),
            **status,
        },
    }
