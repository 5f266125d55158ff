"""Gives a freshly forked process a root of its own, in which the usual places work.

The docker socket, a pod's ServiceAccount files, a mounted claim: wrappers look for
them at fixed paths. The process gets a mount namespace with the host's directories,
other ``/run`` and ``/tmp``, and the binds that it is told. Needs user namespaces, or
root with ``CAP_SYS_ADMIN``; there must be only one thread.
"""

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_RDONLY, MS_REMOUNT, MS_BIND = 0x1, 0x20, 0x1000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
KEPT_FLAGS = (
    os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC | os.ST_NOATIME | os.ST_NODIRATIME
)
"""Flags of statvfs, which have the values that mount takes."""
REPLACED = {"run", "tmp", "srv", "mnt", "media"}
"""Directories of the root that begin empty."""

_libc = ctypes.CDLL(None, use_errno=True)


class SandboxError(OSError):
    """The kernel doesn't allow it; the message says which call failed."""


def _check(result: int, call: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise SandboxError(number, f"{call}: {os.strerror(number)}")


def _mount(source: str, target: str, kind: str, flags: int) -> None:
    encoded = [text.encode() if text else None for text in (source, target, kind)]
    result = _libc.mount(*encoded, ctypes.c_ulong(flags), None)
    _check(result, f"mount {source} on {target}")


def enter(root: Path, binds: Sequence[tuple[str, str, bool]]) -> None:
    """Change this process's root.

    :param root: an empty directory, on which the new root is mounted
    :param binds: source on the host, target, whether it is read-only
    :raises SandboxError: the kernel doesn't allow it
    """
    user, group = os.geteuid(), os.getegid()
    privileged = user == 0
    flags = CLONE_NEWNS if privileged else CLONE_NEWNS | CLONE_NEWUSER
    _check(_libc.unshare(flags), "unshare")
    if not privileged:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _mount("", "/", "", MS_REC | MS_PRIVATE)
    _mount("tmpfs", str(root), "tmpfs", 0)
    for entry in sorted(Path("/").iterdir()):
        _take_over(entry, root / entry.name)
    (root / "tmp").chmod(0o1777)
    for source, target, read_only in binds:
        _bind(source, root, target, read_only=read_only)
    os.chroot(root)
    os.chdir("/")


def _take_over(entry: Path, target: Path) -> None:
    """Have the new root show what the old one has."""
    if entry.is_symlink():
        target.symlink_to(entry.readlink())
    elif entry.name in REPLACED:
        target.mkdir()
    elif entry.is_dir():
        target.mkdir()
        _mount(str(entry), str(target), "", MS_BIND | MS_REC)


def _bind(source: str, root: Path, target: str, *, read_only: bool) -> None:
    # /var/run is a link to /run: on the way through it the host's must not be meant
    place = root / str(Path(target).resolve()).lstrip("/")
    if Path(source).is_dir():
        place.mkdir(parents=True, exist_ok=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    _mount(source, str(place), "", MS_BIND | MS_REC)
    if read_only:
        # what the source is mounted without, a user namespace may not take back
        kept = os.statvfs(place).f_flag & KEPT_FLAGS
        _mount("", str(place), "", MS_BIND | MS_REMOUNT | MS_RDONLY | kept)
