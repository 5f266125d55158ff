"""Fixtures: a database for each test, and the stand-in served or in this process."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import django
import pytest

from . import postgres, standin

sys.path.insert(0, str(standin.APP))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qfieldcloud.settings")
django.setup()

MADE_BY_MIGRATIONS = {"django_migrations", "django_content_type", "auth_permission"}


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    with postgres.start() as running:
        yield running


@pytest.fixture(scope="session")
def template(server: postgres.Server, tmp_path_factory) -> str:
    """The name of a database with all tables and no rows."""
    name = server.create_database()
    env = standin.environ(server.host, name, tmp_path_factory.mktemp("none"))
    done = standin.manage(env, "migrate", "-v0")
    assert done.returncode == 0, done.stderr
    return name


@pytest.fixture(scope="session")
def new_environ(server, template, tmp_path_factory) -> Callable[[], dict[str, str]]:
    """Makes a database and a storage directory; answers with the environment."""

    def make() -> dict[str, str]:
        storage = tmp_path_factory.mktemp("storage")
        return standin.environ(server.host, server.create_database(template), storage)

    return make


@pytest.fixture(scope="session")
def database(server, template) -> str:
    """The one that most tests use, one after the other."""
    return server.create_database(template)


@pytest.fixture
def env(server, database, tmp_path) -> Iterator[dict[str, str]]:
    """The environment of an empty stand-in."""
    storage = tmp_path / "storage"
    storage.mkdir()
    yield standin.environ(server.host, database, storage)
    server.empty(database, keep=MADE_BY_MIGRATIONS)


@pytest.fixture
def app(env) -> Iterator[None]:
    """Points this process's Django at a new, empty stand-in."""
    from django.db import connections
    from qfieldcloud import configure

    connections.close_all()
    configure.apply(env)
    yield
    connections.close_all()


@pytest.fixture
def storage(env) -> Path:
    return Path(env["QFC_APP_STORAGE_DIR"])


@pytest.fixture(scope="module")
def served(new_environ) -> Iterator[standin.StandIn]:
    """A stand-in served by a process of its own, shared by a module's tests."""
    process, running = standin.start(new_environ())
    yield running
    process.terminate()
    assert process.wait(timeout=10) == 0
    process.stdout.close()


@pytest.fixture
def user(app):
    from qfieldcloud.core.models import User

    return User.objects.create_user("ada", "ada@example.org", "s3cret")


@pytest.fixture
def project(user):
    from qfieldcloud.core.models import Project

    return Project.objects.create(
        owner=user, name="trees", the_qgis_file_name="trees.qgs", project_details={}
    )
