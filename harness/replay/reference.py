"""The same job once more, by the ogr engine on this machine, to compare a worker with.

It runs ``fixtures/worker`` as the simulator would, without wrapper and backend between,
after the job is over.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from .. import resources
from ..environment.place import Place
from ..scenario.cells import Cell
from . import small_cloud
from .arrange import project_of
from .outputs import Outputs, outputs_of

ENGINE = "ogr"
PROJECT = "00000000-0000-4000-8000-000000000001"
JOB = "00000000-0000-4000-8000-000000000002"
TIMEOUT_S = 120


def compared(
    cell: Cell,
    place: Place,
    snapshot: Mapping[str, Any],
    proof: str,
    directory: Path,
) -> tuple[Outputs, ...]:
    """What the worker made of the job, and what the ogr engine makes of it.

    Empty where there is nothing to compare: the worker was the probe, the job didn't
    finish, or a simulator ran it, whose worker is the ogr engine.
    """
    row = snapshot["job"]
    wanted = cell.scenario.worker == "job" and proof == "real"
    if not wanted or row is None or row["status"] != "finished":
        return ()
    return (_of_worker(place, snapshot), _by_ogr(cell, directory))


def _of_worker(place: Place, snapshot: Mapping[str, Any]) -> Outputs:
    """What lies in the stand-in."""
    row, thumbnail = snapshot["job"], snapshot["thumbnail"]
    content = partial(place.app.control.content, str(row["id"]))
    files = snapshot["package_files"] or snapshot["project_files"]
    sums = {one["name"]: one["sha256"] for one in files}  # the last version counts
    return outputs_of(
        "worker",
        (row["feedback"] or {}).get("outputs") or {},
        sums,
        lambda name: content(sums[name]),
        content(thumbnail["sha256"]) if thumbnail and thumbnail["sha256"] else None,
    )


def _by_ogr(cell: Cell, directory: Path) -> Outputs:
    job = cell.scenario.job
    project = project_of(cell.scenario)
    cloud = small_cloud.of_project(project)
    io = directory / "reference"
    io.mkdir()
    arguments = [job.type, PROJECT]
    if job.type != "create_project":
        arguments.append(project["qgis_file"])
    if job.type == "package":
        arguments.append(project["offliner"])
    if job.type == "delta_apply":
        _write_deltafile(resources.fixture("deltas") / job.deltafile, io)
        arguments += ["--overwrite-conflicts"] if job.overwrite_conflicts else []
    with small_cloud.serve(cloud) as url:
        words = _run(arguments, url, io)
    feedback = _read(io / "feedback.json")
    if words or feedback.get("error") or not feedback:
        return Outputs(
            engine=ENGINE,
            error=f"The ogr engine failed: {feedback.get('error') or words}",
        )
    files = cloud.package or cloud.files
    thumbnail = io / "thumbnail.png"
    return outputs_of(
        ENGINE,
        feedback["outputs"],
        files,
        files.__getitem__,
        thumbnail.read_bytes() if thumbnail.exists() else None,
    )


def _run(arguments: list[str], url: str, io: Path) -> str:
    """Run the worker; what it wrote if it failed."""
    mounts = {"/io": str(io), "/transformation_grids": str(resources.fixture("grids"))}
    done = subprocess.run(
        [sys.executable, "entrypoint.py", *arguments],
        cwd=resources.fixture("worker"),
        env={
            "PATH": str(Path(sys.executable).parent),
            "JOB_ID": JOB,
            "QFIELDCLOUD_URL": url,
            "QFIELDCLOUD_TOKEN": "any",
            "QFC_SIMULATOR_MOUNTS": json.dumps(mounts),
            "QFC_WORKER_ENGINE": ENGINE,
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return done.stderr[-500:] if done.returncode else ""


def _write_deltafile(source: Path, io: Path) -> None:
    content = json.loads(source.read_text(encoding="utf-8"))
    content |= {"project": PROJECT, "clientPks": {}}
    (io / "deltafile.json").write_text(json.dumps(content), encoding="utf-8")


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found
