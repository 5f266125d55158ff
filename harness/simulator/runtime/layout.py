"""Lays out a container's file system: this machine's programs as its image.

Of this machine a container sees the operating system (``/usr``, ``/lib``, a few files
of ``/etc``) and the interpreter that runs the simulator, all read-only; of the image
the folder that was registered, at the working directory. Not ``/home``, ``/root``,
``/run``, ``/var``.
"""

import functools
import shlex
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from harness.simulator.runtime import users
from harness.simulator.runtime.filesystem import (
    Bind,
    Directory,
    Layer,
    Link,
    RootTree,
    Tmpfs,
)
from harness.simulator.runtime.images import Image
from harness.simulator.runtime.workload import StartError, StartFailure, Workload

_SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "nix", "gnu")
_USR = ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "libexec", "share")
_ETC_COPIED = (  # what programs need of the system's configuration; no secrets
    "debian_version",
    "ld.so.cache",
    "ld.so.conf",
    "localtime",
    "mime.types",
    "nsswitch.conf",
    "os-release",
    "protocols",
    "resolv.conf",
    "services",
)
_ETC_FOLDERS = ("alternatives", "fonts", "ld.so.conf.d", "pki", "ssl")
_EMPTY = ("home", "media", "mnt", "opt", "run", "srv", "var", "var/tmp", "root", "tmp")
_MODES = {"tmp": 0o1777, "var/tmp": 0o1777, "root": 0o700}
_BIN = "/usr/local/sbin"
"""First in the default PATH and empty in nearly every image: python3 goes there."""

_CGROUP = "/sys/fs/cgroup"


@dataclass(frozen=True, slots=True)
class Host:
    """What of this machine stands in for an image; made once for a simulator."""

    directory: Path
    """For the files written here; 0700, removed by its owner."""
    interpreter: Path = field(default_factory=lambda: Path(sys.executable))
    prefixes: tuple[Path, ...] = field(
        default_factory=lambda: tuple(
            {Path(p): None for p in (sys.prefix, sys.base_prefix)}
        )
    )

    def prepare(self) -> None:
        """Write the files that all containers share."""
        self.bin.mkdir(parents=True, exist_ok=True)
        program = shlex.quote(str(self.interpreter))
        for name in ("python3", "python"):
            script = self.bin / name
            # a script, no link: a linked interpreter wouldn't find its own prefix
            script.write_text(f'#!/bin/sh\nexec {program} "$@"\n')
            script.chmod(0o755)
        self.etc.mkdir(exist_ok=True)
        for name in _ETC_COPIED:
            path = Path("/etc", name)
            if path.is_file():
                shutil.copyfile(path, self.etc / name)
        for name in _ETC_FOLDERS:
            if Path("/etc", name).is_dir():
                (self.etc / name).mkdir(exist_ok=True)
        (self.etc / "passwd").write_text(users.PASSWD)
        (self.etc / "group").write_text(users.GROUP)
        (self.etc / "mtab").symlink_to("/proc/mounts")
        for name in ("hosts", "hostname"):  # each container has its own
            (self.etc / name).touch()

    @property
    def etc(self) -> Path:
        """What is ``/etc`` in every container."""
        return self.directory / "etc"

    @property
    def bin(self) -> Path:
        """The folder with ``python3``."""
        return self.directory / "bin"


def image_tree(image: Image, host: Host) -> RootTree:
    """What the image alone is: without mounts, and without a container's own files."""
    tree = RootTree(_system_tree(host))
    for prefix in image.python:
        tree.add(str(prefix), Layer(prefix))
    if image.root is not None:
        tree.add_folder(image.workdir, image.root)
    return tree


def lay_out(workload: Workload, host: Host, own: Path) -> RootTree:
    """The container's file system; ``own`` takes the files made for it alone.

    Raises StartError where a mount has no source or no place.
    """
    try:
        tree = image_tree(workload.image, host)
        _add_own_files(tree, workload, own)
        _add_mounts(tree, workload)
        if not tree.resolve(workload.cwd).exists:
            tree.add(workload.cwd, Directory())  # as runc makes it
    except OSError as error:
        where = str(error.filename)
        message = f"cannot lay out the container's files: {error}"
        raise StartError(StartFailure.BAD_MOUNT, where, message) from error
    return tree


