"""One container: what it was made of, and the state it is in."""

import asyncio
from dataclasses import dataclass, field

from harness.simulator.docker_api.mounts import MountPoint
from harness.simulator.docker_api.networks import Endpoint
from harness.simulator.docker_api.spec import Spec
from harness.simulator.runtime import ContainerLog, Image, Process

NEXT_EXIT = "next-exit"
REMOVED = "removed"


@dataclass(slots=True)
class State:
    """What inspect shows below ``State``."""

    running: bool = False
    removing: bool = False
    pid: int = 0
    exit_code: int = 0
    error: str = ""
    oom_killed: bool = False
    started_ns: int = 0
    finished_ns: int = 0

    @property
    def status(self) -> str:
        """The state in one word."""
        if self.removing:
            return "removing"
        if self.running:
            return "running"
        return "exited" if self.started_ns else "created"


@dataclass(frozen=True, slots=True)
class Ended:
    """What waiting is answered with."""

    exit_code: int
    error: str = ""


@dataclass(eq=False, slots=True)
class Container:
    """A container; changed by `Containers` only, under its lock."""

    id: str
    name: str
    created_ns: int
    spec: Spec
    image: Image
    mounts: tuple[MountPoint, ...]
    endpoints: dict[str, Endpoint]
    """By the network's name."""
    log: ContainerLog
    state: State = field(default_factory=State)
    process: Process | None = None
    sandbox_id: str = ""
    """Of the network's namespace: made up at each start."""
    ports: dict[tuple[str, int], int] = field(default_factory=dict)
    """Numbers chosen for published ports, by port and place among its bindings."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while it doesn't run: after an end, all has been told and cleaned up."""
    _waiting: list[tuple[str, "asyncio.Future[Ended]"]] = field(default_factory=list)

    @property
    def ended(self) -> Ended:
        """Its last exit code; 0 where it was never started."""
        return Ended(self.state.exit_code, self.state.error)

    async def wait(self, condition: str) -> Ended:
        """Until it doesn't run, has ended the next time, or is removed."""
        if condition not in (NEXT_EXIT, REMOVED) and not self.state.running:
            return self.ended
        future: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        entry = (condition, future)
        self._waiting.append(entry)
        try:
            return await future
        finally:
            if entry in self._waiting:
                self._waiting.remove(entry)

    def wake(self, *, removed: bool) -> None:
        """Answer those who wait for an end, or for the removal."""
        for condition, future in list(self._waiting):
            if (condition == REMOVED) is removed and not future.done():
                future.set_result(self.ended)

    def attributes(self) -> dict[str, str]:
        """What an event says of it: its labels, image and name."""
        return {
            **self.spec.labels,
            "image": self.spec.config["Image"],
            "name": self.name,
        }
