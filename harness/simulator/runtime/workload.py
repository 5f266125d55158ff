"""What to run, and how it ended: the records between the APIs and the runtime.

Both APIs turn their own objects (a container, a pod's container) into a `Workload`.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.simulator.runtime.images import Image

DEFAULT_SHM_SIZE = 64 * 2**20
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""``PATH`` where neither image nor client sets one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mount:
    """A file or directory of this machine, seen at ``target`` in the container."""

    source: Path
    target: str
    read_only: bool = False


class OomScope(enum.Enum):
    """What the kernel kills when a limit is reached."""

    CONTAINER = "container"  # Kubernetes on cgroup v2: memory.oom.group
    PROCESS = "process"  # Docker; Kubernetes on cgroup v1: the largest process


@dataclass(frozen=True, kw_only=True, slots=True)
class Workload:
    """One container's program, with all it is given."""

    image: Image
    argv: tuple[str, ...]
    """Entrypoint and command, already merged; never empty."""
    env: Mapping[str, str] = field(default_factory=dict)
    """All of it: nothing is inherited. HOME is added from the user where missing."""
    cwd: str = "/"
    user: str = ""
    """``uid``, ``uid:gid``, ``name`` or ``name:group``; empty means root."""
    hostname: str = "localhost"
    hosts: tuple[tuple[str, str], ...] = ()
    """(address, name) pairs added to ``/etc/hosts``."""
    mounts: tuple[Mount, ...] = ()
    tmpfs: Mapping[str, int] = field(default_factory=dict)
    """Mount point to size in bytes; 0 is unlimited."""
    shm_size: int = DEFAULT_SHM_SIZE
    memory_limit: int | None = None
    """Bytes; beyond it the container is killed."""
    oom_scope: OomScope = OomScope.CONTAINER
    cpu_weight: int | None = None
    """cgroup v1 shares (1024 is the default weight); told, not enforced."""
    cpu_quota: float | None = None
    """Cores; told, not enforced."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Small files made for this container alone: ``/.dockerenv``."""
    name: str = ""
    """For the simulator's own logging and for finding its processes."""


class StartFailure(enum.Enum):
    """Why a program could not be started."""

    NOT_FOUND = "not_found"  # the path doesn't exist
    NOT_IN_PATH = "not_in_path"  # a bare name that no directory of PATH has
    NOT_EXECUTABLE = "not_executable"
    IS_DIRECTORY = "is_directory"
    BAD_CWD = "bad_cwd"  # exists, but is no directory
    BAD_USER = "bad_user"  # no such user in the image
    BAD_GROUP = "bad_group"
    BAD_MOUNT = "bad_mount"  # source missing, or no place for the target
    MOUNT_MISMATCH = "mount_mismatch"  # a directory onto a file, or vice versa
    UNSUPPORTED = "unsupported"  # a gap of the simulator: answer 501


class StartError(Exception):
    """The program was never run.

    ``subject`` is what could not be used (a path, a user); the API writes the
    message in its own server's words. ``str()`` is for the simulator's log.
    """

    def __init__(self, kind: StartFailure, subject: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.subject = subject
        self.message = message


@dataclass(frozen=True, kw_only=True, slots=True)
class Exit:
    """How a container ended."""

    code: int
    """The program's exit code; 128 + n after signal n."""
    oom_killed: bool
    """A process of the container was killed for its memory."""
    started_at_ns: int
    finished_at_ns: int