@functools.cache
def _system_tree(host: Host) -> RootTree:
    """The part that is the same for all images."""
    tree = RootTree()
    for name in _SYSTEM:
        _add_host(tree, Path("/", name))
    tree.add("/usr", Directory())
    for name in _USR:
        _add_host(tree, Path("/usr", name))
    for name in ("local/bin", "local/lib", "src"):
        tree.add(f"/usr/{name}", Directory())
    for name in _EMPTY:
        tree.add(f"/{name}", Directory(_MODES.get(name, 0o755)))
    for prefix in host.prefixes:
        if prefix == Path("/usr"):
            _add_host(tree, Path("/usr/local/lib"))  # where Debian's pip installs
        elif tree.resolve(str(prefix)).source is None:
            tree.add(str(prefix), Layer(prefix))
    tree.add(_BIN, Layer(host.bin))
    tree.add("/etc", Layer(host.etc))
    for name in _ETC_FOLDERS:
        path = Path("/etc", name)
        if path.is_dir():
            tree.add(str(path), Layer(path.resolve()))
    return tree


def _add_host(tree: RootTree, path: Path) -> None:
    if path.is_symlink():
        tree.add(str(path), Link(str(path.readlink())))
    elif path.is_dir():
        tree.add(str(path), Layer(path))


def _add_own_files(tree: RootTree, workload: Workload, own: Path) -> None:
    for name, data in workload.files.items():
        tree.add(name, Layer(_write(own, f"file{name}", data)))
    tree.add(_CGROUP, Layer(_cgroup(workload, own)))
    names = ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback"]
    names += [f"127.0.0.1\t{workload.hostname}"]
    names += [f"{address}\t{name}" for address, name in workload.hosts]
    hosts = "".join(f"{line}\n" for line in names)
    tree.add("/etc/hosts", Layer(_write(own, "hosts", hosts.encode())))
    hostname = f"{workload.hostname}\n".encode()
    tree.add("/etc/hostname", Layer(_write(own, "hostname", hostname)))


def _add_mounts(tree: RootTree, workload: Workload) -> None:
    tree.add("/dev/shm", Tmpfs(workload.shm_size))  # noqa: S108 a mount point
    for target, size in workload.tmpfs.items():
        tree.add(target, Tmpfs(size))
    # shorter targets first: a mount must not hide one that lies within it
    for mount in sorted(workload.mounts, key=lambda m: m.target.count("/")):
        if not mount.source.exists():
            raise StartError(
                StartFailure.BAD_MOUNT,
                str(mount.source),
                f"nothing is mounted at {mount.target}: {mount.source} does not exist",
            )
        place = tree.resolve(mount.target)
        if place.exists and place.is_dir is not mount.source.is_dir():
            raise StartError(
                StartFailure.MOUNT_MISMATCH,
                mount.target,
                f'error mounting "{mount.source}" to rootfs at "{mount.target}": mount '
                f"{mount.source}:{mount.target} (via /proc/self/fd/6), flags: 0x5000: "
                "not a directory",
            )
        tree.add(mount.target, Bind(mount.source, mount.read_only))


def cgroup_v2(workload: Workload) -> dict[str, str]:
    """The files of the container's cgroup, as runc would have set them."""
    limit = workload.memory_limit
    shares = workload.cpu_weight or 1024
    # runc's ConvertCPUSharesToCgroupV2Value; 100 is the kernel's default weight
    weight = 1 + (max(shares, 2) - 2) * 9999 // 262142 if workload.cpu_weight else 100
    quota = workload.cpu_quota
    return {
        "cgroup.controllers": "cpu memory pids\n",
        "memory.max": f"{limit // 4096 * 4096}\n" if limit else "max\n",
        "memory.swap.max": "max\n",
        "cpu.weight": f"{weight}\n",
        "cpu.max": f"{round(quota * 100_000)} 100000\n" if quota else "max 100000\n",
        "pids.max": "max\n",
    }


def _cgroup(workload: Workload, own: Path) -> Path:
    folder = own / "cgroup"
    folder.mkdir()
    for name, text in cgroup_v2(workload).items():
        (folder / name).write_text(text)
    return folder


def _write(own: Path, name: str, data: bytes) -> Path:
    path = own / name.strip("/").replace("/", "_")
    path.write_bytes(data)
    return path
