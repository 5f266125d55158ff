"""A real Kubernetes: a kind cluster, made for the run or kept.

The wrapper runs in a pod (see `pod_place`); with ``--wrapper host`` as a process of
this machine, with the rights of the same ServiceAccount, sharing ``/io`` with its
workers through a directory that the cluster's node mounts.
"""

import importlib.util
import itertools
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import docker

from ..errors import EnvironmentMissing
from ..scenario.cells import Cell
from ..scenario.schema import Backend
from ..settings import Settings
from ..standin.application import Application
from ..standin.database import Database
from ..standin.forkserver import ForkServer
from ..standin.run_directory import RunDirectory
from ..tap.tap import Tap
from . import app_image, containers, engine, images, keeping, kind_lifecycle
from .capabilities import KIND_CLUSTER, KIND_CLUSTER_OF_TWO
from .evidence import tail
from .grids import unpack
from .in_cluster import SHARED, InCluster
from .kind_lifecycle import KindCluster, Tools
from .kube_api import KubeApi
from .kube_host_place import HostRun, open_kube_place
from .kube_observer import KubeObserver
from .kubeconfig_access import access_of
from .place import INVALID_IMAGE, Place, image_of
from .pod_place import open_pod_place

NAME = "kind_cluster"


class KindEnvironment:
    """One cluster for a run, its own or one that is kept; each cell has a namespace."""

    name = NAME
    proof = "real"
    backends: frozenset[Backend] = frozenset({"kubernetes"})

    def __init__(
        self, settings: Settings, run: RunDirectory, forks: ForkServer, tap: Tap
    ) -> None:
        self._run_directory = run
        self._settings = settings
        self._forks = forks
        self._database: Database | None = None
        self._numbers = itertools.count(1)
        run.outlives(NAME)
        with ExitStack() as stack:
            client = engine.connect(settings)
            stack.callback(client.close)
            tools = kind_lifecycle.tools(settings)
            kept, self.note = stack.enter_context(
                keeping.take(settings, NAME, KEEPER, settings.nodes)
            )
            if kept:
                cluster, wrong = kind_lifecycle.found(kept, tools, client)
                if cluster is None or wrong:
                    raise EnvironmentMissing(wrong, "`qfc-harness status` says more.")
                self.cluster = cluster
            else:
                directory = run.path / "cluster"
                directory.mkdir()
                name = f"{kind_lifecycle.PREFIX}{run.run_id}"
                self.cluster = KindCluster(name, directory, tools, client)
                self.cluster.create(settings.nodes)
                stack.callback(self.cluster.delete)
            stack.callback(self._remove_directories)
            self._client = client
            self._worker_image = settings.worker_image
            names = {
                "probe": images.build(client, "probe"),
                "job": images.worker_name(settings.worker_image),
                "missing": "registry.invalid/qfc-harness/missing:1",
                "denied": "registry.invalid/qfc-harness/denied:1",
                "invalid": INVALID_IMAGE,
                "broken": images.broken_name(),
            }
            self.cluster.load(names["probe"])
            api = KubeApi(access_of(self.cluster.kubeconfig))
            version = api.call("GET", "/version")
            self._host = self.cluster.gateway()
            self._pods = self._in_cluster(settings, api, tap)
            self._end = stack.pop_all()
        two = len(self.cluster.nodes()) > 1
        self.capabilities = KIND_CLUSTER_OF_TWO if two else KIND_CLUSTER
        self.description = {
            "kubernetes": str(version["gitVersion"]),
            "nodes": str(len(self.cluster.nodes())),
        }
        self._kubernetes = HostRun(
            run_id=run.run_id,
            api=api,
            observer=KubeObserver(api),
            tap=tap,
            images=names,
            make_volume=self.cluster.node_directory,
            fill_grids=unpack,
            kill_pod=self._kill_pod,
            node_root=SHARED,
        )

    def _in_cluster(
        self, settings: Settings, api: KubeApi, tap: Tap
    ) -> InCluster | None:
        """The app's pod, where wrappers run in pods too."""
        if settings.wrapper != "pod":
            return None
        image = app_image.build(self._client, settings.app_image)
        self.cluster.load(image)
        return InCluster(api, tap, run_id=self._run_directory.run_id, image=image)

    def _kill_pod(self, namespace: str, pod: str) -> None:
        """Kill the worker's processes on its node."""
        found = self._kubernetes.api.get("Pod", pod, namespace)
        if found:
            node = str(found["spec"].get("nodeName", ""))
            self.cluster.kill_pod(str(found["metadata"]["uid"]), node)

    def use(self, database: Database) -> None:
        """Take the databases of the cells from here."""
        self._database = database

    @contextmanager
    def open(self, cell: Cell, directory: Path) -> Iterator[Place]:
        """A place for this cell, with a database and a stand-in of its own."""
        assert self._database is not None
        if image_of(cell) == "broken":
            self.cluster.load(images.broken(self._client))
        if image_of(cell) == "job":
            self.cluster.load(images.worker(self._client, self._worker_image))
        number = next(self._numbers)
        if self._pods is not None:
            with open_pod_place(self._kubernetes, self._pods, cell, number) as in_pod:
                yield in_pod
            return
        name = f"cell_{self._run_directory.run_id}_kind_{number}"
        app = Application(
            self._forks, directory, self._database.create(name), self._host
        )
        try:
            with open_kube_place(
                self._kubernetes, app, cell, directory, number
            ) as place:
                yield place
        finally:
            app.close()
            self._database.drop(name)

    def lost(self) -> str:
        """Whether the engine is gone, or a node."""
        gone = engine.lost(self._settings)
        if gone:
            return gone
        _, wrong = kind_lifecycle.found(
            self.cluster.directory, kind_lifecycle.tools(self._settings), self._client
        )
        return f"The cluster was lost: {wrong}" if wrong else ""

    def node_logs(self, since: datetime) -> Mapping[str, str]:
        """The kubelet's log of each node."""
        return {
            f"kubelet of {node}": tail(self.cluster.kubelet_log(node, since))
            for node in self.cluster.nodes()
        }

    def close(self) -> None:
        """Delete the cluster."""
        self._kubernetes.observer.close()
        with engine.leaving(self._run_directory):
            try:
                if self._pods is not None:
                    self._pods.close()
            finally:
                self._end.close()

    def _remove_directories(self) -> None:
        """What the cells had on the nodes; a cluster that is kept stays clean."""
        for path in self.cluster.shared.glob(f"qfc-{self._run_directory.run_id}-*"):
            shutil.rmtree(path, ignore_errors=True)


