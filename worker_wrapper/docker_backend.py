"""Runs workers as containers of a Docker Engine."""

import itertools
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import docker
import requests
from docker.errors import APIError, ImageNotFound, NotFound
from docker.types import Mount

from . import failures, left_files, logs
from .docker_engine import BROKEN, PASSING, Engine, explain
from .failures import Failure, WorkerFailed
from .naming import app_label, worker_name
from .run_spec import (
    GRIDS_TARGET,
    IO_TARGET,
    LOCK_LABEL,
    Ended,
    RunSpec,
    Worker,
    timed_out,
)
from .settings import WorkerSettings

logger = logging.getLogger(__name__)

STOP_GRACE_S = 5
LOOK_INTERVAL_S = 5.0
SIGKILLED = 137


class DockerBackend:
    """The Docker Engine that ``DOCKER_HOST`` names, by default the local socket."""

    sweep_interval_s = 0.0

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._engine = Engine(settings.docker.api)

    def make_io_directory(self, job_id: str) -> Path:
        """A new directory; the engine's host has to see it at the same path."""
        directory = self._settings.tmp_directory / self._prefix(job_id)
        left_files.remove(directory)  # of a wrapper that died with this very job
        directory.mkdir(mode=0o700)
        return directory

    def _prefix(self, job_id: str) -> str:
        """Begins a directory's name; engines of several ENVIRONMENTs may share it."""
        return worker_name(self._settings.environment, job_id)

    def directories(self) -> list[tuple[str, Path]]:
        """Those of this ENVIRONMENT."""
        prefix = self._prefix("")
        found = self._settings.tmp_directory.glob(f"{prefix}*")
        return [(path.name.removeprefix(prefix), path) for path in found]

    def start(self, spec: RunSpec, created: Callable[[Worker], None]) -> Worker:
        """Create the container, then start it."""
        name = worker_name(spec.environment, spec.job_id)
        try:
            container_id = self._create(name, spec)
        except APIError as error:
            raise _create_failure(error, spec) from error
        worker = Worker(spec.job_id, name, container_id, spec.has_lock)
        created(worker)
        self._start(container_id)
        return worker

    def _create(self, name: str, spec: RunSpec) -> str:
        options = self._options(spec)

        def create(client: docker.DockerClient) -> str:
            make = client.containers.create
            try:
                return str(make(spec.image, name=name, **options).id)
            except APIError as error:
                if error.status_code != requests.codes.conflict:
                    raise
            made = self._made_for(name, spec)
            if made:
                return made
            # what an earlier try for this very job left behind never ran to an end
            self.remove(Worker(spec.job_id, name, name))
            return str(make(spec.image, name=name, **options).id)

        passing = PASSING | {requests.codes.conflict}
        return self._engine.ask("create containers", create, passing=passing)

    def _made_for(self, name: str, spec: RunSpec) -> str:
        """The container that a try of this run made, whose answer was lost; or ""."""
        try:
            seen = self._engine.inspect(name)
        except NotFound:
            return ""
        sources = [mount.get("Source") for mount in seen["Mounts"]]
        # one that has run is of an earlier run of the job
        is_ours = str(spec.io_directory) in sources
        is_new = seen["State"]["Status"] == "created"
        return str(seen["Id"]) if is_ours and is_new else ""

    def _start(self, container_id: str) -> None:
        tries = itertools.count()

        def start(client: docker.DockerClient) -> None:
            if next(tries):  # one that has ended meanwhile must not run twice
                state = self._engine.inspect(container_id)["State"]
                if state["Status"] != "created":
                    return
            client.api.start(container_id)

        # 500 is also what the engine says of a program that can't be started
        passing = PASSING - {requests.codes.internal_server_error}
        try:
            self._engine.ask("start containers", start, passing=passing)
        except APIError as error:
            raise WorkerFailed(failures.CONTAINER_START, explain(error)) from error

    def _options(self, spec: RunSpec) -> dict[str, Any]:
        docker_settings = self._settings.docker
        # a bind through Mounts, not Binds: a source that the engine's host doesn't
        # have is then an error, and not an empty directory made there
        mounts = [Mount(IO_TARGET, str(spec.io_directory), type="bind")]
        if docker_settings.grids_volume:
            grids = docker_settings.grids_volume
            mounts.append(Mount(GRIDS_TARGET, grids, type="volume", read_only=True))
        for target, source in docker_settings.debug_mounts.items():
            mounts.append(Mount(target, source, type="bind", read_only=True))
        options: dict[str, Any] = {
            "command": list(spec.args),
            "environment": {**spec.env, **spec.secret_env},
            "labels": spec.labels,
            "mounts": mounts,
            "mem_limit": spec.memory_bytes,
            "cpu_shares": spec.cpu_shares,
        }
        if docker_settings.network:
            options["network"] = docker_settings.network
        if spec.debug_port is not None:
            options["ports"] = {f"{spec.debug_port}/tcp": spec.debug_port}
        return options

    def attend(
        self, worker: Worker, spec: RunSpec, is_wanted: Callable[[], bool]
    ) -> Ended:
        """Wait for the exit code; after the time-out stop the container."""
        deadline = time.monotonic() + spec.timeout_s - spec.elapsed_s
        waiter = _Waiter(self._engine, worker.container_id)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return self._timed_out(worker, waiter, spec.timeout_s)
            result = waiter.result(min(left, LOOK_INTERVAL_S))
            if result is not None:
                return self._ended(worker, result)
            if not is_wanted():
                self._stop(worker)
                return Ended(None, "")

    def _ended(self, worker: Worker, result: int | Exception) -> Ended:
        if isinstance(result, NotFound):
            return Ended(
                None,
                logs.UNREADABLE,
                Failure(failures.WORKER_DELETED, f"Container {worker.name} is gone."),
            )
        if isinstance(result, WorkerFailed):
            raise result
        if isinstance(result, Exception):
            raise WorkerFailed(
                failures.BACKEND_UNREACHABLE, explain(result)
            ) from result
        output = self._read_log(worker)
        failure = self._killed(worker, result) if result != 0 else None
        return Ended(result, output, failure)

    def _killed(self, worker: Worker, exit_code: int) -> Failure | None:
        """What killed it, or a child of it, which leaves the worker its exit code."""
        try:
            state = self._engine.inspect(worker.container_id)["State"]
        except (APIError, WorkerFailed) as error:
            if exit_code != SIGKILLED:
                return None
            return Failure(
                failures.DOCKER_SIGKILL,
                f"The worker's container was killed; why can't be seen: {error}",
            )
        if state.get("OOMKilled"):
            return Failure(
                failures.OUT_OF_MEMORY,
                "The worker used more memory than it may and was killed.",
            )
        if exit_code != SIGKILLED:
            return None
        return Failure(failures.DOCKER_SIGKILL, "The worker's container was killed.")

    def _timed_out(self, worker: Worker, waiter: "_Waiter", timeout_s: int) -> Ended:
        self._stop(worker)
        waiter.result(STOP_GRACE_S)  # the log is whole only after the container's end
        output = self._read_log(worker)
        return timed_out(output, timeout_s)

    def _stop(self, worker: Worker) -> None:
        try:
            self._engine.ask(
                "stop containers",
                lambda client: client.api.stop(
                    worker.container_id, timeout=STOP_GRACE_S
                ),
            )
        except (APIError, WorkerFailed) as error:
            logger.warning("Container %s can't be stopped: %s", worker.name, error)

    def _read_log(self, worker: Worker) -> str:
        log = logs.BoundedLog(self._settings.log_keep_bytes)
        try:
            self._engine.read_log(worker.container_id, log)
        except (*BROKEN, logs.Shorter) as error:
            logger.warning("The log of %s can't be read: %s", worker.name, error)
            return f"{log.text()}\n{logs.UNREADABLE}\n{explain(error)}".strip()
        return log.text()

    def directory_of(self, worker: Worker) -> Path | None:
        """The source of the container's bind; None where that is gone."""
        try:
            seen = self._engine.inspect(worker.container_id)
        except NotFound:
            return None
        except APIError as error:
            raise WorkerFailed(failures.BACKEND_UNREACHABLE, explain(error)) from error
        sources = [
            Path(mount["Source"])
            for mount in seen["Mounts"]
            if mount["Destination"] == IO_TARGET
        ]
        return next((one for one in sources if one.is_dir()), None)

    def resume(self, worker: Worker, spec: RunSpec) -> None:
        """Start it if that was left to be done; what has run must not run again."""
        del spec
        try:
            state = self._engine.inspect(worker.container_id)["State"]
        except NotFound:
            return  # whoever waits for its end is told so
        if state["Status"] == "created":
            self._start(worker.container_id)

    def remove(self, worker: Worker) -> None:
        """Kill and remove the container with its anonymous volumes."""
        try:
            self._engine.ask(
                "delete containers",
                lambda client: client.api.remove_container(
                    worker.container_id, force=True, v=True
                ),
            )
        except NotFound:
            pass
        except APIError as error:
            if error.status_code != requests.codes.conflict:  # removal is under way
                raise

    def workers(self, environment: str) -> list[Worker]:
        """Every container with the label of this ENVIRONMENT, running or not."""
        label = f"app={app_label(environment)}"
        try:
            found = self._engine.ask(
                "list containers",
                lambda client: client.api.containers(
                    all=True, filters={"label": [label]}
                ),
                again=False,  # the next look comes soon enough
            )
        except APIError as error:
            raise WorkerFailed(failures.BACKEND_UNREACHABLE, explain(error)) from error
        return [
            Worker(
                (item["Labels"] or {}).get("job_id", ""),
                # one that is being removed has lost its names already
                (item["Names"] or [item["Id"]])[0],
                item["Id"],
                LOCK_LABEL in (item["Labels"] or {}),
            )
            for item in found
        ]


class _Waiter:
    """Waits for a container's end in a thread, so that others can look at the clock."""

    def __init__(self, engine: Engine, container_id: str) -> None:
        self._engine = engine
        self._container_id = container_id
        self._results: SimpleQueue[int | Exception] = SimpleQueue()
        threading.Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        try:
            self._results.put(self._engine.wait(self._container_id))
        except Exception as error:  # it is raised in the thread that asks
            self._results.put(error)

    def result(self, timeout_s: float) -> int | Exception | None:
        """The exit code or the error, or None if there is none yet."""
        try:
            return self._results.get(timeout=timeout_s)
        except Empty:
            return None


def _create_failure(error: Exception, spec: RunSpec) -> WorkerFailed:
    text = explain(error)
    if isinstance(error, ImageNotFound):
        return WorkerFailed(failures.IMAGE_NOT_FOUND, text)
    if "bind source path does not exist" in text:
        text += (
            f" (the engine's host doesn't see {spec.io_directory}: mount it "
            "there at the same path, or set QFIELDCLOUD_WORKER_TMP_DIRECTORY)"
        )
    return WorkerFailed(failures.BACKEND_REFUSED, text)
