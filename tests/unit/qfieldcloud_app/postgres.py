"""A PostgreSQL of the tests' own, from the wheel, on a unix socket."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

from harness.standin.postgres import binaries

INITDB_OPTIONS = ["-U", "postgres", "-A", "trust", "--wal-segsize=1"]
INITDB_OPTIONS += ["-E", "UTF8", "--locale=C", "--no-sync"]
_numbers = count(1)


def run_as() -> dict:
    """Arguments of subprocess: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    return {"user": "nobody", "group": "nogroup", "extra_groups": []}


@contextmanager
def directory() -> Iterator[Path]:
    """A directory of mode 0700 that belongs to the user of the server."""
    path = Path(tempfile.mkdtemp(prefix="qfc-app-test-"))
    if os.geteuid() == 0:
        shutil.chown(path, "nobody", "nogroup")
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Server:
    """A running server: the directories of its socket and of its programs."""

    def __init__(self, host: Path, programs: Path) -> None:
        self.host = str(host)
        self.bin = programs

    def connect(self, dbname: str = "postgres") -> psycopg.Connection:
        """A connection in autocommit."""
        return psycopg.connect(
            host=self.host, user="postgres", dbname=dbname, autocommit=True
        )

    def create_database(self, template: str = "template1") -> str:
        """A copy of the template; answers with its name."""
        name = f"test_{next(_numbers)}"
        with self.connect() as connection:
            connection.execute(
                f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"
            )
        return name

    def empty(self, name: str, keep: set[str]) -> None:
        """Deletes all rows but those of the tables to keep; much faster than a copy."""
        with self.connect(name) as connection:
            # Neither foreign keys nor the tables' own triggers.
            connection.execute("SET session_replication_role = replica")
            rows = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            )
            deletes = [f"DELETE FROM {t}" for (t,) in rows if t not in keep]
            connection.execute("; ".join(deletes))


@contextmanager
def serve(data: Path, sockets: Path, programs: Path) -> Iterator[Server]:
    """Runs the server on a data directory that exists."""
    options = ["-c", "listen_addresses=", "-c", "fsync=off"]
    with (sockets / f"{data.name}.log").open("w") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", sockets, *options],
            stdout=log,
            stderr=log,
            cwd="/",
            **run_as(),
        )
    server = Server(sockets, programs)
    try:
        _await(server, process)
        yield server
    finally:
        process.send_signal(signal.SIGQUIT)  # at once: nothing is to be kept
        process.wait(timeout=20)


@contextmanager
def start() -> Iterator[Server]:
    """Makes a data directory and runs the server."""
    with directory() as path:
        programs = binaries(path)
        subprocess.run(
            [programs / "initdb", "-D", path / "data", *INITDB_OPTIONS],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
            **run_as(),
        )
        with serve(path / "data", path, programs) as server:
            yield server


def _await(server: Server, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            server.connect().close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline or process.poll() is not None:
                raise
            time.sleep(0.02)
        else:
            return
