"""What the two APIs of one simulator share, handed to each when it is made.

``docker_api.server.make_app(world)`` and ``kube_api.server.make_app(world)`` return
the aiohttp applications that ``server`` serves.
"""

import collections
import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from harness.simulator.clock import Clock, rfc3339_micro
from harness.simulator.ids import Ids
from harness.simulator.runtime import Images, Runtime


class Gap(NamedTuple):
    """A request, or a part of one, that the simulator doesn't model."""

    api: str
    """``docker`` or ``kubernetes``."""
    method: str
    path: str
    user_agent: str
    time: str
    message: str


_MOST_GAPS = 1000


class Gaps:
    """The last gaps met: a cell that met one proves nothing and ends as *error*."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._met: collections.deque[Gap] = collections.deque(maxlen=_MOST_GAPS)

    def record(
        self, api: str, method: str, path: str, *, user_agent: str, message: str
    ) -> None:
        """Remember a request that was answered 501."""
        time = rfc3339_micro(self._clock.now_ns())
        self._met.append(Gap(api, method, path, user_agent, time, message))

    def clear(self) -> None:
        """Forget them."""
        self._met.clear()

    def as_json(self) -> list[dict[str, str]]:
        """In the order they were met."""
        return [gap._asdict() for gap in self._met]


class HostPaths:
    """Where the paths of other machines lie on this one.

    A path of the Docker daemon's host is the same here unless it was mapped; one of
    a Kubernetes node lies below the simulator's directory unless it was mapped.
    """

    def __init__(self, nodes: Path) -> None:
        self._nodes = nodes
        self._docker: dict[str, str] = {}
        self._by_node: dict[str, dict[str, str]] = {}

    def map_docker(self, paths: Mapping[str, str]) -> None:
        """Replace the mapping for the Docker daemon's host."""
        self._docker = dict(paths)

    def map_node(self, node: str, paths: Mapping[str, str]) -> None:
        """Replace the mapping for one node; ``*`` is every node without its own."""
        self._by_node[node] = dict(paths)

    def on_docker_host(self, path: str) -> Path:
        """The directory here that the daemon's host has at ``path``."""
        return _mapped(path, self._docker) or Path(path)

    def on_node(self, node: str, path: str) -> Path:
        """The directory here that a node has at ``path``; it need not exist."""
        mapping = self._by_node.get(node, self._by_node.get("*", {}))
        found = _mapped(path, mapping)
        if found is not None:
            return found
        relative = posixpath.normpath("/" + path.lstrip("/")).lstrip("/")
        return self._nodes / node / relative


class LostNodes:
    """Nodes that nothing is heard of: their kubelets work on, but reach nobody."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._listeners: list[Callable[[str], None]] = []

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def listen(self, listener: Callable[[str], None]) -> None:
        """Have it called with the name of each node that is lost or comes back."""
        self._listeners.append(listener)

    def lose(self, name: str) -> None:
        """From now on nothing is heard of it, nor does it hear."""
        self._names.add(name)
        self._tell(name)

    def find(self, name: str) -> None:
        """It is back."""
        self._names.discard(name)
        self._tell(name)

    def _tell(self, name: str) -> None:
        for listener in self._listeners:
            listener(name)


def _mapped(path: str, mapping: Mapping[str, str]) -> Path | None:
    """By the longest prefix; whole path components only."""
    wanted = PurePosixPath(posixpath.normpath(path))
    for prefix in sorted(mapping, key=len, reverse=True):
        if wanted.is_relative_to(prefix):
            return Path(mapping[prefix]) / wanted.relative_to(prefix)
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """One simulator."""

    directory: Path
    """0700, its own, removed at the end: each API uses a folder of its name in it."""
    runtime: Runtime
    images: Images
    clock: Clock
    ids: Ids
    gaps: Gaps
    host_paths: HostPaths
    lost_nodes: LostNodes = field(default_factory=LostNodes)
    injected: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By namespace, what a mutating webhook adds to the spec of each Job's pod."""
    admin_token: str = field(repr=False)
    """Bearer token of the Kubernetes administrator and of the control API."""
