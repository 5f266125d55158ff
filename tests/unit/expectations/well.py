"""An observation of a cell in which all is well, and what becomes of it when not.

`well` takes changes of its parts; mappings are laid over what is there, key by key.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from harness.environment.capabilities import Capabilities
from harness.environment.place import Rule
from harness.environment.seen import LogSeen, WorkerSeen
from harness.expectations.finding import Finding, Verdict
from harness.expectations.judge import judge
from harness.replay.observation import Arranged, Observation, SubjectSeen
from harness.scenario.cells import Cell
from harness.scenario.schema import Scenario
from harness.tap.journal import Call

BEGAN = datetime(2026, 5, 3, 12, 0, 0, tzinfo=timezone.utc)
JOB, PROJECT = "4f2a7c1e-8d0b-4c6e-9a55-0c1d2e3f4a5b", "0d7b2b6e-trees"
TOKEN = "worker-token-of-this-job"
SECRETS = {"MY_KEY": "a secret of length"}
URL = "http://203.0.113.7:8000/api/v1/"
MEMORY = 1000 * 1024**2
LINE = "INFO layer trees read, 3 features"
NAMESPACE = "/namespaces/qfc"


def at(seconds: float) -> datetime:
    """A moment after the wrapper's start."""
    return BEGAN + timedelta(seconds=seconds)


def iso(seconds: float) -> str:
    """A moment as the control API writes it."""
    return at(seconds).isoformat().replace("+00:00", "Z")


def over(base: Any, changes: Any) -> Any:
    """The base with changes laid over it; what isn't a mapping is replaced."""
    if not isinstance(base, Mapping) or not isinstance(changes, Mapping):
        return changes
    laid = {key: over(base.get(key), value) for key, value in changes.items()}
    return {**base, **laid}


def scenario(**changes: Any) -> Scenario:
    """A package job of the probe's that ends well."""
    base = {
        "name": "all-is-well",
        "description": "A job that ends well.",
        "job": {"type": "package"},
        "worker": {"exit_code": 0},
        "expect": {"status": "finished"},
    }
    return Scenario.model_validate(over(base, changes))


def call(method: str, path: str, status: int = 200, **more: Any) -> Call:
    """One request of the wrapper's."""
    given = {"at": at(0.2), "seconds": 0.01, "response": b"{}"}
    return Call(method=method, target=path, status=status, **(given | more))


CALLS = {
    "docker": (
        call("POST", "/v1.43/containers/create?name=qgis", 201),
        call("POST", "/v1.43/containers/abc123/start", 204),
        call("GET", "/v1.43/containers/abc123/logs?follow=1"),
        call("DELETE", "/v1.43/containers/abc123", 204, at=at(1.4)),
    ),
    "kubernetes": (
        call("POST", f"/apis/batch/v1{NAMESPACE}/jobs", 201),
        call("GET", f"/api/v1{NAMESPACE}/pods?watch=1"),
        call("GET", f"/api/v1{NAMESPACE}/pods/qgis-x7/log"),
        call("DELETE", f"/apis/batch/v1{NAMESPACE}/jobs/qgis", at=at(1.4)),
    ),
}
GRANTED = (
    Rule(groups=("batch",), resources=("jobs",), verbs=("create", "delete")),
    Rule(groups=("",), resources=("pods", "pods/log"), verbs=("get", "watch")),
)
PROBE: dict[str, Any] = {
    "argv": ["entrypoint.py", "package", PROJECT, "trees.qgs", "qgiscore"],
    "env": {
        "QFIELDCLOUD_URL": URL,
        "JOB_ID": JOB,
        "PROJ_DOWNLOAD_DIR": "/transformation_grids",
        "QT_QPA_PLATFORM": "offscreen",
        "QFIELDCLOUD_TOKEN": TOKEN,
        "QFIELDCLOUD_EXTRA_ENVVARS": '["MY_KEY"]',
        "KUBERNETES_SERVICE_HOST": "10.96.0.1",
        **SECRETS,
    },
    "entrypoint_kept": True,
    "process": {"umask": "0022"},
    "io": {
        "writable": True,
        "owner": [0, 0],
        "new_file": {"uid": 0, "gid": 0},
        "files": ["feedback.json"],
        "jobs": [],
    },
    "mounts": {"/io": {"read_only": False}, "/transformation_grids": {"read_only": 1}},
    "mounts_redirected": False,
    "transformation_grids": {"files": ["ch.tif"], "writable": False},
    "limits": {
        "memory": {"file": "/sys/fs/cgroup/memory.max", "value": str(MEMORY)},
        "cpu_weight": {"file": "/sys/fs/cgroup/cpu.weight", "value": "20"},
        "cpu_quota": {"file": "/sys/fs/cgroup/cpu.max", "value": "max 100000"},
    },
    "api": {"status": 200},
    "service_account_tokens": [],
    "docker_sockets": [],
}
ROW: dict[str, Any] = {
    "status": "finished",
    "started_at": iso(0.1),
    "docker_started_at": iso(0.2),
    "docker_finished_at": iso(1.3),
    "finished_at": iso(1.4),
    "container_id": "abc123",
    "output": f"{LINE}\n",
    "feedback": {"container_exit_code": 0},
}
HISTORY = [
    {"op": "insert", "new_status": "pending", "at": iso(-0.1)},
    {"op": "update", "new_status": "queued", "at": iso(0)},
    {"op": "update", "new_status": "started", "at": iso(0.1)},
    {"op": "update", "new_status": "finished", "at": iso(1.4)},
]
SNAPSHOT: dict[str, Any] = {
    "job": ROW,
    "history": HISTORY,
    "deltas": [],
    "apply_job_deltas": [],
    "tokens": [
        {
            "expires_at": iso(1.4),
            "deleted_at": None,
            "key_sha256": hashlib.sha256(TOKEN.encode()).hexdigest(),
        }
    ],
    "project": {
        "the_qgis_file_name": "trees.qgs",
        "packaging_offliner": "qgiscore",
        "project_details": {
            "crs": "EPSG:2056",
            "extent": "Polygon Z ((1 2 0, 3 4 0))",
            "layers_by_id": {"a": {}, "b": {}},
        },
        "last_package_job_id": JOB,
        "data_last_packaged_at": iso(0.1),
        "data_last_updated_at": iso(0.5),
    },
    "thumbnail": {"size": 4000},
    "package_files": [{"name": "data.gpkg"}],
    "project_files": [{"name": "trees.qgs"}],
    "probe": [{"report": PROBE}],
}


