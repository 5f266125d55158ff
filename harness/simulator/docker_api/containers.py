"""All containers of the engine, and what can be done with them."""

import asyncio
import dataclasses
import signal
from collections.abc import Callable
from typing import Any

from harness.simulator.docker_api import mounts, names, signals
from harness.simulator.docker_api.container import Container
from harness.simulator.docker_api.errors import (
    ApiError,
    ConflictError,
    InvalidError,
    NotFoundError,
    NotModifiedError,
)
from harness.simulator.docker_api.lifecycle import Lifecycle
from harness.simulator.docker_api.mounts import MountPoint
from harness.simulator.docker_api.networks import Endpoint
from harness.simulator.docker_api.spec import Spec
from harness.simulator.docker_api.volumes import Volumes
from harness.simulator.runtime import ContainerLog, Image
from harness.simulator.runtime.removal import remove_tree
from harness.simulator.world import World

_KILL_TIMEOUT_S = 10.0
_REMOVAL_S = 0.05
"""From the end to the removal, while the real engine unmounts and deletes its files."""


class Containers:
    """The engine's containers by id, name and the beginning of an id."""

    def __init__(self, world: World, lifecycle: Lifecycle, volumes: Volumes) -> None:
        self._world = world
        self._lifecycle = lifecycle
        self._volumes = volumes
        self._ids = world.ids.stream("docker-containers")
        self._folder = world.directory / "docker" / "containers"
        self._by_id: dict[str, Container] = {}
        self._removals: set[asyncio.Task[None]] = set()

    def all(self) -> list[Container]:
        """Every one, newest first."""
        return sorted(self._by_id.values(), key=lambda c: c.created_ns, reverse=True)

    def get(self, reference: str) -> Container:
        """By id, name or the beginning of an id; raises NotFoundError."""
        bare = reference.removeprefix("/")
        if bare in self._by_id:
            return self._by_id[bare]
        for container in self._by_id.values():
            if container.name == bare:
                return container
        found = [c for c in self._by_id.values() if c.id.startswith(bare)]
        if len(found) == 1 and bare:
            return found[0]
        if len(found) > 1 and bare:
            raise InvalidError(f"Multiple IDs found with provided prefix: {reference}")
        raise NotFoundError(f"No such container: {reference}")

    def create(self, name: str, spec: Spec, image: Image) -> Container:
        """A new container, not yet running; raises ApiError in the engine's words."""
        name = names.check(name) if name else self._made_up_name()
        self._check_free(name)
        points = mounts.parse(
            spec.host, spec.config.get("Volumes"), self._world.host_paths
        )
        self._check_workdir(spec, image)
        container_id = self._ids.hex()
        if not spec.config["Hostname"]:
            spec.config["Hostname"] = container_id[:12]
        folder = self._folder / container_id
        folder.mkdir(parents=True)
        container = Container(
            id=container_id,
            name=name,
            created_ns=self._world.clock.now_ns(),
            spec=spec,
            image=image,
            mounts=tuple(self._with_volume(point, container_id) for point in points),
            endpoints=_endpoints(spec),
            log=ContainerLog(folder / "json.log", self._world.clock),
        )
        container.settled.set()
        self._by_id[container_id] = container
        self._lifecycle.tell(container, "create")
        return container

    async def start(self, container: Container) -> None:
        """Run it; raises ApiError, NotModifiedError where it runs already."""
        async with container.lock:
            try:
                await self._lifecycle.start(container)
            except NotModifiedError:
                raise
            except ApiError:
                if container.spec.host["AutoRemove"]:
                    self._delete(container, volumes=True)
                raise
        if container.spec.host["AutoRemove"]:
            task = asyncio.create_task(self._remove_at_end(container))
            self._removals.add(task)
            task.add_done_callback(self._removals.discard)

    async def kill(self, reference: str, signal_name: str) -> None:
        """Send a signal; for SIGKILL, wait for the end."""
        try:
            signum = signals.parse_signal(signal_name)
        except signals.UnknownSignalError as error:
            raise InvalidError(str(error)) from error
        try:
            container = self.get(reference)
            if not signals.exists(signum):
                raise ApiError(f"The linux daemon does not support signal {signum}")
            self._signal(container, signum)
        except ApiError as error:
            error.args = (f"Cannot kill container: {reference}: {error.message}",)
            raise
        if signum == signal.SIGKILL:
            await self._settled(container, _KILL_TIMEOUT_S)

    async def stop(self, container: Container, timeout_s: int | None) -> None:
        """Ask it to end, and kill it after a time; negative waits for ever."""
        if not container.state.running:
            raise NotModifiedError
        grace = container.spec.stop_timeout_s if timeout_s is None else timeout_s
        async with container.lock:
            await self._stop(container, grace)

    async def restart(self, container: Container, timeout_s: int | None) -> None:
        """Stop it if it runs, and start it."""
        grace = container.spec.stop_timeout_s if timeout_s is None else timeout_s
        async with container.lock:
            if container.state.running:
                await self._stop(container, grace)
            await self._lifecycle.start(container)
        self._lifecycle.tell(container, "restart")

    async def remove(
        self, reference: str, *, force: bool = False, volumes: bool = False
    ) -> None:
        """Remove it, killing it first if that is asked for."""
        container = self.get(reference)
        if container.state.removing:
            raise ConflictError(
                f"removal of container {reference} is already in progress"
            )
        if container.state.running and not force:
            raise ConflictError(
                f"You cannot remove a running container {container.id}. Stop the "
                "container before attempting removal or force remove"
            )
        if not container.state.running:
            async with container.lock:  # it may just be starting
                pass
        container.state.removing = True
        if container.state.running:
            self._signal(container, signal.SIGKILL)
            await container.settled.wait()
        await self._world.clock.lag(_REMOVAL_S)
        self._delete(container, volumes=volumes)

    def rename(self, container: Container, name: str) -> None:
        """Give it another name."""
        if not name:
            raise InvalidError("Neither old nor new names may be empty")
        if name.removeprefix("/") == container.name:
            raise InvalidError(
                "Renaming a container with the same name as its current name"
            )
        try:
            new = names.check(name, shown=f"/{name.removeprefix('/')}")
            self._check_free(new)
        except ApiError as error:
            error.args = (f"Error when allocating new name: {error.message}",)
            raise
        old, container.name = container.name, new
        self._lifecycle.tell(container, "rename", oldName=f"/{old}")

    def prune(self, wanted: Callable[[Container], bool]) -> list[str]:
        """Remove what doesn't run; the ids."""
        ended = [c for c in self.all() if not c.state.running and wanted(c)]
        for container in ended:
            self._delete(container, volumes=False)
        return [container.id for container in ended]

    async def _stop(self, container: Container, grace_s: float) -> None:
        self._signal(container, container.spec.stop_signal)
        try:
            await self._settled(container, None if grace_s < 0 else grace_s)
        except asyncio.TimeoutError:
            self._signal(container, signal.SIGKILL)
            await container.settled.wait()
        self._lifecycle.tell(container, "stop")

    def _signal(self, container: Container, signum: int) -> None:
        if container.process is None:
            raise ConflictError(f"Container {container.id} is not running")
        self._lifecycle.tell(container, "kill", signal=str(int(signum)))
        if signum == signal.SIGKILL:
            container.process.kill()
        else:
            container.process.signal(signum)

    async def _settled(self, container: Container, timeout_s: float | None) -> None:
        await asyncio.wait_for(container.settled.wait(), timeout_s)

    async def _remove_at_end(self, container: Container) -> None:
        await container.settled.wait()
        if container.id in self._by_id and not container.state.removing:
            container.state.removing = True
            self._delete(container, volumes=True)

    def _delete(self, container: Container, *, volumes: bool) -> None:
        self._by_id.pop(container.id, None)
        container.log.delete()
        remove_tree(self._folder / container.id)
        used = [point for point in container.mounts if point.volume]
        self._volumes.release([point.volume for point in used], container.id)
        for point in used:
            if volumes and point.anonymous:
                self._volumes.remove(point.volume, force=True)
        self._lifecycle.tell(container, "destroy")
        container.wake(removed=False)
        container.wake(removed=True)

    def _with_volume(self, point: MountPoint, container_id: str) -> MountPoint:
        """The mount point with its volume made, and used by the container."""
        if point.kind != "volume":
            return point
        volume = self._volumes.create(point.volume)
        volume.users.add(container_id)
        return dataclasses.replace(point, volume=volume.name)

    def _check_workdir(self, spec: Spec, image: Image) -> None:
        """The engine makes the directory at once, and so sees what is in its way."""
        workdir: str = spec.config["WorkingDir"]
        try:
            place = self._world.runtime.image_tree(image).resolve(workdir or "/")
        except OSError as error:
            raise ApiError(f"Cannot mkdir: {workdir}: {error.strerror}") from error
        if place.exists and not place.is_dir:
            raise ApiError(f"Cannot mkdir: {workdir} is not a directory")

    def _made_up_name(self) -> str:
        taken = {container.name for container in self._by_id.values()}
        attempt = 0
        while (name := names.make_up(self._ids, attempt)) in taken:
            attempt += 1
        return name

    def _check_free(self, name: str) -> None:
        for container in self._by_id.values():
            if container.name == name:
                raise ConflictError(
                    f'Conflict. The container name "/{name}" is already in use by '
                    f'container "{container.id}". You have to remove (or rename) '
                    "that container to be able to reuse that name."
                )


def _endpoints(spec: Spec) -> dict[str, Endpoint]:
    """The networks it is to join: its mode, with the settings given for it."""
    mode: str = spec.host["NetworkMode"]
    name = "bridge" if mode in ("default", "") else mode
    given: dict[str, Any] = spec.networking
    settings = {n if n != "default" else "bridge": s for n, s in given.items()}
    found = {name: Endpoint(name, settings.pop(name, None) or {})}
    for other, its in settings.items():
        found[other] = Endpoint(other, its or {})
    return found
