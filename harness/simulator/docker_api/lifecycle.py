"""A container's start and end: its networks, mounts, process, events and lags."""

import asyncio
import logging
from pathlib import Path

from harness.simulator.docker_api import limits, volumes
from harness.simulator.docker_api.container import Container, State
from harness.simulator.docker_api.errors import (
    ApiError,
    ConflictError,
    InvalidError,
    NotModifiedError,
    not_modelled,
)
from harness.simulator.docker_api.events import Events
from harness.simulator.docker_api.networks import Networks
from harness.simulator.docker_api.volumes import Volume, Volumes
from harness.simulator.runtime import (
    Mount,
    OomScope,
    Process,
    StartError,
    StartFailure,
    Workload,
)
from harness.simulator.runtime.workload import DEFAULT_PATH
from harness.simulator.world import World

# Measured on 20.10: a start takes 0.3 s, of which the process is 10 ms here; from a
# program's end to the answer of wait it is 0.1 s, die being told in between.
_START_LAG_S = 0.25
_DIE_LAG_S = 0.04
_CLEANUP_LAG_S = 0.05

_LOOPBACK = "127.0.0.1"
_OCI = (
    "failed to create shim task: OCI runtime create failed: runc create failed: "
    "unable to start container process: "
)
_NOT_DIRECTORY = (
    ": Are you trying to mount a directory onto a file (or vice-versa)? Check if the "
    "specified host path exists and is the expected type"
)
_log = logging.getLogger(__name__)


class Lifecycle:
    """Starts containers, and follows each to its end."""

    def __init__(
        self, world: World, events: Events, networks: Networks, vols: Volumes
    ) -> None:
        self._world = world
        self._clock = world.clock
        self._events = events
        self._networks = networks
        self._volumes = vols
        self._ids = world.ids.stream("docker-start")
        self._followers: set[asyncio.Task[None]] = set()

    async def start(self, container: Container) -> None:
        """Run its program; raises ApiError, and keeps the reason in its state.

        The caller holds the container's lock.
        """
        if container.state.running:
            raise NotModifiedError
        if container.state.removing:
            raise ConflictError("container is marked for removal and cannot be started")
        mounts: tuple[Mount, ...] = ()
        try:
            self._connect(container)
            mounts = self._mount(container)
            await self._clock.lag(_START_LAG_S)
            process = await self._run(container, mounts)
        except ApiError as error:
            self._failed(container, error, mounted=bool(mounts))
            raise
        container.state = State(
            running=True,
            pid=process.pid,
            started_ns=process.started_at_ns,
            finished_ns=container.state.finished_ns,  # of the run before
        )
        container.process = process
        container.settled.clear()
        self.tell(container, "start")
        follower = asyncio.create_task(self._follow(container, process))
        self._followers.add(follower)
        follower.add_done_callback(self._followers.discard)

    def tell(self, container: Container, action: str, **attributes: str) -> None:
        """Tell an event of the container."""
        self._events.tell(
            "container", action, container.id, {**container.attributes(), **attributes}
        )

    async def close(self) -> None:
        """Wait until all ends have been followed; the runtime has killed them."""
        await asyncio.gather(*self._followers)

    def _connect(self, container: Container) -> None:
        container.sandbox_id = self._ids.hex()
        for endpoint in container.endpoints.values():
            self._networks.connect(endpoint, container.id, container.name)
        container.ports.clear()
        for port, bindings in (container.spec.host["PortBindings"] or {}).items():
            for index, binding in enumerate(bindings or [{}]):
                if not binding.get("HostPort"):
                    container.ports[port, index] = self._ids.integer(32768, 60999)

    def _disconnect(self, container: Container) -> None:
        for endpoint in container.endpoints.values():
            self._networks.disconnect(endpoint, container.id)

    def _mount(self, container: Container) -> tuple[Mount, ...]:
        found = []
        for point in container.mounts:
            if point.kind == "tmpfs":
                continue
            if point.kind == "volume":
                volume = self._volumes.get(point.volume)
                if point.copy:
                    self._fill(volume, container, point.target)
                self._volumes.mounted(
                    volume.name,
                    container.id,
                    target=point.target,
                    read_only=point.read_only,
                )
                source = volume.data
            else:
                source = self._world.host_paths.on_docker_host(point.source)
                if point.makes_source and not source.exists():
                    _make_source(source, point.source)
                elif not source.exists():
                    raise InvalidError(
                        'invalid mount config for type "bind": bind source path does '
                        f"not exist: {point.source}"
                    )
            found.append(
                Mount(source=source, target=point.target, read_only=point.read_only)
            )
        return tuple(found)

    def _fill(self, volume: Volume, container: Container, target: str) -> None:
        """An empty volume gets what the image itself has there."""
        root = container.image.root
        place = self._world.runtime.image_tree(container.image).resolve(target)
        if root is None or place.source is None:
            return
        if place.source.is_relative_to(root):
            volumes.fill(volume, place.source)

    def _unmount(self, container: Container) -> None:
        for point in container.mounts:
            if point.kind == "volume":
                self._volumes.unmounted(point.volume, container.id)

    async def _run(self, container: Container, mounts: tuple[Mount, ...]) -> Process:
        try:
            return await self._world.runtime.start(
                self._workload(container, mounts), container.log
            )
        except StartError as error:
            raise _explained(error, container.spec.argv[0]) from error

    def _workload(self, container: Container, mounts: tuple[Mount, ...]) -> Workload:
        spec, host = container.spec, container.spec.host
        hostname = spec.config["Hostname"] or container.id[:12]
        env = {"PATH": DEFAULT_PATH, "HOSTNAME": hostname, **spec.env}
        hosts = [
            (_LOOPBACK if address == "host-gateway" else address, name)
            for name, _, address in (
                item.partition(":") for item in host["ExtraHosts"] or ()
            )
        ]
        for endpoint in container.endpoints.values():
            for name in self._networks.neighbours(endpoint, container.id):
                hosts.append((_LOOPBACK, name))
        return Workload(
            image=container.image,
            argv=spec.argv,
            env=env,
            cwd=spec.config["WorkingDir"] or "/",
            user=spec.config["User"],
            hostname=hostname,
            hosts=tuple(hosts),
            mounts=mounts,
            tmpfs={p.target: p.size for p in container.mounts if p.kind == "tmpfs"},
            shm_size=host["ShmSize"],
            memory_limit=host["Memory"] or None,
            oom_scope=OomScope.PROCESS,
            cpu_weight=host["CpuShares"] or None,
            cpu_quota=limits.cores(host),
            files={"/.dockerenv": b""},
            name=container.name,
        )

    def _failed(self, container: Container, error: ApiError, *, mounted: bool) -> None:
        code = error.exit_code if isinstance(error, _StartFailedError) else 128
        container.state.exit_code = code
        container.state.error = error.message
        self._disconnect(container)
        if mounted:
            self._unmount(container)
        container.wake(removed=False)

    async def _follow(self, container: Container, process: Process) -> None:
        """What the engine does when a container ends."""
        process.on_oom(lambda: self.tell(container, "oom"))
        ended = await process.wait()
        await self._clock.lag(_DIE_LAG_S)
        self.tell(container, "die", exitCode=str(ended.code))
        await self._clock.lag(_CLEANUP_LAG_S)
        self._disconnect(container)
        self._unmount(container)
        container.state = State(
            exit_code=ended.code,
            oom_killed=ended.oom_killed,
            started_ns=ended.started_at_ns,
            finished_ns=ended.finished_at_ns,
            removing=container.state.removing,
        )
        container.process = None
        container.settled.set()
        container.wake(removed=False)


