"""Copies of the committed projects, and the worker run as a process."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .cloud import Cloud, serve

FIXTURES = Path(__file__).parents[3] / "fixtures"
WORKER = FIXTURES / "worker"
JOB_ID = "6f9c2d4a-13c5-4a42-9d38-0a7d1cf0a001"
PROJECT_ID = "0a1b2c3d-0000-4000-8000-000000000001"

sys.path.insert(0, str(WORKER))


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Path]:
    """A function that copies a committed project; the copy's folder."""

    def copy(name: str) -> Path:
        folder = tmp_path / "projects" / name
        ignored = shutil.ignore_patterns("project.yaml")
        shutil.copytree(FIXTURES / "projects" / name, folder, ignore=ignored)
        return folder

    return copy


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """A served API with an empty project."""
    with serve(PROJECT_ID) as cloud:
        yield cloud


@dataclass
class Job:
    """What a run of the worker left."""

    exit_code: int
    log: str
    io: Path

    @property
    def feedback(self) -> Any:
        """feedback.json, parsed."""
        return json.loads((self.io / "feedback.json").read_text("utf-8"))

    @property
    def stages(self) -> dict[str, int]:
        """How far each step came."""
        return {step["id"]: step["stage"] for step in self.feedback["steps"]}


@dataclass
class Worker:
    """Runs the worker as a wrapper would, with /io redirected."""

    io: Path
    cloud: Cloud

    @property
    def grids(self) -> Path:
        """The directory that stands for /transformation_grids."""
        return self.io.parent / "grids"

    def environ(self) -> dict[str, str]:
        """What a wrapper passes, and the redirection."""
        self.grids.mkdir(exist_ok=True)
        mounts = {"/io": str(self.io), "/transformation_grids": str(self.grids)}
        return {
            "PATH": os.environ["PATH"],
            "JOB_ID": JOB_ID,
            "QFIELDCLOUD_URL": self.cloud.url,
            "QFIELDCLOUD_TOKEN": self.cloud.token,
            "QFC_SIMULATOR_MOUNTS": json.dumps(mounts),
            "QFC_WORKER_ENGINE": "ogr",
        }

    def run(self, *argv: str, **env: str) -> Job:
        """One job, to its end."""
        done = subprocess.run(
            [sys.executable, "entrypoint.py", *argv],
            cwd=WORKER,
            env={**self.environ(), **env},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.stdout == b""
        return Job(done.returncode, done.stderr.decode(), self.io)


@pytest.fixture
def worker(tmp_path: Path, cloud: Cloud) -> Worker:
    """A worker with a /io of its own."""
    (tmp_path / "io").mkdir()
    return Worker(tmp_path / "io", cloud)
