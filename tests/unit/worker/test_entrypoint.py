"""Whole jobs: the worker as a process, over HTTP, on the committed projects."""

import io
import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from .cloud import Cloud
from .conftest import FIXTURES, JOB_ID, PROJECT_ID, Worker

Project = Callable[[str], Path]


def deltafile(worker: Worker, name: str) -> None:
    """Leaves a committed deltafile in /io, as the wrapper does."""
    text = (FIXTURES / "deltas" / f"{name}.json").read_text("utf-8")
    (worker.io / "deltafile.json").write_text(
        text.replace("@project", PROJECT_ID), "utf-8"
    )


def statuses(worker: Worker, name: str, *more: str) -> list[str]:
    """The outcome of each delta of a committed deltafile."""
    deltafile(worker, name)
    job = worker.run("delta_apply", PROJECT_ID, *more)
    assert job.exit_code == 0
    told = job.feedback["outputs"]["apply_deltas"]["delta_feedback"]
    return [item["status"].removeprefix("status_") for item in told]


def test_process_projectfile(worker: Worker, cloud: Cloud, project: Project) -> None:
    """Details and thumbnail are made from the project's data."""
    cloud.add(project("trees"))
    job = worker.run("process_projectfile", PROJECT_ID, "trees.qgs")
    assert job.exit_code == 0
    assert job.stages == dict.fromkeys(
        [
            "start_qgis_app",
            "download_project_directory",
            "project_validity_check",
            "opening_check",
            "project_details",
            "generate_thumbnail_image",
            "stop_qgis_app",
        ],
        2,
    )
    details = job.feedback["outputs"]["project_details"]["project_details"]
    assert details["project_name"] == "Bäume der Stadt"
    assert details["crs"] == "EPSG:2056"
    assert details["extent"].startswith("Polygon ((2683033.52 1246800.34,")
    trees = details["layers_by_id"][details["ordered_layer_ids"][0]]
    assert (trees["name"], trees["feature_count"]) == ("trees", 24)
    with Image.open(worker.io / "thumbnail.png") as picture:
        assert picture.size == (100, 100)
        assert picture.getpixel((0, 0))[:3] == (0xEE, 0xF5, 0xE9)
    assert cloud.uploaded == []


def test_steps_are_bracketed_in_the_log(
    worker: Worker, cloud: Cloud, project: Project
) -> None:
    """Each step has a start mark with its name and an end mark with its stage."""
    cloud.add(project("broken-xml"))
    job = worker.run("process_projectfile", PROJECT_ID, "cut.qgs")
    marks = re.findall(r"^::(<<<|>>>)::([0-9a-f-]{36}) (.+)$", job.log, re.MULTILINE)
    starts = {mark: text for kind, mark, text in marks if kind == "<<<"}
    ends = {mark: text for kind, mark, text in marks if kind == ">>>"}
    assert list(starts.values()) == [
        "Start QGIS Application",
        "Download Project",
        "Project Validity Check",
    ]
    assert starts.keys() == ends.keys()
    assert list(ends.values()) == ["2", "2", "1"]


def test_package(worker: Worker, cloud: Cloud, project: Project) -> None:
    """Layers are copied with all their features, and the package is the job's."""
    cloud.add(project("survey"))
    job = worker.run("package", PROJECT_ID, "survey.qgz", "qgiscore")
    assert job.exit_code == 0
    assert set(job.stages.values()) == {2}
    assert set(cloud.package) == {
        f"{JOB_ID}/survey_qfield.qgs",
        f"{JOB_ID}/data.gpkg",
    }
    before = job.feedback["outputs"]["qgis_layers_data"]["layers_by_id"]
    after = job.feedback["outputs"]["qfield_layer_data"]["layers_by_id"]
    assert before.keys() == after.keys()
    for layer_id, layer in after.items():
        assert layer["is_valid"]
        assert layer["filename"] == "data.gpkg"
        assert layer["feature_count"] == before[layer_id]["feature_count"] > 0


def test_delta_apply_changes_only_what_it_should(
    worker: Worker, cloud: Cloud, project: Project, tmp_path: Path
) -> None:
    """One delta conflicts, one is applied, and only the changed file is uploaded."""
    cloud.add(project("trees"))
    assert statuses(worker, "trees-conflict", "trees.qgs") == ["conflict", "applied"]
    assert cloud.uploaded == ["trees.gpkg"]
    (tmp_path / "after.gpkg").write_bytes(cloud.files["trees.gpkg"])
    connection = sqlite3.connect(tmp_path / "after.gpkg")
    rows = connection.execute("SELECT height FROM trees WHERE fid IN (1, 3)")
    assert [height for (height,) in rows] == [27.1, 4.6]
    connection.close()


def test_overwrite_conflicts(worker: Worker, cloud: Cloud, project: Project) -> None:
    """With the option, the client's values win."""
    cloud.add(project("trees"))
    overwritten = statuses(
        worker, "trees-conflict", "trees.qgs", "--overwrite-conflicts"
    )
    assert overwritten == ["applied", "applied"]