def _make_source(source: Path, shown: str) -> None:
    try:
        source.mkdir(parents=True)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ApiError(
            f"error while creating mount source path '{shown}': mkdir "
            f"{error.filename}: {why}"
        ) from error


class _StartFailedError(ApiError):
    """The runtime refused; its exit code is what inspect shows."""

    def __init__(self, message: str, *, status: int, exit_code: int) -> None:
        super().__init__(message)
        self.status = status
        self.exit_code = exit_code


def _explained(error: StartError, name: str) -> ApiError:
    """The engine's words, which clients search for, and its numbers."""
    kind = error.kind
    if kind is StartFailure.UNSUPPORTED:
        return not_modelled(error.message, "lifecycle.py")
    if kind in (StartFailure.BAD_USER, StartFailure.BAD_GROUP):
        return ApiError(error.message)
    if kind is StartFailure.NOT_IN_PATH:
        text = f'{_OCI}exec: "{name}": executable file not found in $PATH: unknown'
        return _StartFailedError(text, status=400, exit_code=127)
    if kind is StartFailure.NOT_FOUND:
        text = f'{_OCI}exec: "{name}": {error.message}: unknown'
        text += _NOT_DIRECTORY if "not a directory" in error.message else ""
        return _StartFailedError(text, status=400, exit_code=127)
    if kind is StartFailure.MOUNT_MISMATCH:
        text = f"{_OCI}error during container init: {error.message}: unknown"
        text += _NOT_DIRECTORY
        return _StartFailedError(text, status=400, exit_code=127)
    if kind in (StartFailure.NOT_EXECUTABLE, StartFailure.IS_DIRECTORY):
        text = f'{_OCI}exec: "{name}": permission denied: unknown'
        return _StartFailedError(text, status=400, exit_code=126)
    _log.warning("a container did not start: %s", error.message)
    return ApiError(f"{_OCI}{error.message}: unknown")
