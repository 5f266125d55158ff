"""A real Docker Engine: the one of this machine."""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

import docker
from docker.errors import DockerException, NotFound

from ..errors import EnvironmentMissing
from ..scenario.cells import Cell
from ..scenario.schema import Backend
from ..settings import Settings
from ..standin.application import Application
from ..standin.database import Database
from ..standin.forkserver import ForkServer
from ..standin.run_directory import RunDirectory
from ..tap.tap import Tap
from . import containers, engine, images, keeping, reach
from .capabilities import DOCKER_ENGINE
from .docker_observer import DockerObserver
from .docker_place import (
    RUN_LABEL,
    DockerRun,
    fill_grids_volume,
    open_docker_place,
)
from .place import Place, image_of
from .relay import relayed

NAME = "docker_engine"
ROOM = 512 * 1024**2
"""Bytes that the engine's disk needs; building QGIS's image takes more."""
_VOLUME, _RELAYED = "grids-volume", "relayed"


class DockerEngine:
    """The engine of this machine; each cell has its network."""

    name = NAME
    proof = "real"
    backends: frozenset[Backend] = frozenset({"docker"})

    def __init__(
        self, settings: Settings, run: RunDirectory, forks: ForkServer, tap: Tap
    ) -> None:
        self._run_directory = run
        self._settings = settings
        self._forks = forks
        self._database: Database | None = None
        self._numbers = itertools.count(1)
        run.outlives(NAME)
        socket = engine.socket(settings)
        with ExitStack() as stack:
            self._client = engine.connect(settings)
            stack.callback(self._client.close)
            engine.check_room(self._client, ROOM, "a run with the Docker Engine")
            reaper = containers.ryuk(self._client)
            kept, self.note = stack.enter_context(
                keeping.take(settings, NAME, KEEPER, 1)
            )
            probe = images.build(self._client, "probe")
            observer = DockerObserver(f"unix://{socket}")
            host = reach.gateway(self._client)
            if kept:
                volume = _read(kept, _VOLUME)
                unreached = _read(kept, _RELAYED)
            else:
                volume = fill_grids_volume(observer.api, run.run_id, probe)
                stack.callback(_remove_volume, self._client, volume)
                unreached = reach.unreached(socket, probe, host, run.run_id)
            if settings.relay:
                unreached = unreached or "QFC_HARNESS_RELAY says so"
            self._host = "127.0.0.1" if unreached else host
            version = observer.api.version()
            notes = (self.note, reaper, _words(unreached))
            self.note = "; ".join(filter(None, notes))
            self._end = stack.pop_all()
        self.capabilities = DOCKER_ENGINE
        self.description = {
            "docker": f"{version['Version']} (API {version['ApiVersion']})",
            "kernel": version["KernelVersion"],
        }
        self._worker_image = settings.worker_image
        self._docker = DockerRun(
            run_id=run.run_id,
            socket=socket,
            observer=observer,
            tap=tap,
            host_tmp=Path("/tmp"),  # noqa: S108
            grids_volume=volume,
            images={
                "probe": probe,
                "job": images.worker_name(settings.worker_image),
                "missing": "registry.invalid/qfc-harness/missing:1",
                "broken": images.broken_name(),
            },
            attach=self._attach_relayed if unreached else self._attach,
        )

    @contextmanager
    def _attach(self, name: str, app: Application) -> Iterator[str]:
        """A network, from which this machine is reached."""
        with containers.network(self._docker.socket, name, self._labels):
            yield app.url

    @contextmanager
    def _attach_relayed(self, name: str, app: Application) -> Iterator[str]:
        """A network with a relay in it, for this machine is out of reach."""
        run, port = self._docker, int(app.url.rsplit(":", 1)[1])
        with (
            containers.network(run.socket, name, self._labels) as network,
            relayed(
                run.socket, run.images["probe"], network, self._labels, port
            ) as url,
        ):
            yield url

    @property
    def _labels(self) -> Mapping[str, str]:
        return {RUN_LABEL: self._run_directory.run_id}

    def use(self, database: Database) -> None:
        """Take the databases of the cells from here."""
        self._database = database

    @contextmanager
    def open(self, cell: Cell, directory: Path) -> Iterator[Place]:
        """A place for this cell, with a database and a stand-in of its own."""
        assert self._database is not None
        if image_of(cell) == "broken":
            images.broken(self._client)
        if image_of(cell) == "job":  # building it takes minutes
            images.worker(self._client, self._worker_image)
        number = next(self._numbers)
        name = f"cell_{self._run_directory.run_id}_docker_{number}"
        app = Application(
            self._forks, directory, self._database.create(name), self._host
        )
        try:
            with open_docker_place(self._docker, app, cell, directory, number) as place:
                yield place
        finally:
            app.close()
            self._database.drop(name)

    def lost(self) -> str:
        """Whether the engine is gone."""
        return engine.lost(self._settings)

    def node_logs(self, since: datetime) -> Mapping[str, str]:
        """The engine logs elsewhere on each machine; its events are in the report."""
        del since
        return {}

    def close(self) -> None:
        """Remove what the run shares."""
        with engine.leaving(self._run_directory):
            self._end.close()


def missing(settings: Settings) -> str:
    """Why it can't be used; "" if it can, as far as can be seen beforehand."""
    return containers.missing() or engine.missing(settings)


class _Keeper:
    """What runs on this engine need, made beforehand: images, a volume of grids."""

    def make(
        self, settings: Settings, directory: Path, keep_id: str, nodes: int
    ) -> None:
        """The probe's image and the volume; an engine has one node."""
        del nodes
        with _connected(settings) as client:
            probe = images.build(client, "probe")
            (directory / _VOLUME).write_text(f"qfc-{keep_id}-grids")
            fill_grids_volume(client.api, keep_id, probe)
            containers.ryuk(client)
            socket, host = engine.socket(settings), reach.gateway(client)
            reason = reach.unreached(socket, probe, host, keep_id)
            (directory / _RELAYED).write_text(reason)

    def state(self, settings: Settings, directory: Path) -> str:
        """Whether the volume is there."""
        try:
            with _connected(settings) as client:
                client.volumes.get(_read(directory, _VOLUME))
        except EnvironmentMissing as error:
            return error.message
        except (OSError, DockerException) as error:
            return f"its volume of grids is gone: {error}"
        return ""

    def remove(self, settings: Settings, directory: Path) -> None:
        """Remove the volume."""
        if (directory / _VOLUME).exists():
            with _connected(settings) as client:
                _remove_volume(client, _read(directory, _VOLUME))


KEEPER = _Keeper()


def _read(directory: Path, name: str) -> str:
    try:
        return (directory / name).read_text()
    except FileNotFoundError:  # kept by an older version
        return ""


def _words(unreached: str) -> str:
    """What a user should know of the way from workers to the stand-in."""
    if not unreached:
        return ""
    return f"workers reach the stand-in through a container, for {unreached}"


@contextmanager
def _connected(settings: Settings) -> Iterator[docker.DockerClient]:
    client = engine.connect(settings)
    try:
        yield client
    finally:
        client.close()


def _remove_volume(client: docker.DockerClient, name: str) -> None:
    with suppress(NotFound):
        client.volumes.get(name).remove(force=True)
