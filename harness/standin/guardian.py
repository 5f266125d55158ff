"""Ends what a run started, also when the run itself was killed.

Started as ``python guardian.py``; reads commands from standard input, one a line, and
carries them out when that pipe closes. First every ``stop PID SIGNAL``: all are sent
their signal (0: none, they end by themselves) and, after a common time, SIGKILL. Then
every ``remove DIRECTORY``, the last first. Imports nothing but the standard library,
so that it starts in 20 ms.
"""

import contextlib
import os
import shutil
import signal
import sys
import time

PATIENCE_S = 6.0
KILLED_S = 2.0
LOOK_AGAIN_S = 0.01


class _Process:
    """A process that has this id now; another one that gets it later isn't meant."""

    def __init__(self, pid: int, signum: int) -> None:
        self._pid, self._signum = pid, signum
        self._born = _born(pid)

    def alive(self) -> bool:
        return bool(self._born) and _born(self._pid) == self._born

    def stop(self) -> None:
        self._send(self._signum)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, signum: int) -> None:
        if self.alive():
            with contextlib.suppress(OSError):
                os.kill(self._pid, signum)


def _born(pid: int) -> str:
    """When a process was started; "" if it isn't there (any more)."""
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123 (start-up time)
            state, *fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if state == "Z" else fields[18]


def _end(processes: list[_Process]) -> None:
    for process in reversed(processes):
        process.stop()
    deadline = time.monotonic() + PATIENCE_S
    while any(one.alive() for one in processes) and time.monotonic() < deadline:
        time.sleep(LOOK_AGAIN_S)
    for process in processes:
        process.kill()
    deadline += KILLED_S
    while any(one.alive() for one in processes) and time.monotonic() < deadline:
        time.sleep(LOOK_AGAIN_S)


def _remove(directory: str) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    if not os.path.lexists(directory):
        return
    # a worker may have left folders that not even their owner can look into
    for place, folders, _ in os.walk(directory):
        for folder in (f"{place}/{name}" for name in folders):
            if not os.path.islink(folder):  # noqa: PTH114 (a link may lead anywhere)
                with contextlib.suppress(OSError):
                    os.chmod(folder, 0o700)  # noqa: PTH101
    shutil.rmtree(directory, ignore_errors=True)


def main() -> None:
    """Wait for the end of standard input, then clear up."""
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, signal.SIG_IGN)  # the run decides when it is over
    processes: list[_Process] = []
    directories: list[str] = []
    for line in iter(sys.stdin.readline, ""):
        command, _, argument = line.rstrip("\n").partition(" ")
        if command == "stop":
            pid, number = argument.split()
            processes.append(_Process(int(pid), int(number)))
        elif command == "remove":
            directories.append(argument)
    _end(processes)
    for directory in reversed(directories):
        _remove(directory)


if __name__ == "__main__":
    main()
