"""What the job leaves in its project: details, thumbnail, package, files."""

from collections.abc import Iterator
from datetime import timedelta

from ..replay.observation import Observation, time
from .finding import Result, check, equal

PACKAGED_SLACK = timedelta(seconds=3)
NOT_LATER = timedelta(seconds=0.5)
"""Than ``docker_started_at``; a job that packages something takes longer."""


@check(
    "project.details",
    "project_details are what the worker found out.",
    why="QField and the web page show layers and CRS from them.",
    fix="Store feedback.outputs.project_details.project_details; null after a failure.",
)
def details(seen: Observation) -> Iterator[Result]:
    """Filled, or null; layers and CRS."""
    expect, project = seen.cell.scenario.expect.project, seen.snapshot["project"]
    if project is None:
        return
    told = project["project_details"]
    where = "project.project_details"
    if expect.details is not None:
        yield equal(expect.details, bool(told), where)
    if expect.details:
        outputs = seen.feedback.get("outputs") or {}
        reported = (outputs.get("project_details") or {}).get("project_details")
        yield equal(reported, told, where, message="They differ from the feedback.")
    if expect.layers is not None:
        layers = (told or {}).get("layers_by_id") or {}
        yield equal(expect.layers, len(layers), f"{where}.layers_by_id")
    if expect.extent_begins is not None:
        extent = str((told or {}).get("extent") or "")
        yield Result(
            ok=extent.startswith(expect.extent_begins),
            expected=f"{expect.extent_begins}…",
            actual=extent,
            where=f"{where}.extent",
        )
    if expect.crs is not None:
        yield equal(expect.crs, (told or {}).get("crs"), f"{where}.crs")


@check(
    "project.thumbnail",
    "The project has the thumbnail that the worker drew.",
    why="It is how the map maker recognises the project.",
    fix="Store /io/thumbnail.png before the shared directory is removed.",
)
def thumbnail(seen: Observation) -> Iterator[Result]:
    """There, and not empty."""
    wanted = seen.cell.scenario.expect.project.thumbnail
    if wanted is None:
        return
    found = seen.snapshot["thumbnail"]
    there = bool(found and (found["size"] or 0) > 100)
    yield Result(
        ok=wanted == there,
        expected="a picture" if wanted else "none",
        actual=f"{found['size']} bytes" if found else "none",
        where="project.thumbnail",
    )


@check(
    "project.package",
    "The package is the project's latest, dated when the run began.",
    why="QField downloads the latest package, and QFieldCloud compares its date with "
    "that of the data.",
    fix="After a success set last_package_job and data_last_packaged_at.",
)
def package(seen: Observation) -> Iterator[Result]:
    """last_package_job, data_last_packaged_at."""
    wanted = seen.cell.scenario.expect.project.packaged
    project, row = seen.snapshot["project"], seen.row
    if wanted is None or project is None or row is None:
        return
    latest = str(project["last_package_job_id"])
    ours = latest == seen.arranged.job_id
    yield equal(wanted, ours, "project.last_package_job")
    if wanted:
        packaged, began = (
            time(project["data_last_packaged_at"]),
            time(row["started_at"]),
        )
        docker = time(row["docker_started_at"])
        ok = bool(
            packaged
            and began
            and docker
            and began - PACKAGED_SLACK <= packaged <= docker + NOT_LATER
        )
        yield Result(
            ok=ok,
            expected=f"when the run began, {docker or began}",
            actual=str(packaged),
            where="project.data_last_packaged_at",
        )


@check(
    "project.files",
    "The worker's files are where the scenario expects them.",
    why="They are what QField downloads.",
    fix="Look into the worker's output for uploads that failed.",
)
def files(seen: Observation) -> Iterator[Result]:
    """In the package, and in the project."""
    expect = seen.cell.scenario.expect.project
    for names, key, where in (
        (expect.package_files, "package_files", "package"),
        (expect.files, "project_files", "project"),
    ):
        present = {file["name"] for file in seen.snapshot[key]}
        for name in names:
            yield Result(
                ok=name in present,
                expected=name,
                actual=", ".join(sorted(present)),
                where=f"files of the {where}",
            )
