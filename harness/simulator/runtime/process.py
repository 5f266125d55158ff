"""A running container: its PID 1, its pipes, its signals and its end."""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import IO

from harness.simulator.clock import Clock
from harness.simulator.runtime import tree
from harness.simulator.runtime.log import STDERR, STDOUT, ContainerLog
from harness.simulator.runtime.memory import MemoryWatch
from harness.simulator.runtime.workload import Exit, Workload

_DRAIN_S = 2.0  # how long a log may lag behind the end of its process


class Process:
    """One container's processes, from their start to their end.

    ``pid`` is the program's (PID 1 of the container) on this machine. ``child`` is
    what was started: bubblewrap, which passes the exit code on, or the program.
    """

    def __init__(
        self,
        workload: Workload,
        log: ContainerLog,
        clock: Clock,
        *,
        child: "subprocess.Popen[bytes]",
        pid: int,
        pidfd: int,
        marker: bytes | None = None,
    ) -> None:
        self.workload = workload
        self.pid = pid
        self.started_at_ns = clock.now_ns()
        self.exit: Exit | None = None
        """How it ended; None while it runs."""
        self._clock = clock
        self._log = log
        self._child = child
        self._marker = marker
        self._pidfd = pidfd
        self._ended = asyncio.get_running_loop().create_future()
        self._watch = self._memory_watch()
        self._tasks = [asyncio.create_task(self._watch.run())] if self._watch else []
        log.open()
        self._pipes = [
            _drain(child.stdout, STDOUT, log),
            _drain(child.stderr, STDERR, log),
        ]
        self._tasks.append(asyncio.create_task(self._finish()))

    @property
    def running(self) -> bool:
        """It has not ended, as far as is known."""
        return self.exit is None

    async def wait(self) -> Exit:
        """Until it has ended and its log is complete; any number may wait."""
        return await asyncio.shield(self._ended)

    def on_oom(self, callback: Callable[[], None]) -> None:
        """Have something called each time a process is killed for its memory."""
        if self._watch is not None:
            self._watch.on_kill = callback

    def signal(self, signum: int) -> None:
        """Send a signal to PID 1; nothing happens once it is gone.

        As in any PID namespace, PID 1 only gets signals it has a handler for,
        besides SIGKILL and SIGSTOP.
        """
        if self._pidfd >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signum)

    def kill(self) -> None:
        """SIGKILL to every process of the container."""
        self.signal(signal.SIGKILL)
        if self._marker is None:
            return  # the kernel ends a PID namespace with its PID 1
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def pids(self) -> list[int]:
        """All its processes as this machine numbers them, PID 1 first."""
        found = tree.descendants(self.pid)
        if self._marker is not None:
            found += [pid for pid in tree.marked(self._marker) if pid not in found]
        return found

    def _memory_watch(self) -> MemoryWatch | None:
        if self.workload.memory_limit is None:
            return None
        root = Path("/proc", str(self.pid), "root")
        own = ["dev/shm", *(path.lstrip("/") for path in self.workload.tmpfs)]
        return MemoryWatch(
            self.workload.memory_limit,
            scope=self.workload.oom_scope,
            pids=lambda: tree.descendants(self.pid),
            tmpfs=[root / path for path in own] if self._marker is None else [],
            kill=self.kill,
        )

    async def _finish(self) -> None:
        code = await _exit_code(self._child)
        finished_at_ns = self._clock.now_ns()
        if self._marker is not None:
            self.kill()  # what it left behind dies with it, as in a PID namespace
        await asyncio.wait(
            [asyncio.ensure_future(p) for p in self._pipes], timeout=_DRAIN_S
        )
        for task in self._tasks[:-1]:
            task.cancel()
        self._log.close()
        os.close(self._pidfd)
        self._pidfd = -1
        self.exit = Exit(
            code=code,
            oom_killed=self._watch is not None and self._watch.killed,
            started_at_ns=self.started_at_ns,
            finished_at_ns=finished_at_ns,
        )
        self._ended.set_result(self.exit)


async def _exit_code(child: "subprocess.Popen[bytes]") -> int:
    """The exit code once the child has ended; 128 + n after signal n."""
    ended = asyncio.get_running_loop().create_future()
    pidfd = os.pidfd_open(child.pid)
    asyncio.get_running_loop().add_reader(pidfd, _resolve, ended)
    try:
        await ended
    finally:
        asyncio.get_running_loop().remove_reader(pidfd)
        os.close(pidfd)
    code = child.wait()
    return code if code >= 0 else 128 - code


def _resolve(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


def _drain(
    pipe: IO[bytes] | None, stream: int, log: ContainerLog
) -> "asyncio.Future[None]":
    """Copy a pipe into the log; done when its last writer has closed it."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()
    assert pipe is not None
    fd = pipe.fileno()
    os.set_blocking(fd, False)

    def read() -> None:
        try:
            chunk = os.read(fd, 64 * 1024)
        except BlockingIOError:
            return
        if chunk:
            log.write(stream, chunk)
            return
        loop.remove_reader(fd)
        pipe.close()
        _resolve(ended)

    loop.add_reader(fd, read)
    return ended
