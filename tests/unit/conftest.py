"""What the tests of the harness's core share: short temporary places, a run's parts."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import resources, settings
from harness.settings import Settings
from harness.standin.database import Database, open_database
from harness.standin.forkserver import ForkServer
from harness.standin.run_directory import RunDirectory, open_run_directory


@pytest.fixture
def short_tmp() -> Iterator[Path]:
    """A temporary directory with a short path: unix sockets lie in it."""
    with tempfile.TemporaryDirectory(prefix="q") as directory:
        Path(directory).chmod(0o711)  # root's PostgreSQL is nobody's
        yield Path(directory)


@pytest.fixture(scope="session")
def run_settings() -> Iterator[Settings]:
    """As from the environment, with a temporary directory of the tests' own."""
    found = settings.from_environ()
    with tempfile.TemporaryDirectory(prefix="q") as directory:
        Path(directory).chmod(0o711)
        yield Settings(temporary=Path(directory), cache=found.cache, path=found.path)


@pytest.fixture(scope="session")
def run_directory(run_settings: Settings) -> Iterator[RunDirectory]:
    """A run's directory, with its guardian."""
    with open_run_directory(run_settings) as directory:
        yield directory


@pytest.fixture(scope="session")
def forks(run_directory: RunDirectory) -> Iterator[ForkServer]:
    """A zygote that has imported what subjects and stand-ins need."""
    server = ForkServer(
        resources.fixture("qfieldcloud_app"), run_directory.path / "forks.log"
    )
    yield server
    server.close()


@pytest.fixture(scope="session")
def database(
    run_settings: Settings, run_directory: RunDirectory, forks: ForkServer
) -> Iterator[Database]:
    """The embedded PostgreSQL with the stand-in's schema."""
    opened = open_database(run_settings, run_directory, forks)
    yield opened
    opened.close()
