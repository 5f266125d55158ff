"""The package copied into QFieldCloud's docker-app, as the README says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from worker_wrapper import k8s_settings_example

REPOSITORY = Path(__file__).parents[3]
FOLDER = REPOSITORY / "worker_wrapper"
PAGES = ("README.md", "K8S_MIGRATION_GUIDE.md")
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
WHERE = """
import pathlib, worker_wrapper
here = pathlib.Path("worker_wrapper").resolve()
assert pathlib.Path(worker_wrapper.__file__).parent == here
"""


@pytest.fixture
def docker_app(tmp_path):
    """QFieldCloud's, with the first block of the README run."""
    app = tmp_path / "qfieldcloud" / "docker-app"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "fixtures" / "qfieldcloud_app", app, ignore=ignore)
    (app / "worker_wrapper").mkdir()
    (app / "worker_wrapper" / "wrapper.py").write_text("raise SystemExit('the old')\n")
    (app / "requirements").mkdir()
    (app / "requirements" / "requirements.txt").write_text("django\n")
    block = BLOCK.findall((FOLDER / "README.md").read_text())[0]
    environ = {"PATH": os.environ["PATH"], "QFIELDCLOUD": str(app.parent)}
    subprocess.run(["bash", "-euc", block], cwd=REPOSITORY, env=environ, check=True)
    return app


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "dequeue", "--single-shot"],
        ["-m", "worker_wrapper.dequeue_k8s", "--single-shot"],
    ],
    ids=["manage-py", "module"],
)
def test_the_copy_runs_a_job(docker_app, env, add_job, program, backend, command):
    """By QFieldCloud's own dequeue and by the drop-in, on the setting's backend."""
    from django.conf import settings as django_settings

    job = add_job("pending")
    names = [name for name in dir(django_settings) if name.startswith("QFIELDCLOUD_")]
    environ = {
        "PATH": os.environ["PATH"],
        **env,
        **{name: str(getattr(django_settings, name)) for name in names},
        "DOCKER_HOST": os.environ.get("DOCKER_HOST", ""),
        "PYTHONPATH": str(docker_app),
    }
    for arguments in (["-c", WHERE], command):
        python = [sys.executable, "-W", "ignore", *arguments]
        ended = subprocess.run(python, cwd=docker_app, env=environ, timeout=120)
        assert ended.returncode == 0
    job.refresh_from_db()
    assert (job.status, job.feedback["container_exit_code"]) == ("finished", 0)


def test_the_copy_names_its_requirements(docker_app):
    """After QFieldCloud's own."""
    lines = (docker_app / "requirements" / "requirements.txt").read_text().splitlines()
    assert lines[0] == "django"
    assert "kubernetes>=29.0.0,!=36.0.0" in lines


@pytest.mark.parametrize("page", PAGES)
def test_pages_name_files_that_there_are(page):
    """Each file and folder of ours in backticks."""
    text = (FOLDER / page).read_text()
    names = re.findall(r"`([\w./-]+\.(?:py|in|md|yaml)|k8s-manifests/[\w/-]+)`", text)
    theirs = {"manage.py", "settings.py"}
    missing = [
        name
        for name in names
        if name not in theirs
        and not (FOLDER / name).exists()
        and not (REPOSITORY / name).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_pages_name_settings_that_there_are(page):
    """By their whole names; the example has all of them."""
    text = (FOLDER / page).read_text()
    named = set(re.findall(r"QFIELDCLOUD_(?:K8S|WORKER)_[A-Z0-9_]*[A-Z0-9]", text))
    assert named - {"QFIELDCLOUD_WORKER_QFIELDCLOUD_URL"} <= set(
        vars(k8s_settings_example)
    )
