"""A cell's place in a cluster whose wrapper runs as a process on this machine.

It has the rights of the manifests' ServiceAccount and nothing more, and shares ``/io``
with its workers through a directory of the node that this machine sees.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ..scenario.cells import Cell
from ..standin.application import Application
from ..tap.gates import Gates
from . import faults, manifests, own_nodes, sidecars, two_nodes
from .claim_files import LocalFiles
from .kube_api import KubeApi, KubeRefused
from .kube_place import KubePlace, KubeRun
from .place import Bind, Leftover, image_of
from .pod_objects import ACCOUNT_FILES, RUN_LABEL

WRAPPER_ACCOUNT = "qfieldcloud-worker"
BOUND_TIMEOUT_S = 15.0


@dataclass(frozen=True, kw_only=True, slots=True)
class HostRun(KubeRun):
    """What the cells of a run share, where the node's directories can be seen."""

    make_volume: Callable[[str], Path]
    """Makes a directory of the node, by its path there; answers the real one."""
    fill_grids: Callable[[Path], None]
    node_root: str
    """Below which the node's directories for the cells lie."""


@dataclass(kw_only=True)
class HostPlace(KubePlace):
    """One cell's place: a namespace with the manifests of the base."""

    run: HostRun
    io_directory: Path
    """The shared claim's volume, on this machine."""
    _node_directories: dict[str, Path] = field(default_factory=dict)

    def node_directory(self, path: str) -> Path:
        """A directory of the node, for the wrapper's pod to mount; other cells' too."""
        self._node_directories[path] = self.run.make_volume(path)
        return self._node_directories[path]

    def _files(self) -> list[Leftover]:
        """On the claim, and what the job's pods had of the node."""
        given = {
            one.source
            for worker in self.run.observer.workers(self.namespace, self._own)
            for one in worker.mounts
            if one.kind == "hostPath"
        }
        return super()._files() + [
            Leftover(kind="directory", name=source)
            for source in sorted(given)
            for path, here in self._node_directories.items()
            if Path(source).is_relative_to(path) and source != path
            if (here / Path(source).relative_to(path)).exists()
        ]

    def clear(self) -> None:
        """Delete the namespace and all in it."""
        with contextlib.suppress(KubeRefused):
            self.run.api.delete("Namespace", self.namespace)
        for suffix in ("io", "grids"):
            with contextlib.suppress(KubeRefused):
                self.run.api.delete("PersistentVolume", f"{self.namespace}-{suffix}")
        given = self.given
        if given.sidecar and self.run.inject is not None:
            self.run.inject(self.namespace, {})
        if self.run.nodes is not None and (given.own_node or given.other_node):
            self.run.nodes.remove(self.namespace)
        self.run.observer.forget(self.namespace)


