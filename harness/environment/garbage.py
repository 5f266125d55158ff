"""What runs that were killed have left, found by their labels, and removed.

Only what carries the id of a run whose processes are gone (``run_record``). What has
our label, but is of a run that this machine doesn't know, or that goes on, stays.
"""

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import docker
import requests
from docker.errors import DockerException, NotFound

from ..errors import EnvironmentMissing
from ..settings import Settings
from ..standin import run_record
from ..standin.run_directory import PREFIX
from ..standin.run_record import RunRecord
from . import (
    engine,
    garbage_namespace,
    keeping,
    kind_cluster,
    kind_lifecycle,
    kubeconfig,
)
from .docker_place import RUN_LABEL
from .garbage_namespace import Thing
from .kind_lifecycle import CLUSTER_LABEL
from .kube_api import KubeApi, KubeRefused
from .kubeconfig_access import access_of

HOST_TMP = Path("/tmp")  # noqa: S108 (where wrappers on an engine put their files)


@dataclass(frozen=True, kw_only=True, slots=True)
class Swept:
    """What was found, and what became of it."""

    removed: tuple[Thing, ...]
    failed: tuple[tuple[Thing, str], ...]
    """Could not be removed, and why."""
    not_looked: tuple[str, ...]
    """Where nobody could look, and why."""


def collect(settings: Settings, *, dry: bool = False) -> Swept:
    """Remove what dead runs left.

    :param dry: only look
    """
    removed, failed, not_looked = [], [], []
    with run_record.dead(settings) as records, ExitStack() as stack:
        kept = keeping.ids(settings)  # of an ``up`` that was killed when it was done
        ids = {record.run_id for record in records} - kept
        unseen: set[str] = set()
        on_engine = {record.run_id for record in records if _uses_engine(record)}
        things: list[Thing] = []
        for look in (_on_engine, _in_kept_cluster):
            if records and not on_engine:
                break  # none of them has made anything there
            try:
                things += look(settings, ids & on_engine, stack)
            except EnvironmentMissing as error:
                not_looked.append(error.message)
                unseen |= on_engine
        for record in records:
            try:
                things += garbage_namespace.left_by(record)
            except EnvironmentMissing as error:
                not_looked.append(str(error))
                unseen.add(record.run_id)
            things += _directories(record.run_id, record.directory, settings)
        for thing in things:
            try:
                if not dry:
                    thing.remove()
                removed.append(thing)
            except (NotFound, FileNotFoundError):
                continue  # gone with something else
            except (DockerException, KubeRefused, EnvironmentMissing, OSError) as error:
                failed.append((thing, str(error)))
        for record in () if dry else records:
            if record.run_id in unseen:
                continue
            try:
                garbage_namespace.settle(record)
            except EnvironmentMissing as error:
                not_looked.append(str(error))
                unseen.add(record.run_id)
        stays = {thing.run_id for thing, _ in failed}
        for record in records:
            # where nobody could look something may be left: it is looked for again
            if not dry and record.run_id not in stays | unseen:
                record.forget()
    return Swept(
        removed=tuple(removed), failed=tuple(failed), not_looked=tuple(not_looked)
    )


def _uses_engine(record: RunRecord) -> bool:
    """Whether the run may have made something on this machine's engine."""
    return set(record.places) != {kubeconfig.NAME}


def run_of(labels: Mapping[str, str], network: str, networks: Mapping[str, str]) -> str:
    """The id of the run that a container is of; "" for somebody else's.

    A wrapper's own containers don't have our label. They are in the network that the
    run made for them, or have the ENVIRONMENT that it gave, which ends in its id.

    :param networks: by the names of the networks that runs made, the runs' ids
    """
    if labels.get(RUN_LABEL):
        return labels[RUN_LABEL]
    if network in networks:
        return networks[network]
    found = re.fullmatch(r".*-([0-9a-f]{8})-[0-9]+_worker", labels.get("app", ""))
    return found[1] if found else ""


