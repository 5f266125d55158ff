"""Starts workloads as real processes, in namespaces where this machine allows them.

runtime = Runtime(directory, clock)
process = await runtime.start(workload, ContainerLog(path, clock))
ended = await process.wait()
"""

import asyncio
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from harness.simulator.clock import Clock
from harness.simulator.runtime import isolation, layout, program, sandbox, users
from harness.simulator.runtime.filesystem import RootTree
from harness.simulator.runtime.handshake import Handshake
from harness.simulator.runtime.images import Image
from harness.simulator.runtime.isolation import Isolation
from harness.simulator.runtime.layout import Host, lay_out
from harness.simulator.runtime.log import ContainerLog
from harness.simulator.runtime.process import Process
from harness.simulator.runtime.removal import remove_tree
from harness.simulator.runtime.workload import StartError, StartFailure, Workload

MOUNTS_VARIABLE = "QFC_SIMULATOR_MOUNTS"
"""Without namespaces: JSON object of mount point to directory on this machine."""
MARKER_VARIABLE = "QFC_SIMULATOR_CONTAINER"
"""Without namespaces: tells a container's processes from all others."""

_UMASK = 0o022


class Runtime:
    """All containers of one simulator; ``close`` leaves nothing running."""

    def __init__(
        self, directory: Path, clock: Clock, *, isolated: Isolation | None = None
    ) -> None:
        self.isolation = isolated if isolated is not None else isolation.probe()
        self._clock = clock
        self._directory = directory
        self._host = Host(directory / "host")
        self._host.prepare()
        self._numbers = itertools.count(1)
        self._processes: set[Process] = set()
        self._keepers: set[asyncio.Task[None]] = set()

    @property
    def processes(self) -> frozenset[Process]:
        """Those that run."""
        return frozenset(self._processes)

    def image_tree(self, image: Image) -> RootTree:
        """The files of an image, to look at without starting anything."""
        return layout.image_tree(image, self._host)

    async def start(self, workload: Workload, log: ContainerLog) -> Process:
        """Run the program; it has been handed to the kernel when this returns.

        Raises StartError when it could not be run.
        """
        own = self._directory / f"container-{next(self._numbers)}"
        own.mkdir(parents=True)
        try:
            if self.isolation.kind is isolation.Kind.NAMESPACES:
                process = await self._start_sandboxed(workload, log, own)
            else:
                process = self._start_plain(workload, log, own)
        except BaseException:
            remove_tree(own)
            raise
        self._processes.add(process)
        keeper = asyncio.create_task(self._keep(process, own))
        self._keepers.add(keeper)
        keeper.add_done_callback(self._keepers.discard)
        return process

    def running(self, hostname: str) -> list[Process]:
        """The processes of containers with this host name."""
        return [one for one in self._processes if one.workload.hostname == hostname]

    async def close(self) -> None:
        """Kill every container and wait for its end."""
        for process in self._processes:
            process.kill()
        await asyncio.gather(*self._keepers)

    async def _keep(self, process: Process, own: Path) -> None:
        await process.wait()
        self._processes.discard(process)
        remove_tree(own)

    async def _start_sandboxed(
        self, workload: Workload, log: ContainerLog, own: Path
    ) -> Process:
        user = users.lookup(workload.user)
        env = {"HOME": user.home, **workload.env}
        tree = lay_out(workload, self._host, own)
        argv = _checked_argv(workload, tree, env)
        made, child = self._make_sandbox(workload, argv, tree, user=user, env=env)
        try:
            pid, pidfd = await made.wait()
        except StartError:
            raise
        except BaseException:
            child.kill()
            raise
        return Process(workload, log, self._clock, child=child, pid=pid, pidfd=pidfd)

    def _make_sandbox(
        self,
        workload: Workload,
        argv: tuple[str, ...],
        tree: RootTree,
        *,
        user: users.User,
        env: Mapping[str, str],
    ) -> "tuple[Handshake, subprocess.Popen[bytes]]":
        with Handshake.open() as (handshake, fds):
            command = sandbox.command(
                argv,
                tree,
                user=user,
                env=env,
                cwd=workload.cwd,
                hostname=workload.hostname,
                fds=fds,
            )
            child = self._popen(command, env, pass_fds=tuple(fds.values()))
        handshake.child = child
        return handshake, child

    def _start_plain(self, workload: Workload, log: ContainerLog, own: Path) -> Process:
        """Without namespaces: no mounts, so their directories are passed on."""
        user = users.lookup(workload.user)
        if user.uid != 0:
            raise StartError(
                StartFailure.UNSUPPORTED,
                workload.user,
                f"user {workload.user!r} needs user namespaces, which this machine "
                f"forbids ({self.isolation.reason})",
            )
        tree = lay_out(workload, self._host, own)
        env = {"HOME": str(own), **workload.env}
        program.check_cwd(tree, workload.cwd)
        program.find(tree, workload.argv[0], env=env, cwd=workload.cwd)
        mounts = {mount.target: str(mount.source) for mount in workload.mounts}
        marker = f"{os.getpid()}-{own.name}"
        env |= {
            "PATH": f"{self._host.bin}:{env.get('PATH', os.defpath)}",
            MOUNTS_VARIABLE: json.dumps(mounts),
            MARKER_VARIABLE: marker,
        }
        guard = shutil.which("setpriv")  # it dies with us even if we are killed
        line = [guard, "--pdeathsig", "KILL", "--"] if guard else []
        cwd = tree.resolve(workload.cwd).source
        if workload.cwd == workload.image.workdir and workload.image.root is not None:
            cwd = workload.image.root
        child = self._popen([*line, *workload.argv], env, cwd=cwd or own)
        return Process(
            workload,
            log,
            self._clock,
            child=child,
            pid=child.pid,
            pidfd=os.pidfd_open(child.pid),
            marker=f"{MARKER_VARIABLE}={marker}".encode(),
        )

    def _popen(
        self,
        command: list[str],
        env: Mapping[str, str],
        *,
        cwd: Path | None = None,
        pass_fds: tuple[int, ...] = (),
    ) -> "subprocess.Popen[bytes]":
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env=dict(env),
                cwd=cwd or "/",
                pass_fds=pass_fds,
                start_new_session=True,
                umask=_UMASK,
            )
        except (OSError, ValueError) as error:  # E2BIG; a NUL in argv or env
            raise StartError(
                StartFailure.NOT_EXECUTABLE, command[0], f"{command[0]}: {error}"
            ) from error


def _checked_argv(
    workload: Workload, tree: RootTree, env: Mapping[str, str]
) -> tuple[str, ...]:
    """What to run; raises StartError where runc would refuse."""
    program.check_cwd(tree, workload.cwd)
    found = program.find(tree, workload.argv[0], env=env, cwd=workload.cwd)
    refusal = program.kernel_refusal(tree, found)
    if refusal is None:
        return workload.argv
    return ("/bin/sh", "-c", 'echo "$1" >&2; exit 1', "", refusal)