@contextmanager
def open_kube_place(
    run: HostRun, app: Application, cell: Cell, directory: Path, number: int
) -> Iterator[HostPlace]:
    """Make the cell's namespace with the base's objects; remove all at the end."""
    namespace = f"qfc-{run.run_id}-{number}"
    run.api.create(
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": namespace, "labels": {RUN_LABEL: run.run_id}},
        }
    )
    objects = manifests.base()
    role = manifests.without_rights(
        manifests.of_kind(objects, "Role")[0],
        [(right.resource, right.verb) for right in cell.scenario.given.without],
    )
    root = f"{run.node_root}/{namespace}"
    io_path, grids_path = f"{root}/io", f"{root}/grids"
    io_directory = run.make_volume(io_path)
    run.fill_grids(run.make_volume(grids_path))
    sidecar = cell.scenario.given.sidecar
    if sidecar and run.inject is not None:
        run.inject(namespace, sidecars.of(sidecar, run.images["probe"]))
    own: dict[str, str] = {}
    bound: Mapping[str, Any] = {}
    given = cell.scenario.given
    if given.other_node == "bound":
        bound = two_nodes.bound_to(two_nodes.first(run.api))
    if run.nodes is not None and (given.own_node or given.other_node):
        run.nodes.add(namespace, str(io_directory.parents[1]))
        own.update(own_nodes.settings(namespace))
    elif given.other_node:
        own.update(two_nodes.settings(two_nodes.choose(run.api, namespace)[1]))
    made = [
        run.api.create(one, namespace)
        for one in manifests.of_kind(objects, "ServiceAccount")
    ]
    made.append(run.api.create(role, namespace))
    for binding in manifests.of_kind(objects, "RoleBinding"):
        subjects = [{**one, "namespace": namespace} for one in binding["subjects"]]
        made.append(run.api.create({**binding, "subjects": subjects}, namespace))
    for claim, suffix, path in zip(
        manifests.of_kind(objects, "PersistentVolumeClaim"),
        ("io", "grids"),
        (io_path, grids_path),
        strict=True,
    ):
        volume = f"{namespace}-{suffix}"
        run.api.create(_volume(run, volume, claim, path, bound))
        made.append(run.api.create(_bound(claim, volume), namespace))
    _wait_until_bound(run.api, namespace)
    deployment = manifests.of_kind(objects, "Deployment")[0]
    token = run.api.token(namespace, WRAPPER_ACCOUNT)
    gates = Gates()
    tapped = run.tap.on_tls(
        run.api.access.url, run.api.access.ca_file, gates, faults=faults.of_cell(cell)
    )
    with tapped as (port, journal):
        environment_name = (
            f"{given.environment_name or 'harness'}-{run.run_id}-{number}"
        )
        mounts = manifests.claim_mounts(deployment)
        place = HostPlace(
            app=app,
            journal=journal,
            gates=gates,
            environment_name=environment_name,
            environ={
                **manifests.deployment_environ(deployment, namespace),
                **own,
                "ENVIRONMENT": environment_name,
                "QFIELDCLOUD_QGIS_IMAGE_NAME": run.images[image_of(cell)],
                "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL": app.api_url,
                "KUBERNETES_SERVICE_HOST": "127.0.0.1",
                "KUBERNETES_SERVICE_PORT": str(port),
            },
            binds=(
                *_account_files(run, directory, namespace, token, port),
                *(
                    Bind(source=str(io_directory), target=mount)
                    for claim, mount in mounts.items()
                ),
            ),
            granted=manifests.rules_of(role),
            run=run,
            namespace=namespace,
            given=cell.scenario.given,
            files=LocalFiles(io_directory),
            io_directory=io_directory,
        )
        for one in made:
            place.own(one)
        try:
            yield place
        finally:
            place.clear()


def _wait_until_bound(api: KubeApi, namespace: str) -> None:
    """Let the claims find their volumes, or the scheduler waits long."""
    deadline = time.monotonic() + BOUND_TIMEOUT_S
    while time.monotonic() < deadline:
        claims = api.list("PersistentVolumeClaim", namespace)
        if all(claim["status"].get("phase") == "Bound" for claim in claims):
            return
        time.sleep(0.02)


def _volume(
    run: HostRun,
    name: str,
    claim: Mapping[str, Any],
    path: str,
    bound: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "labels": {RUN_LABEL: run.run_id}},
        "spec": {
            "capacity": claim["spec"]["resources"]["requests"],
            "accessModes": claim["spec"]["accessModes"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "",
            "hostPath": {"path": path},
            **bound,
        },
    }


def _bound(claim: Mapping[str, Any], volume: str) -> dict[str, Any]:
    spec = {**claim["spec"], "volumeName": volume, "storageClassName": ""}
    return {**claim, "spec": spec}


def _account_files(
    run: HostRun, directory: Path, namespace: str, token: str, port: int
) -> tuple[Bind, ...]:
    """What a pod finds of its ServiceAccount, and a kubeconfig with the same rights."""
    files = directory / "serviceaccount"
    files.mkdir()
    (files / "token").write_text(token)
    (files / "namespace").write_text(namespace)
    (files / "ca.crt").write_bytes(run.tap.ca_file.read_bytes())
    home = directory / "home" / ".kube"
    home.mkdir(parents=True)
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "harness",
        "clusters": [
            {
                "name": "harness",
                "cluster": {
                    "server": f"https://127.0.0.1:{port}",
                    "certificate-authority": f"{ACCOUNT_FILES}/ca.crt",
                },
            }
        ],
        "users": [{"name": "harness", "user": {"token": token}}],
        "contexts": [
            {
                "name": "harness",
                "context": {
                    "cluster": "harness",
                    "user": "harness",
                    "namespace": namespace,
                },
            }
        ],
    }
    (home / "config").write_text(yaml.safe_dump(config))
    return (Bind(source=str(files), target=ACCOUNT_FILES, read_only=True),)
