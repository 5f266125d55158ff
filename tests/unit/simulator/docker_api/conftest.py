"""An engine without HTTP, and a whole simulator for clients."""

import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from harness.simulator.clock import SystemClock
from harness.simulator.docker_api.engine import Engine
from harness.simulator.ids import Ids
from harness.simulator.runtime import Image, Images, Isolation, Runtime, isolation
from harness.simulator.world import Gaps, HostPaths, World

Open = Callable[[], AbstractAsyncContextManager[Engine]]


@pytest.fixture(scope="session")
def isolated() -> Isolation:
    """What this machine allows, found out once."""
    return isolation.probe()


@pytest.fixture
def engine(tmp_path: Path, clock: SystemClock, ids: Ids, isolated: Isolation) -> Open:
    """An engine with the image ``test``, closed at the end of its block."""

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[Engine]:
        folder = tmp_path / "sim"
        world = World(
            directory=folder,
            runtime=Runtime(folder / "runtime", clock, isolated=isolated),
            images=Images(),
            clock=clock,
            ids=ids,
            gaps=Gaps(clock),
            host_paths=HostPaths(folder / "nodes"),
            admin_token="secret",
        )
        world.images.register(Image(name="test", cmd=("true",)))
        made = Engine(world)
        try:
            yield made
        finally:
            await world.runtime.close()
            await made.lifecycle.close()

    return opened


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The ready line of a simulator at the fast pace, with the image ``test``."""
    folder = tmp_path_factory.mktemp("simulator")
    command = [sys.executable, "-m", "harness.simulator", "--dir", str(folder)]
    with subprocess.Popen(
        [*command, "--pace", "fast"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        _register(ready, "test:latest")
        yield ready
        process.stdin.close()
        assert process.wait(timeout=10) == 0


def _register(ready: dict[str, Any], name: str) -> None:
    import requests

    kubernetes = ready["kubernetes"]
    answer = requests.put(
        f"{kubernetes['url']}/_simulator/images/{name}",
        json={"cmd": ["true"], "labels": {"of": "image"}},
        headers={"Authorization": f"Bearer {kubernetes['admin_token']}"},
        verify=kubernetes["ca_file"],
        timeout=10,
    )
    answer.raise_for_status()
