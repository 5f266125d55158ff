"""The real command-line client against a served stand-in, a command at a time.

The client exits 0 when the server refuses, so it is what it prints that counts.
"""

import json
import re
from uuid import uuid4

import pytest

from ..core.test_deltafiles import delta, deltafile


@pytest.fixture
def account(served):
    """A user of its own with a password, and the token of a login by command line."""
    name = f"user-{uuid4().hex[:8]}"
    served.arrange(user={"username": name, "password": "s3cret"})
    done = served.cli("", "login", name, "s3cret")
    assert done.returncode == 0, done.stderr
    return name, json.loads(done.stdout)["token"]


@pytest.fixture
def run(served, account):
    """Runs a command as the account; answers with its JSON."""

    def command(*arguments):
        done = served.cli(account[1], *map(str, arguments))
        assert "and got" not in done.stdout, done.stdout
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return command


@pytest.fixture
def folder(tmp_path):
    """A project on disk."""
    source = tmp_path / "source"
    (source / "DCIM").mkdir(parents=True)
    (source / "trees.qgs").write_text("<qgis/>")
    (source / "Bäume 1.gpkg").write_bytes(b"\x00data" * 1000)
    (source / "DCIM" / "p.jpg").write_bytes(b"jpg")
    return source


@pytest.fixture
def project_id(run, folder):
    """A project that was made and filled by command line."""
    project = run("create-project", "trees", "--description", "All trees")
    run("upload-files", project["id"], folder)
    return project["id"]


def package(served, project_id, account):
    """A finished package job with one file, as a worker and its wrapper make it."""
    name, _ = account
    job = served.arrange(
        project_id=project_id, jobs=[{"type": "package", "status": "started"}]
    )["jobs"][0]["id"]
    with served_database(served) as connection:
        key = uuid4().hex
        connection.execute(
            "INSERT INTO authentication_authtoken "
            "(user_id, key, client_type, user_agent, created_at, expires_at) "
            "SELECT id, %s, 'worker', '', now(), now() + interval '1 h' "
            "FROM core_user WHERE username = %s",
            [key, name],
        )
        sent = served.api(
            "POST",
            f"packages/{project_id}/{job}/files/trees_qfield.qgs/",
            key,
            files={"file": ("any", b"<qfield/>")},
        )
        assert sent.status_code == 201, sent.text
        layer = {"name": "Trees", "is_valid": True, "error_code": "no_error"}
        layers = {"outputs": {"qfield_layer_data": {"layers_by_id": {"t": layer}}}}
        connection.execute(
            "UPDATE core_job SET status = 'finished', feedback = %s WHERE id = %s",
            [json.dumps(layers), job],
        )
        connection.execute(
            "UPDATE core_project SET last_package_job_id = %s, "
            "data_last_packaged_at = now() WHERE id = %s",
            [job, project_id],
        )
    return job


def served_database(served):
    import psycopg

    return psycopg.connect(
        host=served.env["POSTGRES_HOST"],
        user="postgres",
        dbname=served.env["POSTGRES_DB"],
        autocommit=True,
    )


def test_login(served, account):
    """It greets the user and shows a token."""
    done = served.cli("", "login", account[0], "s3cret", json=False)
    assert done.returncode == 0
    assert f"Welcome to QFieldCloud, {account[0]}." in done.stdout + done.stderr
    assert re.search(r'QFIELDCLOUD_TOKEN="[\w-]{20,}"', done.stdout + done.stderr)


def test_login_with_a_wrong_password(served, account):
    """It fails with the server's message."""
    done = served.cli("", "login", account[0], "wrong")
    assert 'and got "401' in done.stdout
    assert "Authentication failed" in done.stdout


def test_logout(served, account, run):
    """The token is worth nothing afterwards."""
    assert run("logout") == {"detail": "Successfully logged out."}
    assert 'and got "401' in served.cli(account[1], "list-projects").stdout


def test_status(served):
    """It needs no token."""
    done = served.cli("", "status")
    assert '"database": "ok"' in done.stdout


def test_create_get_and_list_projects(run, account):
    """What was created is shown."""
    made = run("create-project", "one", "--is-public", "--description", "x y")
    assert made["owner"] == account[0]
    assert (made["is_public"], made["description"]) == (True, "x y")
    assert run("get-project", made["id"])["name"] == "one"
    run("create-project", "two")
    assert [project["name"] for project in run("list-projects")] == ["one", "two"]
    page = run("list-projects", "--limit", "1", "--offset", "1")
    assert [project["name"] for project in page] == ["two"]


def test_project_tables(served, account, run):
    """The form for people needs every column of the table."""
    run("create-project", "one")
    done = served.cli(account[1], "list-projects", json=False)
    assert f"{account[0]}/one" in done.stdout + done.stderr


