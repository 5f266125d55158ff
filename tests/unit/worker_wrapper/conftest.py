"""The wrapper inside a QFieldCloud: the stand-in's Django, its tables, its rows."""

import gc
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from qfieldcloud_app import standin
from qfieldcloud_app.conftest import (  # noqa: F401 (fixtures)
    MADE_BY_MIGRATIONS,
    database,
    new_environ,
    project,
    server,
    template,
    user,
)
from workers import FEEDBACK, Backends


@pytest.fixture
def env(server, database, tmp_path) -> Iterator[dict[str, str]]:  # noqa: F811
    """The environment of an empty stand-in, with what the wrapper needs."""
    (tmp_path / "storage").mkdir()
    yield standin.environ(
        server.host,
        database,
        tmp_path / "storage",
        QFIELDCLOUD_QGIS_IMAGE_NAME="qgis:1",
        QFIELDCLOUD_WORKER_QFIELDCLOUD_URL="http://127.0.0.1:1/api/v1/",
        ENVIRONMENT="test",
    )
    server.empty(database, keep=MADE_BY_MIGRATIONS)


@pytest.fixture
def app(env, monkeypatch) -> Iterator[None]:
    """Points this process's Django at it."""
    from django.db import connections
    from qfieldcloud import configure

    from worker_wrapper import backends, ownership, sweep

    for name in [name for name in os.environ if name.startswith("QFIELDCLOUD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(sweep, "_last_look", {})
    monkeypatch.setattr(sweep, "_picked_since", {})
    ownership.reset()
    connections.close_all()
    configure.apply(env)
    yield
    connections.close_all()
    ownership.reset()
    with warnings.catch_warnings():
        # docker-py leaves its sockets to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        backends._make.cache_clear()
        gc.collect()


@pytest.fixture
def set_(app) -> Iterator[Callable[..., None]]:
    """Changes Django settings until the test's end."""
    from django.test import override_settings

    changes = []

    def change(**values: object) -> None:
        changes.append(override_settings(**values))
        changes[-1].enable()

    yield change
    for one in reversed(changes):
        one.disable()


@pytest.fixture
def add_job(project) -> Callable[..., object]:  # noqa: F811
    """Adds a job row, by default a queued one that packages."""
    from qfieldcloud.core.models import PackageJob

    def add(status: str = "queued", model=PackageJob, **fields):
        fields.setdefault("project", project)
        fields.setdefault("created_by", project.owner)
        return model.objects.create(status=status, **fields)

    return add


@pytest.fixture(scope="session")
def simulated(tmp_path_factory) -> Iterator[Backends]:
    """Both backends, simulated, with real processes."""
    with tempfile.TemporaryDirectory(prefix="q") as directory:
        Path(directory).chmod(0o711)
        opened = Backends(Path(directory), os.environ["PATH"])
        yield opened
        opened.close()


@pytest.fixture(params=["docker", "kubernetes"])
def backend(request, simulated, set_, monkeypatch, tmp_path) -> str:
    """The setting's backend, simulated; answers with its name."""
    return use_backend(request.param, simulated, set_, monkeypatch, tmp_path)


def use_backend(name, simulated, set_, monkeypatch, tmp_path) -> str:
    """Point the wrapper at a simulated backend."""
    if name == "docker":
        monkeypatch.setenv("DOCKER_HOST", simulated.docker_host)
        set_(
            QFIELDCLOUD_WORKER_BACKEND="docker",
            QFIELDCLOUD_WORKER_TMP_DIRECTORY=str(tmp_path),
        )
    else:
        set_(**simulated.namespace())
    return name


@pytest.fixture
def program(simulated, set_) -> Callable[..., str]:
    """Chooses what the worker does: a Python program."""

    def choose(text: str = FEEDBACK) -> str:
        name = simulated.image(text)
        set_(QFIELDCLOUD_QGIS_IMAGE_NAME=name)
        return name

    choose()
    return choose