def test_odd_names(worker: Worker, cloud: Cloud, project: Project) -> None:
    """A leading dash, spaces, umlauts and $(HOME) are names like any other."""
    cloud.add(project("odd-names"))
    name = "-Bäume $(HOME).qgs"
    job = worker.run("package", PROJECT_ID, name, "qgiscore")
    assert "error" not in job.feedback
    assert f"{JOB_ID}/-Bäume $(HOME)_qfield.qgs" in cloud.package


@pytest.mark.parametrize("seed_name", ["seed-layers", "seed-xlsform"])
def test_create_project(worker: Worker, cloud: Cloud, seed_name: str) -> None:
    """From a seed a QGIS project and its data are made, and uploaded."""
    folder = FIXTURES / "projects" / seed_name
    cloud.seed = json.loads((folder / "seed.json").read_text("utf-8"))
    form = folder / "form.xlsx"
    cloud.xlsform = form.read_bytes() if form.exists() else None
    job = worker.run("create_project", PROJECT_ID)
    assert set(job.stages.values()) == {2}
    assert cloud.uploaded == ["data.gpkg", "project.qgs"]
    layers = job.feedback["outputs"]["qgis_layers_data"]["layers_by_id"]
    wanted = {
        "seed-layers": ["Funde", "Wege", "OpenStreetMap"],
        "seed-xlsform": ["benches"],
    }
    assert [layer["name"] for layer in layers.values()] == wanted[seed_name]
    assert all(layer["is_valid"] for layer in layers.values())


def test_output_follows_the_data(
    worker: Worker, cloud: Cloud, project: Project
) -> None:
    """Nothing is canned: other data give other details and another picture."""
    folder = project("survey")
    cloud.add(folder)

    def run() -> tuple[str, int, bytes]:
        job = worker.run("process_projectfile", PROJECT_ID, "survey.qgz")
        details = job.feedback["outputs"]["project_details"]["project_details"]
        first = details["layers_by_id"][details["ordered_layer_ids"][0]]
        picture = (worker.io / "thumbnail.png").read_bytes()
        return details["extent"], first["feature_count"], picture

    extent, count, picture = run()
    document = json.loads(cloud.files["observations.geojson"])
    document["features"].append(
        {
            "type": "Feature",
            "properties": {"fid": 99, "what": "čáp", "count": 1},
            "geometry": {"type": "Point", "coordinates": [16.0, 50.0]},
        }
    )
    cloud.files["observations.geojson"] = json.dumps(document).encode()
    other_extent, other_count, other_picture = run()
    assert other_count == count + 1
    assert other_extent != extent
    with (
        Image.open(io.BytesIO(picture)) as one,
        Image.open(io.BytesIO(other_picture)) as two,
    ):
        assert one.tobytes() != two.tobytes()


@pytest.mark.parametrize(
    ("status", "error_type"),
    [
        (402, "API_PAYMENT_REQUIRED"),
        (403, "API_FORBIDDEN"),
        (404, "API_NOT_FOUND"),
        (418, "API_OTHER"),
        (500, "API_INTERNAL_SERVER_ERROR"),
    ],
)
def test_api_errors_are_told_apart(
    worker: Worker, cloud: Cloud, status: int, error_type: str
) -> None:
    """An error of the API is in the feedback with its own type; the exit code is 0."""
    cloud.fail = status
    job = worker.run("package", PROJECT_ID, "trees.qgs", "qgiscore")
    assert job.exit_code == 0
    assert job.feedback["error_type"] == error_type
    assert job.feedback["error_class"] == "QfcRequestException"
    assert job.stages["download_project_directory"] == 1
    assert job.stages["package_project"] == 0


def test_expired_token(worker: Worker, cloud: Cloud) -> None:
    """401 is told as an expired token."""
    job = worker.run("create_project", PROJECT_ID, QFIELDCLOUD_TOKEN="old")
    assert job.feedback["error_type"] == "API_TOKEN_EXPIRED"


def test_api_out_of_reach(worker: Worker) -> None:
    """A refused connection is told as such."""
    url = "http://127.0.0.1:9/api/v1/"
    job = worker.run("create_project", PROJECT_ID, QFIELDCLOUD_URL=url)
    assert job.feedback["error_type"] == "API_CONNECTION_ERROR"
    assert "127.0.0.1" in job.feedback["error"]


@pytest.mark.parametrize(
    ("project_name", "qgis_file", "error_type"),
    [
        ("trees", "lost.qgs", "FILE_NOT_FOUND"),
        ("trees", "trees.gpkg", "INVALID_PROJECT_FILE"),
        ("broken-xml", "cut.qgs", "INVALID_PROJECT_FILE"),
    ],
)
def test_unusable_project_files(
    worker: Worker,
    cloud: Cloud,
    project: Project,
    project_name: str,
    qgis_file: str,
    error_type: str,
) -> None:
    """A missing file and one that is no project have different types."""
    cloud.add(project(project_name))
    job = worker.run("process_projectfile", PROJECT_ID, qgis_file)
    assert job.exit_code == 0
    assert job.feedback["error_type"] == error_type
    assert qgis_file in job.feedback["error"]