def _on_engine(settings: Settings, ids: set[str], stack: ExitStack) -> list[Thing]:
    client = engine.connect(settings)
    stack.callback(client.close)
    try:
        return [thing for thing in _engine_things(client) if thing.run_id in ids]
    except (DockerException, requests.RequestException) as error:
        raise engine.unreachable(engine.socket(settings), error) from error


def _engine_things(client: docker.DockerClient) -> Iterator[Thing]:
    """Everything on the engine that some run made; what is in use comes last."""
    labelled = {"label": RUN_LABEL}
    networks = client.networks.list(filters=labelled)
    of_network = {
        str(one.name): str(one.attrs["Labels"][RUN_LABEL]) for one in networks
    }
    # ignore_removed: one that goes meanwhile must not end the look at the others
    for one in client.containers.list(all=True, ignore_removed=True):
        mode = str(one.attrs["HostConfig"].get("NetworkMode", ""))
        run_id = run_of(one.labels, mode, of_network)
        kind = "container"
        cluster = one.labels.get(CLUSTER_LABEL, "")
        if cluster.startswith(kind_lifecycle.PREFIX):
            kind = "kind node"
            if kind_lifecycle.is_ours(one, cluster):
                run_id = cluster.removeprefix(kind_lifecycle.PREFIX)
        if run_id:
            yield Thing(
                kind=kind,
                name=str(one.name),
                run_id=run_id,
                remove=partial(one.remove, force=True, v=True),
            )
    for network in networks:
        yield Thing(
            kind="network",
            name=str(network.name),
            run_id=of_network[str(network.name)],
            remove=network.remove,
        )
    for volume in client.volumes.list(filters=labelled):
        yield Thing(
            kind="volume",
            name=str(volume.name),
            run_id=str(volume.attrs["Labels"][RUN_LABEL]),
            remove=partial(volume.remove, force=True),
        )


def _in_kept_cluster(
    settings: Settings, ids: set[str], _stack: ExitStack
) -> list[Thing]:
    """Namespaces, volumes and directories in the cluster that is kept."""
    if settings.state is None:
        return []
    directory = keeping.directory_of(settings, kind_cluster.NAME)
    if not directory.exists() or kind_cluster.KEEPER.state(settings, directory):
        return []  # there is none, or it doesn't run
    api = KubeApi(access_of(directory / "kubeconfig"))
    try:
        found = [*_labelled(api, "Namespace"), *_labelled(api, "PersistentVolume")]
    except KubeRefused as error:
        raise EnvironmentMissing(str(error)) from error
    found += _named(directory / "node", "node directory")
    return [thing for thing in found if thing.run_id in ids]


def _labelled(api: KubeApi, kind: str) -> Iterator[Thing]:
    for one in api.list(kind):
        meta: Mapping[str, Any] = one["metadata"]
        run_id = (meta.get("labels") or {}).get(RUN_LABEL, "")
        if run_id and "deletionTimestamp" not in meta:
            name = str(meta["name"])
            yield Thing(
                kind=kind.lower(),
                name=name,
                run_id=run_id,
                remove=partial(api.delete, kind, name),
            )


def _directories(run_id: str, recorded: Path, settings: Settings) -> Iterable[Thing]:
    """The run's own directory, and those of its wrappers on this machine."""
    places = {settings.temporary, recorded.parent}
    own = [
        path
        for place in places
        for path in place.glob(f"{PREFIX}{run_id}-*")
        if path.is_dir() and not path.is_symlink()
    ]
    for path in own:
        yield _directory("run directory", path, run_id)
    for thing in _named(HOST_TMP, "directory"):
        if thing.run_id == run_id:
            yield thing


def _named(place: Path, kind: str) -> Iterator[Thing]:
    """Directories whose names say of which run's cell they are."""
    for path in sorted(place.glob("qfc-*")):
        found = re.match(r"qfc-([0-9a-f]{8})-[0-9]+", path.name)
        if found and path.is_dir() and not path.is_symlink():
            yield _directory(kind, path, found[1])


def _directory(kind: str, path: Path, run_id: str) -> Thing:
    return Thing(
        kind=kind, name=str(path), run_id=run_id, remove=partial(shutil.rmtree, path)
    )
