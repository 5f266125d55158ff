"""A database for each cell, from a template that is made once."""

import dataclasses
import uuid

import psycopg
import pytest

from harness.errors import EnvironmentMissing
from harness.settings import Settings
from harness.standin import database as databases
from harness.standin.database import Database, given_connection, open_database
from harness.standin.forkserver import ForkServer
from harness.standin.run_directory import RunDirectory


def _name() -> str:
    return f"test_{uuid.uuid4().hex[:12]}"


def _tables(environ: dict[str, str]) -> set[str]:
    with psycopg.connect(
        host=environ["POSTGRES_HOST"],
        user=environ["POSTGRES_USER"],
        dbname=environ["POSTGRES_DB"],
    ) as connection:
        found = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        return {str(row[0]) for row in found}


def test_a_database_has_the_schema(database: Database) -> None:
    """Found by QFieldCloud's own variables."""
    environ = database.create(_name())
    assert {"core_job", "core_project"} <= _tables(environ)
    database.drop(environ["POSTGRES_DB"])


def test_databases_are_apart(database: Database) -> None:
    """What one cell writes, the next doesn't see."""
    one, other = database.create(_name()), database.create(_name())
    with psycopg.connect(
        host=one["POSTGRES_HOST"], user=one["POSTGRES_USER"], dbname=one["POSTGRES_DB"]
    ) as connection:
        connection.execute("CREATE TABLE mine ()")
    assert "mine" not in _tables(other)
    for environ in (one, other):
        database.drop(environ["POSTGRES_DB"])


def test_a_database_in_use_can_be_dropped(database: Database) -> None:
    """A subject that hangs on must not keep it."""
    environ = database.create(_name())
    holding = psycopg.connect(
        host=environ["POSTGRES_HOST"],
        user=environ["POSTGRES_USER"],
        dbname=environ["POSTGRES_DB"],
    )
    database.drop(environ["POSTGRES_DB"])
    with pytest.raises(psycopg.OperationalError):
        holding.execute("SELECT 1")
    holding.close()


def test_dropping_twice_is_harmless(database: Database) -> None:
    """The end of a cell may come after its trouble."""
    database.drop("test_never_was")


@pytest.mark.parametrize(
    ("url", "host", "port", "user", "password", "name"),
    [
        ("postgresql://u:p@h:1/d", "h", "1", "u", "p", "d"),
        ("postgres://h", "h", "5432", "postgres", "", "postgres"),
        ("postgresql://u%40x:p%2F@h/d", "h", "5432", "u@x", "p/", "d"),
        ("postgresql:///d?host=/run/pg", "/run/pg", "5432", "postgres", "", "d"),
    ],
)
def test_urls_are_read_as_libpq_does(
    url: str, host: str, port: str, user: str, password: str, name: str
) -> None:
    """Escapes, defaults, and a socket's directory."""
    found = given_connection(url)
    told = [found[key] for key in ("host", "port", "user", "password", "dbname")]
    assert told == [host, port, user, password, name]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("localhost", "begins with neither"),
        ("mysql://h/d", "begins with neither"),
        ("postgresql://u:hidden@[::1/d", "IPv6|matching|end of string"),
        ("postgresql://u:hidden@h/d?nonsense=1", "nonsense"),
        ("postgresql://u:hidden@h/d?sslmode=require", "sslmode: the stand-in"),
    ],
)
def test_a_wrong_url_is_explained(url: str, why: str) -> None:
    """With the variable and an example, but never with the password."""
    with pytest.raises(EnvironmentMissing, match=why) as raised:
        given_connection(url)
    assert raised.value.message.startswith("QFC_HARNESS_DATABASE_URL can't be used")
    assert "postgresql://user:password@host" in raised.value.hint
    assert "hidden" not in str(raised.value)


def _with_url(settings: Settings, url: str) -> Settings:
    return dataclasses.replace(settings, database_url=url)


def _own_url(database: Database) -> str:
    """The embedded server, named as if it were a stranger's."""
    host, user = database._connection["host"], database._connection["user"]
    return f"postgresql://{user}@/postgres?host={host}"


def test_a_server_that_is_not_there_is_named(
    run_settings: Settings, run_directory: RunDirectory, forks: ForkServer
) -> None:
    """Host and reason."""
    settings = _with_url(run_settings, "postgresql://u:hidden@127.0.0.1:1/x")
    with pytest.raises(EnvironmentMissing, match=r"127\.0\.0\.1.*refused") as raised:
        open_database(settings, run_directory, forks)
    assert "hidden" not in str(raised.value)


def test_a_server_of_ones_own_works_alike(
    database: Database,
    run_settings: Settings,
    run_directory: RunDirectory,
    forks: ForkServer,
) -> None:
    """Its template is made once, and found the second time."""
    settings = _with_url(run_settings, _own_url(database))
    for _ in range(2):
        opened = open_database(settings, run_directory, forks)
        environ = opened.create(_name())
        assert "core_job" in _tables(environ)
        opened.drop(environ["POSTGRES_DB"])
        opened.close()
    query = "SELECT datname FROM pg_database WHERE datname LIKE '%template\\_%'"
    with database._connect() as connection:
        found = connection.execute(query).fetchall()
    assert [str(row[0]) for row in found] == [opened._template]


def test_an_old_server_is_refused(
    database: Database,
    run_settings: Settings,
    run_directory: RunDirectory,
    forks: ForkServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With its version, before anything is made there."""
    monkeypatch.setattr(databases, "OLDEST", 990000)
    settings = _with_url(run_settings, _own_url(database))
    with pytest.raises(EnvironmentMissing, match=r"it is PostgreSQL \d+; 15 is needed"):
        open_database(settings, run_directory, forks)


def test_a_user_without_rights_is_told(
    database: Database,
    run_settings: Settings,
    run_directory: RunDirectory,
    forks: ForkServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that may not create databases."""
    with database._connect() as connection:
        connection.execute("CREATE ROLE humble LOGIN")
    host = database._connection["host"]
    url = f"postgresql://humble@/postgres?host={host}"
    monkeypatch.setattr(databases, "_schema_hash", lambda: "another")
    with pytest.raises(EnvironmentMissing, match="permission denied to create"):
        open_database(_with_url(run_settings, url), run_directory, forks)


def test_another_schema_is_another_template(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when only a package has another version."""
    before = databases._schema_hash()
    assert databases._schema_hash() == before
    monkeypatch.setattr(databases, "_versions", lambda _: ["django 99"])
    assert databases._schema_hash() != before
