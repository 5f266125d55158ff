"""Whole jobs: arranged by the harness, dequeued, run by a wrapper in the wild."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from .. import standin
from ..control.test_arrange import deltafile

HERE = Path(__file__).parent
FILES = [standin.file("Bäume 1.qgs", b"<qgis/>")]


class Case:
    """A stand-in, a wrapper installed beside it, and the result of its container."""

    def __init__(self, served, folder, year):
        self._served = served
        self._folder = folder
        self._name = f"p-{uuid4().hex[:8]}"
        package = folder / "worker_wrapper"
        package.mkdir()
        package.joinpath("__init__.py").touch()
        for module in HERE.glob("of_*.py"):
            package.joinpath(module.name).write_text(module.read_text())
        package.joinpath("wrapper.py").write_text(f"from .of_{year} import *\n")
        self.result = folder / "feedback.json"

    def run(self, job, feedback, **project):
        """Arranges the job, runs it, answers with its snapshot."""
        self.result.write_text(json.dumps(feedback))
        answer = self._served.arrange(
            user={"username": "ada"},
            project={
                "name": self._name,
                "qgis_file": "Bäume 1.qgs",
                "files": FILES,
                **project,
            },
            secrets=[{"name": "TOKEN", "type": "envvar", "value": "sécret"}],
            jobs=[job],
        )
        env = {
            **self._served.env,
            "PYTHONPATH": f"{self._folder}:{standin.APP}",
            "QFIELDCLOUD_TEST_FEEDBACK": str(self.result),
            "PGAPPNAME": "wrapper",
        }
        done = standin.manage(env, "dequeue", "--single-shot")
        assert done.returncode == 0, done.stderr
        path = f"jobs/{answer['jobs'][0]['id']}"
        return self._served.control("GET", path).json()


@pytest.fixture(params=["2024", "2026"])
def case(request, served, tmp_path):
    return Case(served, tmp_path, request.param)


def test_a_package_job(case):
    """The project knows its package; the secret reached the container."""
    seen = case.run({"type": "package"}, {"outputs": {}}, offliner="pythonmini")
    project = seen["project"]
    assert seen["job"]["status"] == "finished"
    words = f"package {project['id']} Bäume 1.qgs pythonmini"
    assert seen["job"]["output"] == f"python3 entrypoint.py {words}"
    assert project["last_package_job_id"] == seen["job"]["id"]
    assert project["data_last_packaged_at"] == seen["job"]["started_at"]
    environment = json.loads((case.result.parent / "environment.json").read_text())
    assert environment["TOKEN"] == "sécret"
    assert len(seen["tokens"]) == 1


def test_a_process_projectfile_job(case):
    """Details and thumbnail are the project's."""
    details = {"project_details": {"project_details": {"crs": "EPSG:2056"}}}
    seen = case.run({"type": "process_projectfile"}, {"outputs": details})
    assert seen["job"]["status"] == "finished", seen["job"]["feedback"]
    assert seen["project"]["project_details"] == {"crs": "EPSG:2056"}
    assert seen["thumbnail"]["size"] == len(b"PNG")


def test_a_failed_process_projectfile_job(case):
    """The details of before are gone."""
    feedback = {"error": "no valid project"}
    job = {"type": "process_projectfile"}
    seen = case.run(job, feedback, details={"crs": "EPSG:4326"})
    assert seen["job"]["status"] == "failed"
    assert seen["project"]["project_details"] is None


def test_a_delta_job(case):
    """Each delta ends with the status that the container gave it."""
    ids = [str(uuid4()) for _ in range(3)]
    told = ("status_applied", "status_conflict", "odd")
    feedback = [
        {"delta_id": delta_id, "status": status, "modified_pk": "7"}
        for delta_id, status in zip(ids, told, strict=True)
    ]
    outputs = {"apply_deltas": {"delta_feedback": feedback}}
    job = {"type": "delta_apply", "deltas": deltafile(*ids)}
    seen = case.run(job, {"outputs": outputs})
    assert seen["job"]["status"] == "finished", seen["job"]["feedback"]
    statuses = [delta["last_status"] for delta in seen["deltas"]]
    assert statuses == ["applied", "conflict", "error"]
    assert [d["status"] for d in seen["apply_job_deltas"]] == statuses
    assert seen["deltas"][0]["last_modified_pk"] == "7"
    written = json.loads((case.result.parent / "deltafile.json").read_text())
    assert [delta["uuid"] for delta in written["deltas"]] == ids


def test_the_history_tells_dequeue_and_wrapper_apart_from_the_harness(case):
    """By the application name of their connections."""
    seen = case.run({"type": "package"}, {"outputs": {}})
    steps = [
        (entry["new_status"], entry["application_name"])
        for entry in seen["history"]
        if entry["new_status"] != entry["old_status"]
    ]
    assert steps == [
        ("pending", "qfieldcloud"),
        ("queued", "wrapper"),
        ("started", "wrapper"),
        ("finished", "wrapper"),
    ]
