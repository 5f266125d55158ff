"""The app's pod: PostgreSQL and the stand-ins, one database and one server a cell."""

import secrets
import signal
import sys
from pathlib import Path
from typing import Any

from .. import settings
from ..standin.application import Application
from ..standin.database import Database, open_database
from ..standin.forkserver import ForkServer
from ..standin.postgres import PORT as POSTGRES_PORT
from ..standin.run_directory import RunDirectory, open_run_directory
from . import files
from .served import AgentServer, Query
from .wrapper import APPLICATION

PORT = 8900


class App:
    """The routes, over one database server."""

    def __init__(
        self,
        run: RunDirectory,
        forks: ForkServer,
        database: Database,
        *,
        password: str,
        address: str,
    ) -> None:
        self._run = run
        self._forks = forks
        self._database = database
        self._password = password
        self._host = address
        self._open: dict[str, Application] = {}

    def open(self, query: Query, _body: bytes) -> dict[str, Any]:
        """A database and a stand-in of its own for the cell ``name``."""
        name = query["name"]
        directory = self._run.path / name
        directory.mkdir()
        made = self._database.create(name)
        app = Application(self._forks, directory, made, self._host)
        self._open[name] = app
        return {
            "url": app.url,
            "token": app.control.token,
            "environ": {
                **app.environ,
                "POSTGRES_HOST": self._host,
                "POSTGRES_PORT": str(POSTGRES_PORT),
                "POSTGRES_PASSWORD": self._password,
            },
        }

    def close(self, query: Query, _body: bytes) -> None:
        """End a cell's stand-in and drop its database."""
        app = self._open.pop(query["name"], None)
        if app is not None:
            app.close()
            self._database.drop(query["name"])

    def put_storage(self, query: Query, body: bytes) -> None:
        """Take over what a cell's wrapper has stored."""
        directory = self._open[query["name"]].environ["QFC_APP_STORAGE_DIR"]
        files.unpack(body, Path(directory))

    def log(self, query: Query, _body: bytes) -> str:
        """What a cell's stand-in wrote."""
        app = self._open.get(query["name"])
        return app.log if app is not None else ""


def prepare() -> None:
    """Make the database's template, when the image is built."""
    given = settings.from_environ()
    with open_run_directory(given) as run:
        forks = ForkServer(APPLICATION, run.path / "forks.log")
        try:
            open_database(given, run, forks).close()
        finally:
            forks.close()


def main() -> None:
    """Serve until the pod ends; with the argument ``prepare``, only prepare."""
    if sys.argv[1:] == ["prepare"]:
        prepare()
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    given, told = settings.from_environ(), settings.in_pod()
    password = secrets.token_urlsafe(24)
    with open_run_directory(given) as run:
        forks = ForkServer(APPLICATION, Path(run.path / "forks.log"))
        database = open_database(given, run, forks, password)
        routes = App(run, forks, database, password=password, address=told.address)
        server = AgentServer(
            PORT,
            told.token,
            {
                "POST open": routes.open,
                "POST close": routes.close,
                "GET log": routes.log,
                "PUT storage": routes.put_storage,
            },
        )
        try:
            server.serve_forever()
        except KeyboardInterrupt:  # SIGTERM
            forks.close()
            database.close()


if __name__ == "__main__":
    main()