def test_patch_project(run, project_id):
    """Name, description and publicity change."""
    patched = run("patch-project", project_id, "--name", "new", "--is-public")
    assert (patched["name"], patched["is_public"]) == ("new", True)
    assert patched["description"] == "All trees"
    patched = run("patch-project", project_id, "--is-no-public")
    assert patched["is_public"] is False


def test_upload_and_list_files(run, project_id, folder):
    """All files arrive; the QGIS file starts its processing."""
    names = [file["name"] for file in run("list-files", project_id)]
    assert names == ["Bäume 1.gpkg", "DCIM/p.jpg", "trees.qgs"]
    (job,) = run("list-jobs", project_id)
    assert (job["type"], job["status"]) == ("process_projectfile", "pending")


def test_upload_again_sends_only_what_changed(run, project_id, folder):
    """The client compares ETags."""
    (folder / "DCIM" / "p.jpg").write_bytes(b"another")
    run("upload-files", project_id, folder)
    versions = {f["name"]: len(f["versions"]) for f in run("list-files", project_id)}
    assert versions == {"Bäume 1.gpkg": 1, "DCIM/p.jpg": 2, "trees.qgs": 1}


def test_download_files(run, project_id, folder, tmp_path):
    """They are what was uploaded; a second download skips them."""
    target = tmp_path / "target"
    run("download-files", project_id, target)
    for name in ("Bäume 1.gpkg", "DCIM/p.jpg", "trees.qgs"):
        assert (target / name).read_bytes() == (folder / name).read_bytes()
    (target / "trees.qgs").write_text("changed here")
    run("download-files", project_id, target, "--filter", "*.qgs")
    assert (target / "trees.qgs").read_text() == "<qgis/>"


def test_delete_file(served, account, run, project_id):
    """It is gone, the others stay."""
    done = served.cli(account[1], "delete-file", project_id, "DCIM/p.jpg")
    assert "Successfully deleted file" in done.stdout + done.stderr
    names = [file["name"] for file in run("list-files", project_id)]
    assert names == ["Bäume 1.gpkg", "trees.qgs"]
    served.cli(account[1], "delete-files", project_id, "*.gpkg", json=False)
    assert [file["name"] for file in run("list-files", project_id)] == ["trees.qgs"]


def test_job_trigger_list_and_status(run, project_id):
    """The job is pending, since nothing runs it here."""
    job = run("job-trigger", project_id, "package")
    assert run("job-status", job["id"])["status"] == "pending"
    (listed,) = run("list-jobs", project_id, "--type", "package")
    assert listed["id"] == job["id"]
    forced = run("job-trigger", project_id, "package", "--force")
    assert forced["id"] != job["id"]


def test_package_latest_and_download(served, account, run, project_id, tmp_path):
    """The files of the last package job, and its layers."""
    job = package(served, project_id, account)
    latest = run("package-latest", project_id)
    assert (latest["package_id"], latest["status"]) == (job, "finished")
    target = tmp_path / "package"
    run("package-download", project_id, target)
    assert (target / "trees_qfield.qgs").read_bytes() == b"<qfield/>"
    done = served.cli(account[1], "package-latest", project_id, json=False)
    assert 'Layer "Trees" is valid' in done.stdout + done.stderr


def test_package_latest_before_the_first_package(served, account, project_id):
    """The server's message reaches the user."""
    done = served.cli(account[1], "package-latest", project_id)
    assert 'and got "400' in done.stdout
    assert "invalid_job" in done.stdout


def test_delta_push(served, account, run, project_id, tmp_path):
    """The deltas wait in a job."""

    class Project:
        pk = project_id

    file = tmp_path / "delta.json"
    file.write_text(json.dumps(deltafile(Project, delta(), delta())))
    done = served.cli(account[1], "delta-push", project_id, str(file), json=False)
    assert f'pushed to project "{project_id}"' in done.stdout + done.stderr
    (job,) = run("list-jobs", project_id, "--type", "delta_apply")
    snapshot = served.control("GET", f"jobs/{job['id']}").json()
    assert len(snapshot["apply_job_deltas"]) == 2


def test_delete_project(served, account, run, project_id):
    """It is gone for the client."""
    done = served.cli(account[1], "delete-project", project_id, json=False)
    assert f'Deleted project "{project_id}".' in done.stdout + done.stderr
    assert run("list-projects") == []
    done = served.cli(account[1], "get-project", project_id)
    assert "object_not_found" in done.stdout + done.stderr


def test_anothers_project(served, account, project_id):
    """A stranger is told 403."""
    stranger = served.arrange(user={"username": "stranger"})["token"]
    done = served.cli(stranger, "get-project", project_id)
    assert "403" in done.stdout + done.stderr
    assert "permission_denied" in done.stdout + done.stderr
