"""Enforces memory limits: watches a container's processes and kills as the kernel does.

There is no cgroup to ask, so a watcher reads ``/proc``. What counts is what a cgroup
can't reclaim: anonymous and shared pages and the files of the container's own tmpfs.
A program that takes its memory in one go overshoots by what it gets within a poll.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.simulator.runtime import tree
from harness.simulator.runtime.workload import OomScope

_POLL_S = 0.04
_POLL_NEAR_S = 0.01
_NEAR = 0.5  # share of the limit from which it looks more often


class MemoryWatch:
    """Watches one container until it has ended."""

    def __init__(
        self,
        limit: int,
        *,
        scope: OomScope,
        pids: Callable[[], list[int]],
        tmpfs: Sequence[Path],
        kill: Callable[[], None],
    ) -> None:
        self._limit = limit
        self._scope = scope
        self._pids = pids
        self._tmpfs = tmpfs
        self._kill = kill
        self.killed = False
        """A process was killed for its memory."""
        self.on_kill: Callable[[], None] = _ignore
        """Called before each kill."""

    async def run(self) -> None:
        """Until cancelled, or until the whole container was killed."""
        while True:
            used = self._used(tree.resident)
            if used > self._limit and self._used(tree.proportional) > self._limit:
                self.killed = True
                self.on_kill()
                if self._scope is OomScope.CONTAINER:
                    self._kill()
                    return
                await self._kill_largest()
            near = used > self._limit * _NEAR
            await asyncio.sleep(_POLL_NEAR_S if near else _POLL_S)

    def _used(self, measure: Callable[[int], tree.Memory]) -> int:
        each = [measure(pid) for pid in self._pids()]
        shared = sum(memory.shared for memory in each)
        # a mapped file of a tmpfs shows up in both: count it once
        files = sum(_used_by_files(path) for path in self._tmpfs)
        return sum(memory.anonymous for memory in each) + max(shared, files)

    async def _kill_largest(self) -> None:
        """As the kernel's OOM killer; its memory has to go before the next look."""
        pids = self._pids()
        if not pids:
            return
        victim = max(pids, key=lambda pid: tree.resident(pid).total)
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
        while victim in self._pids() and tree.resident(victim).total:
            await asyncio.sleep(_POLL_NEAR_S)


def _ignore() -> None:
    pass


def _used_by_files(path: Path) -> int:
    try:
        status = os.statvfs(path)
    except OSError:
        return 0
    return (status.f_blocks - status.f_bfree) * status.f_frsize
