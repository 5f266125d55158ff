"""Runs programs as containers, in namespaces where this machine has them."""

import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.simulator.clock import SystemClock
from harness.simulator.runtime import (
    STDERR,
    ContainerLog,
    Exit,
    Image,
    Isolation,
    Process,
    Runtime,
    Workload,
    isolation,
)
from harness.simulator.runtime.workload import DEFAULT_PATH


@dataclasses.dataclass(frozen=True)
class Ran:
    """What came of a program."""

    exit: Exit
    out: str
    err: str

    @property
    def code(self) -> int:
        """Its exit code."""
        return self.exit.code


class Containers:
    """Starts programs with few words."""

    def __init__(self, runtime: Runtime, clock: SystemClock, folder: Path) -> None:
        self.runtime = runtime
        self._clock = clock
        self._folder = folder
        self._count = 0

    async def start(self, *argv: str, **fields: Any) -> tuple[Process, ContainerLog]:
        """A running process and its log."""
        self._count += 1
        log = ContainerLog(self._folder / f"log-{self._count}", self._clock)
        fields.setdefault("image", Image(name="test"))
        fields.setdefault("env", {"PATH": DEFAULT_PATH})
        workload = Workload(argv=argv, **fields)
        return await self.runtime.start(workload, log), log

    async def run(self, *argv: str, **fields: Any) -> Ran:
        """A program from its start to its end."""
        process, log = await self.start(*argv, **fields)
        ended = await process.wait()
        records = [record async for batch in log.read() for record in batch]
        err = b"".join(r.data for r in records if r.stream == STDERR)
        out = b"".join(r.data for r in records if r.stream != STDERR)
        return Ran(ended, out.decode(), err.decode())

    async def sh(self, script: str, **fields: Any) -> Ran:
        """A shell script from its start to its end."""
        return await self.run("sh", "-c", script, **fields)


def alive(pid: int) -> bool:
    """It exists and isn't just waiting for init to take note of its end."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


Open = Callable[[], AbstractAsyncContextManager[Containers]]


@pytest.fixture(scope="session")
def isolated() -> Isolation:
    """What this machine allows, found out once."""
    return isolation.probe()


def _opener(folder: Path, clock: SystemClock, isolated: Isolation) -> Open:
    @asynccontextmanager
    async def opened() -> AsyncIterator[Containers]:
        runtime = Runtime(folder / "runtime", clock, isolated=isolated)
        try:
            yield Containers(runtime, clock, folder)
        finally:
            await runtime.close()

    return opened


@pytest.fixture
def containers(tmp_path: Path, clock: SystemClock, isolated: Isolation) -> Open:
    """A runtime in namespaces; skipped where there are none."""
    if isolated.kind is not isolation.Kind.NAMESPACES:
        pytest.skip(f"no namespaces here: {isolated.reason}")
    return _opener(tmp_path, clock, isolated)


@pytest.fixture
def plain_containers(tmp_path: Path, clock: SystemClock) -> Open:
    """A runtime as on a machine that forbids namespaces."""
    none = Isolation(isolation.Kind.NONE, "forbidden for the test")
    return _opener(tmp_path, clock, none)