def worker(backend: str = "kubernetes", **changes: Any) -> WorkerSeen:
    """The job's worker: what was asked for is what the contract says."""
    given: dict[str, Any] = {
        "backend": backend,
        "id": "abc123",
        "name": "qgis",
        "labels": {
            "app": "test_worker",
            "type": "package",
            "job_id": JOB,
            "project_id": PROJECT,
        },
        "args": ("python3", "entrypoint.py", "package", PROJECT, "trees.qgs"),
        "memory_limit": MEMORY,
        "cpu_weight": 512,
        "pods": 1,
        "exit_code": 0,
        "ended": True,
        "started_at": at(0.3),
        "finished_at": at(1.2),
        "log": log(f"{LINE}\n"),
    }
    return WorkerSeen(**over(given, changes))


def log(text: str, **more: Any) -> LogSeen:
    """A worker's log that was read whole."""
    content = text.encode()
    return LogSeen(**({"size": len(content), "head": content} | more))


def subject(**changes: Any) -> SubjectSeen:
    """The wrapper's process, which ran the job and returned."""
    given = {"action": "run", "phase": "done", "exit_code": 0, "ran_by": "PackageRun"}
    return SubjectSeen(**(given | changes))


def well(backend: str = "kubernetes", **changes: Any) -> Observation:
    """The observation, with changes.

    ``scenario``, ``snapshot``, ``row``, ``feedback``, ``probe``, ``worker``,
    ``subject`` are laid over what is there; other names are the observation's fields.
    """
    snapshot = over(SNAPSHOT, changes.pop("snapshot", {}))
    snapshot = over(snapshot, {"job": changes.pop("row", ROW)})
    if "feedback" in changes:
        snapshot["job"] = {**snapshot["job"], "feedback": changes.pop("feedback")}
    if "probe" in changes:
        told = changes.pop("probe")
        reports = [] if told is None else [{"report": over(PROBE, told)}]
        snapshot = {**snapshot, "probe": reports}
    able = dict.fromkeys(Capabilities.__dataclass_fields__, True)
    given: dict[str, Any] = {
        "cell": Cell(
            scenario=scenario(**changes.pop("scenario", {})),
            path=Path("all-is-well.yaml"),
            backend=backend,  # type: ignore[arg-type]
            environment="simulated",
        ),
        "proof": "simulated",
        "slow": False,
        "capabilities": Capabilities(**able | changes.pop("capabilities", {})),
        "arranged": Arranged(
            job_id=JOB,
            project_id=PROJECT,
            neighbour_job_id="another-job",
            token="the-users-own-token",
            secrets=SECRETS,
            pgservices="",
        ),
        "began": BEGAN,
        "ended": at(2),
        "environ": {
            "ENVIRONMENT": "test",
            "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL": URL,
            **changes.pop("environ", {}),
        },
        "snapshot": snapshot,
        "workers": (worker(backend, **changes.pop("worker", {})),),
        "subjects": (subject(**changes.pop("subject", {})),),
        "calls": CALLS[backend],
        "granted": GRANTED if backend == "kubernetes" else None,
        "leftovers": (),
        "bystanders": (),
        "deeds": (),
        "backend_end": at(1.2),
        "evidence": {},
    }
    return Observation(**(given | changes))


def failing(seen: Observation) -> dict[str, Finding]:
    """The first finding of each check that fails, causes before consequences."""
    found: dict[str, Finding] = {}
    for one in judge(seen):
        if one.verdict is Verdict.FAIL:
            found.setdefault(one.check, one)
    return found


def red(seen: Observation) -> list[str]:
    """The checks that fail, in order."""
    return list(failing(seen))


def verdict(seen: Observation, check: str) -> Verdict:
    """The worst that one check found."""
    found = [one.verdict for one in judge(seen) if one.check == check]
    return max(found, key=lambda one: one.rank)
