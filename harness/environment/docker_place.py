"""A cell's place on a Docker Engine, whoever answers for it."""

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, NotFound

from ..scenario.cells import Cell
from ..standin.application import Application
from ..tap.gates import Gates
from ..tap.journal import Journal
from ..tap.tap import Tap
from . import evidence, faults, logs
from .docker_observer import DockerObserver
from .grids import archive
from .place import NEIGHBOUR, Bind, Bystander, Leftover, Rule, image_of
from .seen import WorkerSeen

RUN_LABEL = "qfc-harness.run"
Attach = Callable[[str, Application], AbstractContextManager[str]]
"""Makes the network of this name, in which workers reach a cell's stand-in by the URL
that is given."""
_MOMENTS = {
    "worker_created": ("create",),
    "worker_running": ("start",),
    "worker_ended": ("die", "destroy"),
}
FRAMED, FRAMED_LEAST = 1.25, 4096
"""So much larger a log may be with the heads of Docker's frames."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DockerRun:
    """What the cells of a run share on a Docker Engine."""

    run_id: str
    socket: Path
    observer: DockerObserver
    tap: Tap
    host_tmp: Path
    """Where the engine's host has what subjects and engine call ``/tmp``."""
    grids_volume: str
    images: Mapping[str, str]
    """Names by what a pull of them gives, for the probe and for the real worker."""
    attach: Attach


@dataclass(kw_only=True)
class DockerPlace:
    """One cell's place."""

    app: Application
    journal: Journal
    gates: Gates
    environment_name: str
    environ: Mapping[str, str]
    binds: tuple[Bind, ...]
    run: DockerRun
    tmp: str
    """The cell's own directory for temporary files, as the subject sees it."""
    granted: tuple[Rule, ...] | None = None
    _bystanders: dict[str, str] = field(default_factory=dict)

    def prepare(self, job_id: str, neighbour_job_id: str) -> None:
        """Bystanders of this and of another ENVIRONMENT; another job's directory."""
        self._neighbour.mkdir()
        (self._neighbour / NEIGHBOUR).write_text("another job's\n")
        image = self.run.images["probe"]
        for what, name, job in (
            (
                "another job of this ENVIRONMENT",
                self.environment_name,
                neighbour_job_id,
            ),
            ("a job of another ENVIRONMENT", "elsewhere", job_id),
        ):
            labels = {
                "app": f"{name}_worker",
                "type": "package",
                "job_id": job,
                "project_id": neighbour_job_id,
                RUN_LABEL: self.run.run_id,
            }
            made = self.run.observer.api.create_container(image, labels=labels)
            self._bystanders[made["Id"]] = what

    @property
    def _neighbour(self) -> Path:
        """The directory of another job, beside this one's."""
        return self._real(f"{self.tmp}-of-another-job")

    def _real(self, path: str) -> Path:
        """Where a path of the subject really is."""
        return self.run.host_tmp / Path(path).relative_to("/tmp")  # noqa: S108

    def _made(self) -> list[str]:
        """The containers that the subject made, in order."""
        made = []
        for call in self.journal.calls():
            if call.method == "POST" and call.path == "/containers/create":
                content = call.json()
                if call.status == 201 and isinstance(content, dict):
                    made.append(str(content["Id"]))
        return made

    def wait(self, moment: str, timeout_s: float) -> bool:
        """Wait for a moment in the life of the subject's container."""
        observer = self.run.observer
        return observer.wait_for(self._made, _MOMENTS[moment], timeout_s)

    def act(self, deed: str) -> str:
        """Kill or delete the subject's container from outside."""
        api = self.run.observer.api
        container = self._made()[-1]
        with contextlib.suppress(NotFound):
            if deed == "kill_worker":
                api.kill(container, "SIGKILL")
            else:
                api.remove_container(container, force=True)
        return f"{deed} {container[:12]}"

    def workers(self) -> list[WorkerSeen]:
        """The subject's containers."""
        return [self._with_log(self.run.observer.seen(one)) for one in self._made()]

    def _with_log(self, worker: WorkerSeen) -> WorkerSeen:
        """The worker with its log as the subject was given it, if we came too late.

        A container that ends at once may be gone before anybody else can read it. And
        an engine ends the stream of one that is removed as if that were its log's end:
        whoever was given much more has seen more of it than we.
        """
        log = worker.log
        given = [
            call
            for call in self.journal.calls()
            if call.path == f"/containers/{worker.id}/logs"
            and call.status == 200
            and not call.fault
        ]
        if log is not None and log.whole:
            most = max((call.response_size for call in given), default=0)
            if most <= FRAMED * log.size + FRAMED_LEAST:
                return worker
            worker = replace(worker, log=replace(log, whole=False))
        for call in given:
            if call.is_whole:
                log = logs.of_bytes(logs.without_frames(call.response))
                return replace(worker, log=log)
        return worker

    def leftovers(self) -> list[Leftover]:
        """Containers, volumes and networks in the engine; directories on its host."""
        found = [
            Leftover(kind="container", name=one)
            for one in self._made()
            if self.run.observer.exists(one)
        ]
        for call in self.journal.calls():
            for kind in ("volumes", "networks"):
                if call.path == f"/{kind}/create" and call.status == 201:
                    found += self._still(kind, call.request)
        found += [
            Leftover(kind="directory", name=mount.source)
            for worker in self.workers()
            for mount in worker.mounts
            if mount.kind == "bind" and self._left_directory(mount.source)
        ]
        own = self._real(self.tmp)
        known = {leftover.name for leftover in found}
        found += [
            Leftover(kind="directory", name=f"{self.tmp}/{path.name}")
            for path in own.iterdir()
            if f"{self.tmp}/{path.name}" not in known
        ]
        return found

    def _left_directory(self, source: str) -> bool:
        try:
            return self._real(source).exists() and source not in ("/tmp", self.tmp)  # noqa: S108
        except ValueError:
            return False  # outside of /tmp: a host directory of the operator's

    def _still(self, kind: str, request: bytes) -> list[Leftover]:
        name = str(json.loads(request or b"{}").get("Name", ""))
        api = self.run.observer.api
        inspect = api.inspect_volume if kind == "volumes" else api.inspect_network
        try:
            inspect(name)
        except APIError:
            return []
        return [Leftover(kind=kind.rstrip("s"), name=name)]

    def bystanders(self) -> list[Bystander]:
        """Whether the bystanders are as they were made."""
        return [
            Bystander(
                kind="container",
                name=one[:12],
                what=what,
                untouched=self.run.observer.exists(one),
            )
            for one, what in self._bystanders.items()
        ]

    def backend_end(self) -> datetime | None:
        """When the engine's event told of the end."""
        ends = [
            state.at
            for worker in self.workers()
            for state in worker.states
            if state.what == "die"
        ]
        return ends[-1] if ends else None

    def evidence(self) -> dict[str, Any]:
        """The state of each container as last inspected."""
        inspected = {
            worker.name: worker.objects[-1]
            for worker in self.workers()
            if worker.objects
        }
        return {"described": evidence.containers(inspected)}

    def clear(self) -> None:
        """Remove what the cell made, and what the subject left."""
        shutil.rmtree(self._real(self.tmp), ignore_errors=True)
        shutil.rmtree(self._neighbour, ignore_errors=True)
        api = self.run.observer.api
        for container in (*self._bystanders, *self._made()):
            with contextlib.suppress(APIError):
                api.remove_container(container, force=True, v=True)