def test_file_names_outside_the_folder_are_refused(
    worker: Worker, cloud: Cloud, tmp_path: Path
) -> None:
    """A server can't make the worker write elsewhere."""
    cloud.files["../../../escaped.txt"] = b"!"
    job = worker.run("process_projectfile", PROJECT_ID, "trees.qgs")
    assert job.feedback["error_type"] == "UNABLE_TO_CONTINUE"
    assert "escaped.txt" in job.feedback["error"]
    assert not list(tmp_path.rglob("escaped.txt"))


def test_missing_deltafile(worker: Worker, cloud: Cloud, project: Project) -> None:
    """Without a deltafile nothing can be done, and that is said."""
    cloud.add(project("trees"))
    job = worker.run("apply_deltas", PROJECT_ID, "trees.qgs")
    assert job.feedback["error_type"] == "UNABLE_TO_CONTINUE"
    assert "deltafile.json" in job.feedback["error"]


def test_wrong_command_line(worker: Worker) -> None:
    """It ends with 2 and the usage, and leaves no feedback."""
    job = worker.run("packages", PROJECT_ID)
    assert job.exit_code == 2
    assert "unknown job type 'packages'" in job.log
    assert "create_project <project id>" in job.log
    assert not (worker.io / "feedback.json").exists()


def test_io_that_is_not_there(worker: Worker) -> None:
    """Feedback that can't be written ends with 1 and says where it should be."""
    worker.io.rmdir()
    job = worker.run("create_project", PROJECT_ID)
    assert job.exit_code == 1
    assert "feedback.json can't be written" in job.log


def test_entrypoint_leaves_a_trace(worker: Worker, cloud: Cloud) -> None:
    """Whether the image's ENTRYPOINT ran is in the first step's output."""
    cloud.seed = {}
    for env, kept in (({}, False), ({"QFC_WORKER_ENTRYPOINT": "kept"}, True)):
        job = worker.run("create_project", PROJECT_ID, **env)
        started = job.feedback["outputs"]["start_qgis_app"]
        assert (started["engine"], started["entrypoint_kept"]) == ("ogr", kept)


def test_image_json_is_the_dockerfiles() -> None:
    """The simulator's image and the real one have ENTRYPOINTs of the same form."""
    worker = FIXTURES / "worker"
    image = json.loads((worker / "image.json").read_text())
    assert image["entrypoint"] == [
        "/bin/sh",
        "-c",
        '/bin/sh ./docker-entrypoint.sh "$@"',
        "",
    ]
    done = subprocess.run(
        [
            *image["entrypoint"],
            "sh",
            "-c",
            'echo "$QFC_WORKER_ENTRYPOINT:$1"',
            "",
            "a b",
        ],
        cwd=worker,
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"kept:a b\n"
    dockerfile = (worker / "Dockerfile").read_text()
    absolute = json.dumps(image["entrypoint"]).replace("./", "/usr/src/app/")
    assert f"ENTRYPOINT {absolute}" in dockerfile


def test_unknown_engine(worker: Worker) -> None:
    """An engine that isn't there is an error with its remedy, in the feedback."""
    job = worker.run("create_project", PROJECT_ID, QFC_WORKER_ENGINE="arcgis")
    assert job.exit_code == 0
    assert job.feedback["error_type"] == "UNABLE_TO_CONTINUE"
    assert "arcgis" in job.feedback["error"]


def test_transformation_grids_are_used(
    worker: Worker, cloud: Cloud, project: Project
) -> None:
    """A grid in /transformation_grids moves what is transformed with it."""
    cloud.add(project("datum"))

    def extent() -> str:
        job = worker.run("process_projectfile", PROJECT_ID, "datum.qgs")
        details = job.feedback["outputs"]["project_details"]["project_details"]
        return str(details["extent"])

    without = extent()
    shutil.copy(FIXTURES / "grids" / "BETA2007.gsb", worker.grids)
    assert without.startswith("Polygon ((499927.")
    assert extent().startswith("Polygon ((500000 57983")


def test_secrets_stay_out_of_log_and_feedback(
    worker: Worker, cloud: Cloud, project: Project
) -> None:
    """Neither token nor service file nor variable is written anywhere."""
    cloud.add(project("trees"))
    secrets = {
        "PGSERVICE_FILE_CONTENTS": "[a]\npassword=s3cr3t-one\n",
        "API_KEY": "s3cr3t-two",
        "QFIELDCLOUD_EXTRA_ENVVARS": '["API_KEY"]',
    }
    job = worker.run("process_projectfile", PROJECT_ID, "trees.qgs", **secrets)
    text = job.log + (worker.io / "feedback.json").read_text("utf-8")
    assert "error" not in job.feedback
    for secret in ("s3cr3t", cloud.token):
        assert secret not in text