def missing(settings: Settings) -> str:
    """Why it can't be used; "" if it can, as far as can be seen beforehand."""
    if importlib.util.find_spec("pytest_kind") is None:
        return "the package pytest-kind is not installed"
    if containers.missing():
        return containers.missing()
    try:
        kind_lifecycle.tools(settings)
    except EnvironmentMissing as error:
        return error.message
    return engine.missing(settings)


class _Keeper:
    """Clusters that outlive a run."""

    def make(
        self, settings: Settings, directory: Path, keep_id: str, nodes: int
    ) -> None:
        """A cluster with the images of the probe, and of wrappers in pods."""
        with _opened(settings) as (tools, client):
            name = f"{kind_lifecycle.PREFIX}{keep_id}"
            cluster = KindCluster(name, directory, tools, client)
            cluster.create(nodes)
            cluster.load(images.build(client, "probe"))
            if settings.wrapper == "pod":
                cluster.load(app_image.build(client, settings.app_image))

    def state(self, settings: Settings, directory: Path) -> str:
        """Whether its nodes run."""
        try:
            with _opened(settings) as (tools, client):
                return kind_lifecycle.found(directory, tools, client)[1]
        except EnvironmentMissing as error:
            return error.message

    def remove(self, settings: Settings, directory: Path) -> None:
        """Delete the cluster, also one that was only begun."""
        with _opened(settings) as (tools, client):
            cluster, _ = kind_lifecycle.found(directory, tools, client)
            if cluster:
                cluster.delete()


KEEPER = _Keeper()


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Tools, docker.DockerClient]]:
    client = engine.connect(settings)
    try:
        yield kind_lifecycle.tools(settings), client
    finally:
        client.close()
