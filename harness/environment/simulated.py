"""Both backends simulated, with real processes: needs nothing but what pip installs."""

import itertools
import json
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from docker.errors import APIError

from .. import resources
from ..scenario.cells import Cell
from ..scenario.schema import BACKENDS
from ..settings import Settings
from ..standin.application import Application
from ..standin.database import Database
from ..standin.forkserver import ForkServer
from ..standin.run_directory import RunDirectory
from ..tap.tap import Tap
from .capabilities import SIMULATED
from .docker_observer import DockerObserver
from .docker_place import RUN_LABEL, DockerRun, fill_grids_volume, open_docker_place
from .grids import unpack
from .kube_host_place import HostRun, open_kube_place
from .kube_observer import KubeObserver
from .own_nodes import OwnNodes
from .place import INVALID_IMAGE, NO_PROGRAM, Place
from .places import both_of
from .simulator_process import Simulator

NAME = "simulated"
NODE_ROOT = "/qfc-harness"
IMAGES = {"job": "worker", "probe": "probe"}
SLOW_S = 30.0
PULLS = ("missing", "denied", "unreachable")


class Simulated:
    """One simulator for a run; each cell has its network or namespace."""

    name = NAME
    proof = "simulated"
    backends = frozenset(BACKENDS)

    def __init__(
        self,
        settings: Settings,
        run: RunDirectory,
        forks: ForkServer,
        tap: Tap,
    ) -> None:
        self._run_directory = run
        self._forks = forks
        self._database: Database | None = None
        self._numbers = itertools.count(1)
        self._simulator = Simulator(settings, run.path)
        namespaces, reason = self._simulator.namespaces
        self.capabilities = replace(SIMULATED, namespaces=namespaces)
        self.note = "" if namespaces else f"workers run without namespaces: {reason}"
        self.description = {
            "simulator": f"Docker Engine API and Kubernetes API, pace {settings.pace}",
            "workers": "processes in namespaces" if namespaces else self.note,
            "python": platform.python_version(),
            "seed": str(settings.seed),
        }
        images = self._register_images()
        host_tmp = run.path / "host" / "tmp"
        host_tmp.mkdir(parents=True)
        if namespaces:
            mapped = {"docker": {"/tmp": str(host_tmp)}}  # noqa: S108
            self._simulator.control("PUT", "host-paths", mapped)
        observer = DockerObserver(f"unix://{self._simulator.docker_socket}")
        self._docker = DockerRun(
            run_id=run.run_id,
            socket=self._simulator.docker_socket,
            observer=observer,
            tap=tap,
            host_tmp=host_tmp if namespaces else Path("/tmp"),  # noqa: S108
            grids_volume=fill_grids_volume(observer.api, run.run_id, images["probe"]),
            images=images,
            attach=self._attach,
        )
        api = self._simulator.kube_api()
        self._node = api.list("Node")[0]["metadata"]["name"]
        self._kubernetes = HostRun(
            run_id=run.run_id,
            api=api,
            observer=KubeObserver(api),
            tap=tap,
            images=images,
            make_volume=self._node_directory,
            fill_grids=unpack,
            kill_pod=self._kill_pod,
            node_root=NODE_ROOT,
            nodes=OwnNodes(self._simulator, api, NODE_ROOT),
            inject=self._inject,
        )

    @contextmanager
    def _attach(self, network: str, app: Application) -> Iterator[str]:
        """A network; workers are processes of this machine."""
        api = self._docker.observer.api
        api.create_network(network, labels={RUN_LABEL: self._docker.run_id})
        try:
            yield app.url
        finally:
            with suppress(APIError):
                api.remove_network(network)

    def _register_images(self) -> dict[str, str]:
        names = {}
        for key, folder in IMAGES.items():
            root = resources.fixture(folder)
            described = json.loads((root / "image.json").read_text())
            names[key] = f"qfc-harness/{folder}:{self._run_directory.run_id}"
            self._simulator.register_image(names[key], {**described, "root": str(root)})
        for pull in PULLS:
            names[pull] = f"registry.invalid/qfc-harness/{pull}:1"
            self._simulator.register_image(names[pull], {"pull": pull})
        names["slow"] = "registry.invalid/qfc-harness/slow:1"
        slow = {"entrypoint": ["/bin/true"], "pull_s": SLOW_S}
        self._simulator.register_image(names["slow"], slow)
        names["broken"] = f"qfc-harness/broken:{self._run_directory.run_id}"
        broken = {"entrypoint": [NO_PROGRAM]}
        self._simulator.register_image(names["broken"], broken)
        names["invalid"] = INVALID_IMAGE
        return names

    def _node_directory(self, path: str) -> Path:
        answer = self._simulator.control("GET", f"nodes/{self._node}/path?path={path}")
        directory = Path(answer["path"])
        directory.mkdir(parents=True, exist_ok=True)
        return directory

    def _kill_pod(self, _namespace: str, pod: str) -> None:
        self._simulator.control("POST", f"hosts/{pod[:63]}/kill")

    def _inject(self, namespace: str, more: Mapping[str, Any]) -> None:
        path = f"namespaces/{namespace}/injected"
        self._simulator.control("PUT", path, dict(more))

    def use(self, database: Database) -> None:
        """Take the databases of the cells from here."""
        self._database = database

    @contextmanager
    def open(self, cell: Cell, directory: Path) -> Iterator[Place]:
        """A place for this cell, with a database and a stand-in of its own."""
        assert self._database is not None
        number = next(self._numbers)
        name = f"cell_{self._run_directory.run_id}_{number}"
        app = Application(self._forks, directory, self._database.create(name))
        try:
            if cell.backend == "docker":
                opening: Any = open_docker_place(
                    self._docker, app, cell, directory, number
                )
            else:
                opening = open_kube_place(
                    self._kubernetes, app, cell, directory, number
                )
            with opening as place:
                yield place
        finally:
            app.close()
            self._database.drop(name)

    @contextmanager
    def open_both(self, cell: Cell, directory: Path) -> Iterator[Place]:
        """A place with both backends, for a wrapper that changes between them."""
        assert self._database is not None
        number = next(self._numbers)
        name = f"cell_{self._run_directory.run_id}_{number}"
        app = Application(self._forks, directory, self._database.create(name))
        try:
            with (
                open_docker_place(self._docker, app, cell, directory, number) as docker,
                open_kube_place(
                    self._kubernetes, app, cell, directory, number
                ) as kubernetes,
            ):
                if cell.backend == "docker":
                    yield both_of(docker, kubernetes)
                else:
                    yield both_of(kubernetes, docker)
        finally:
            app.close()
            self._database.drop(name)

    def lost(self) -> str:
        """It lives as long as the run."""
        return ""

    def node_logs(self, since: datetime) -> Mapping[str, str]:
        """Its workers are processes."""
        del since
        return {}

    def close(self) -> None:
        """End the simulator."""
        self._kubernetes.observer.close()
        self._simulator.close()
