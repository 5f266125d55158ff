"""The stand-in as a cell has it: served, controlled, ended."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from harness.errors import HarnessFailure
from harness.standin.application import Application, ControlApi
from harness.standin.database import Database
from harness.standin.forkserver import ForkServer


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cell's directory."""
    return tmp_path_factory.mktemp("cell")


@pytest.fixture(scope="module")
def app(
    forks: ForkServer, database: Database, directory: Path
) -> Iterator[Application]:
    """A stand-in."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    application = Application(forks, directory, database.create(name))
    yield application
    application.close()
    database.drop(name)


def test_it_serves_qfieldcloud(app: Application) -> None:
    """On loopback, on a port that was free."""
    assert app.api_url.startswith("http://127.0.0.1:")
    answer = requests.get(f"{app.api_url}status/", timeout=10)
    assert answer.status_code == 200


def test_its_control_needs_the_token(app: Application) -> None:
    """Workers and subjects reach the same port."""
    stranger = ControlApi(app.url, "guessed")
    with pytest.raises(HarnessFailure, match="refuses POST arrange: 40"):
        stranger.arrange({})
    stranger.close()


def test_rows_are_arranged_and_seen(app: Application) -> None:
    """A job, and its history from its first moment."""
    job = str(uuid.uuid4())
    app.control.arrange(
        {
            "user": {"username": "somebody"},
            "project": {"name": "a-project", "qgis_file": "x.qgs", "files": []},
            "jobs": [{"type": "package", "id": job, "status": "queued"}],
        }
    )
    snapshot = app.control.snapshot(job)
    assert snapshot["job"]["status"] == "queued"
    assert [one["new_status"] for one in snapshot["history"]][-1] == "queued"
    assert app.control.wait_for_status(job, ["finished"], 0.05)[-1]["op"] == "insert"
    app.control.act("delete_job_row", job_id=job)
    assert app.control.snapshot(job)["job"] is None


def test_a_refusal_has_the_stand_ins_words(app: Application) -> None:
    """Method, path, status, reason."""
    with pytest.raises(HarnessFailure, match=r"GET jobs/.*: 404 .*never was"):
        app.control.snapshot(str(uuid.uuid4()))


def test_nobody_there_is_told(app: Application) -> None:
    """A stand-in that has died is no refusal."""
    nobody = ControlApi("http://127.0.0.1:1", "x")
    with pytest.raises(HarnessFailure, match="doesn't answer GET jobs/1"):
        nobody.snapshot("1")
    nobody.close()


def test_proxies_of_the_environment_are_not_asked(
    app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They can't reach loopback."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with pytest.raises(HarnessFailure, match="404"):
        app.control.snapshot(str(uuid.uuid4()))


def test_it_ends_with_its_cell(
    forks: ForkServer, database: Database, tmp_path: Path
) -> None:
    """No server stays behind."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    application = Application(forks, tmp_path, database.create(name))
    pid = application._child.pid
    application.close()
    assert not psutil.pid_exists(pid)
    database.drop(name)


def test_one_that_does_not_start_says_why(forks: ForkServer, tmp_path: Path) -> None:
    """The last words of its log."""
    with pytest.raises(HarnessFailure, match=r"(?s)doesn't start:.*annot assign"):
        Application(forks, tmp_path, {"POSTGRES_DB": "x"}, host="203.0.113.7")
