"""What was seen of a worker, in the same words for both backends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """A state that a container, Job or pod went through."""

    at: datetime
    what: str
    """In the backend's own words: ``create``, ``die``, ``Pod Pending``, …"""
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MountGiven:
    """A mount that the wrapper asked for."""

    target: str
    kind: str
    """``bind``, ``volume``, ``claim``, ``hostPath``, ``emptyDir``, …"""
    source: str
    sub_path: str = ""
    read_only: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LogSeen:
    """A log: its size, and as much of it as is kept."""

    size: int
    head: bytes
    tail: bytes = b""
    whole: bool = True
    """Whether it was read to its end."""

    @property
    def text(self) -> str:
        """Head and tail, with a mark between them where something is missing."""
        cut = self.size - len(self.head) - len(self.tail)
        mark = f"\n… {cut} bytes …\n".encode() if cut else b""
        return (self.head + mark + self.tail).decode(errors="backslashreplace")


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerSeen:
    """One container, or one Job with its pods."""

    backend: str
    id: str
    """The container's id, or the Job's UID."""
    name: str
    image: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    args: tuple[str, ...] | None = None
    replaced_entrypoint: tuple[str, ...] | None = None
    """What was set in place of the image's ENTRYPOINT."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Given in plain sight of whoever may read the container or the Job."""
    env_sources: tuple[str, ...] = ()
    """Secrets and ConfigMaps that more of the environment comes from."""
    mounts: tuple[MountGiven, ...] = ()
    memory_limit: int | None = None
    memory_request: int | None = None
    cpu_weight: int | None = None
    """In cgroup v1 shares (1024 is Docker's default)."""
    cpu_cap: float | None = None
    """Cores."""
    pods: int = 0
    restarts: int = 0
    """Of their containers, by the kubelet."""
    states: tuple[State, ...] = ()
    exit_code: int | None = None
    oom_killed: bool = False
    ended: bool = False
    """Whether its end was seen, or it is known never to have run."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    removed: bool = False
    log: LogSeen | None = None
    objects: tuple[Mapping[str, Any], ...] = ()
    """As the API gave them, the last version of each."""
