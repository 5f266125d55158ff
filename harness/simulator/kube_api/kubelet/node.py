"""A node as its pods see it: what they share, and when the kubelet looks at them."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.simulator.clock import Clock, Pace
from harness.simulator.ids import Ids
from harness.simulator.kube_api.cluster import Cluster
from harness.simulator.kube_api.container_logs import ContainerLogs
from harness.simulator.kube_api.event_recorder import EventRecorder
from harness.simulator.kube_api.kubelet.images import NodeImages
from harness.simulator.kube_api.objects import Object, name_of, namespace_of
from harness.simulator.kube_api.pauses import scaled
from harness.simulator.runtime import ContainerLog, Process, Runtime
from harness.simulator.world import HostPaths

IP = "127.0.0.1"
_RELIST_S = 1.0
"""How often a kubelet asks its container runtime what has changed."""
_SETTLE_S = 0.03
_LOOK_S = 0.05
_ROTATE_AT = 10 * 2**20
_ROTATE_S = 10.0


@dataclass(slots=True)
class _Written:
    log: ContainerLog
    process: Process
    hidden: int = 0


class _Events(EventRecorder):
    """Events that get lost while the API server can't be reached."""

    is_heard: Callable[[], bool]

    def record(
        self, about: Object, kind: str, reason: str, message: str, *, path: str = ""
    ) -> None:
        """Write an event, if it is heard."""
        if self.is_heard():
            super().record(about, kind, reason, message, path=path)


class Node:
    """One node's shared parts."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.name = name
        self.cluster = cluster
        self.clock: Clock = cluster.world.clock
        self.runtime: Runtime = cluster.world.runtime
        self.logs: ContainerLogs = cluster.logs
        self.host_paths: HostPaths = cluster.world.host_paths
        self.ids: Ids = cluster.ids.stream(f"node-{name}")
        self.images = NodeImages(cluster.world.images, self.clock)
        self.events = _Events(
            cluster.store,
            self.clock,
            self.ids.stream("events"),
            component="kubelet",
            host=name,
        )
        self.events.is_heard = lambda: not self.is_lost
        self.directory: Path = cluster.world.directory / "kube_api" / "pods"
        self._phase = self.ids.uniform(0, _RELIST_S)
        self._addresses = itertools.count(5)
        self._written: list[_Written] = []

    @property
    def is_lost(self) -> bool:
        """Say whether node and API server can't reach each other."""
        return self.name in self.cluster.world.lost_nodes

    async def reachable(self) -> None:
        """Wait until the API server can be reached."""
        while self.is_lost:
            await asyncio.sleep(_LOOK_S)

    @property
    def obj(self) -> Object:
        """Return the Node object; an empty one when it has been deleted."""
        empty: Object = {"metadata": {"name": self.name}}
        return self.cluster.store.get("nodes", "", self.name) or empty

    def new_ip(self) -> str:
        """Return an address for a pod: of its own, and one that it can listen on."""
        number = next(self._addresses)
        return f"127.244.{number // 250 % 250}.{number % 250 + 1}"

    async def tick(self) -> None:
        """Wait for the next look at the container runtime."""
        passed = (self.clock.monotonic() - self._phase) % _RELIST_S
        await self.clock.lag(_RELIST_S - passed)

    async def settle(self) -> None:
        """Wait for the look after a container has started.

        At the fast pace a moment, too, so that what ends at once is never shown as
        running there either, and containers that start together are shown together.
        """
        if self.clock.pace is Pace.FAST:
            await self.clock.sleep(_SETTLE_S)
        else:
            await self.tick()

    async def pause(self) -> None:
        """Wait as the kubelet does before it tries a failed pod again: 10 to 15 s."""
        seconds = self.ids.uniform(10, 15)
        await self.clock.sleep(scaled(self.clock, seconds))

    def rotate(self, log: ContainerLog, process: Process) -> None:
        """Have a running container's log rotated when it grows too large."""
        self._written.append(_Written(log, process))

    async def rotate_logs(self) -> None:
        """Look at the logs of running containers every 10 s, for ever."""
        while True:
            pause = _ROTATE_S if self.clock.pace is Pace.REAL else _ROTATE_S / 100
            await asyncio.sleep(pause)
            self._written = [item for item in self._written if item.process.running]
            for item in self._written:
                if item.log.size - item.hidden > _ROTATE_AT:
                    item.hidden = item.log.size
                    item.log.rotate()

    def report_gap(self, pod: Object, message: str) -> None:
        """Record that a pod asked for what the simulator does not model."""
        self.cluster.world.gaps.record(
            "kubernetes",
            "RUN",
            f"pod {namespace_of(pod)}/{name_of(pod)}",
            user_agent="kubelet",
            message=message,
        )
