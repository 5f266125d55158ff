"""Makes the rows that a scenario gives."""

import base64
import json
import random
import re
import string
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from .. import resources
from ..environment.place import Place
from ..scenario.cells import Cell
from ..scenario.schema import Given, Scenario
from .observation import Arranged

_RANDOM = re.compile(r"@random:(\d+)")
NOT_PROJECT = {"project.yaml", "seed.json", "form.xlsx"}
DEFAULT_CONFIG = {"WORKER_TIMEOUT_S": 60}
USER = "ninjamaster"


def arrange(cell: Cell, place: Place, seed: int) -> Arranged:
    """Make user, project, secrets and job, and another project with a job in work."""
    scenario = cell.scenario
    numbers = random.Random(f"{seed} {cell.id}")  # noqa: S311 (repeatable on purpose)
    secrets = _secrets(scenario.given, numbers)
    job_id, neighbour_id, busy_id = (
        str(UUID(int=numbers.getrandbits(128), version=4)) for _ in range(3)
    )
    answer = place.app.control.arrange(
        {
            "user": _user(scenario.given),
            "project": project_of(scenario),
            "secrets": secrets,
            "config": {**DEFAULT_CONFIG, **scenario.given.config},
            "jobs": [
                *([_busy(busy_id)] if scenario.given.busy else []),
                _job(scenario, job_id),
            ],
        }
    )
    place.app.control.arrange(
        {
            "user": {"username": "somebody-else"},
            "project": {"name": "another-project", "qgis_file": "x.qgs", "files": []},
            "jobs": [_busy(neighbour_id)],
        }
    )
    place.prepare(job_id, neighbour_id)
    if scenario.given.row_gone:
        place.app.control.act("delete_job_row", job_id=job_id)
    services = [one["value"] for one in secrets if one["type"] == "pgservice"]
    return Arranged(
        job_id=job_id,
        project_id=answer["project_id"],
        neighbour_job_id=neighbour_id,
        token=answer["token"],
        secrets={
            one["name"]: one["value"] for one in secrets if one["type"] == "envvar"
        },
        pgservices="\n".join(services),
        delta_ids=tuple(answer["jobs"][-1]["delta_ids"]),
    )


def _user(given: Given) -> dict[str, Any]:
    user: dict[str, Any] = {"username": USER}
    if given.storage_used_up:
        user["storage_quota_bytes"] = 1
    return user


def project_of(scenario: Scenario) -> dict[str, Any]:
    """The scenario's project with its files, as the stand-in takes it."""
    folder = resources.fixture("projects") / scenario.given.project
    described = yaml.safe_load((folder / "project.yaml").read_text(encoding="utf-8"))
    project = {
        "name": scenario.given.project,
        "qgis_file": described["qgis_file"],
        "offliner": described["offliner"],
        "files": [
            {
                "name": str(path.relative_to(folder)),
                "content": base64.b64encode(path.read_bytes()).decode(),
            }
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name not in NOT_PROJECT
        ],
    }
    if "seed" in described:
        project["seed"] = _seed(folder, described)
    return project


def _seed(folder: Path, described: dict[str, Any]) -> dict[str, Any]:
    seed: dict[str, Any] = json.loads((folder / described["seed"]).read_text())
    if "xlsform" in described:
        content = (folder / described["xlsform"]).read_bytes()
        seed["xlsform_file"] = {
            "name": described["xlsform"],
            "content": base64.b64encode(content).decode(),
        }
    return seed


def _secrets(given: Given, numbers: random.Random) -> list[dict[str, str]]:
    letters = string.ascii_letters + string.digits

    def filled(match: "re.Match[str]") -> str:
        return "".join(numbers.choices(letters, k=int(match[1])))

    return [
        {
            "name": secret.name,
            "type": secret.type,
            "value": _RANDOM.sub(filled, secret.value),
        }
        for secret in given.secrets
    ]


def _busy(job_id: str) -> dict[str, Any]:
    return {"type": "package", "id": job_id, "status": "started"}


def _job(scenario: Scenario, job_id: str) -> dict[str, Any]:
    job: dict[str, Any] = {
        "type": scenario.job.type,
        "id": job_id,
        "status": "queued",  # as QFieldCloud's dequeue leaves a job to its wrapper
    }
    if scenario.job.type == "delta_apply":
        path = resources.fixture("deltas") / scenario.job.deltafile
        job["deltas"] = json.loads(path.read_text(encoding="utf-8"))
        job["overwrite_conflicts"] = scenario.job.overwrite_conflicts
    if scenario.worker != "job":
        job["script"] = scenario.worker.as_json()
    return job