def fill_grids_volume(api: docker.APIClient, run_id: str, image: str) -> str:
    """A volume with transformation grids, filled through a container's archive."""
    name = f"qfc-{run_id}-grids"
    labels = {RUN_LABEL: run_id}
    api.create_volume(name, labels=labels)
    mounts = api.create_host_config(binds={name: {"bind": "/grids", "mode": "rw"}})
    made = ""
    try:
        made = api.create_container(image, host_config=mounts, labels=labels)["Id"]
        api.put_archive(made, "/grids", archive())
    except BaseException:
        _remove_container(api, made)
        api.remove_volume(name, force=True)
        raise
    _remove_container(api, made)
    return name


def _remove_container(api: docker.APIClient, container: str) -> None:
    """Remove a container with the volumes that are only its own."""
    if container:
        with contextlib.suppress(APIError):
            api.remove_container(container, force=True, v=True)


@contextmanager
def open_docker_place(
    run: DockerRun, app: Application, cell: Cell, directory: Path, number: int
) -> Iterator[DockerPlace]:
    """Make the cell's network and its socket; remove both at the end."""
    name = f"qfc-{run.run_id}-{number}"
    given = cell.scenario.given
    tmp = f"/tmp/{name}"  # noqa: S108 (the subject's own)
    (run.host_tmp / name).mkdir()
    socket = directory / "docker.sock"
    gates, struck = Gates(), faults.of_cell(cell)
    with (
        run.attach(name, app) as url,
        run.tap.on_socket(socket, run.socket, gates, faults=struck) as journal,
    ):
        environment_name = (
            f"{given.environment_name or 'harness'}-{run.run_id}-{number}"
        )
        place = DockerPlace(
            app=app,
            journal=journal,
            gates=gates,
            environment_name=environment_name,
            environ={
                "ENVIRONMENT": environment_name,
                "TMPDIR": tmp,
                "QFIELDCLOUD_WORKER_TMP_DIRECTORY": tmp,
                "QFIELDCLOUD_WORKER_BACKEND": "docker",
                "QFIELDCLOUD_DEFAULT_NETWORK": name,
                "QFIELDCLOUD_TRANSFORMATION_GRIDS_VOLUME_NAME": run.grids_volume,
                "QFIELDCLOUD_QGIS_IMAGE_NAME": run.images[image_of(cell)],
                "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL": f"{url}/api/v1/",
            },
            binds=(
                Bind(source=str(socket), target="/var/run/docker.sock"),
                Bind(source=str(run.host_tmp), target="/tmp"),  # noqa: S108
            ),
            run=run,
            tmp=tmp,
        )
        try:
            yield place
        finally:
            place.clear()
