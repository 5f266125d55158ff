"""Tests of containers without HTTP: races that a client can cause."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from harness.simulator.docker_api.container import Container
from harness.simulator.docker_api.engine import Engine
from harness.simulator.docker_api.errors import (
    ApiError,
    ConflictError,
    NotFoundError,
    NotModifiedError,
)

from .conftest import Open


async def create(engine: Engine, *cmd: str, name: str = "", **body: Any) -> Container:
    """A created container."""
    return await engine.create_container(name, {"Image": "test", "Cmd": cmd, **body})


async def test_two_starts(engine: Open) -> None:
    """One starts it, the other finds it running."""
    async with engine() as e:
        container = await create(e, "sleep", "60")
        results = await asyncio.gather(
            *(e.containers.start(container) for _ in range(2)), return_exceptions=True
        )
        assert [type(r) for r in results] == [type(None), NotModifiedError]
        assert len(e.world.runtime.processes) == 1


async def test_removed_while_starting(engine: Open) -> None:
    """Nothing is left running: it is a conflict, or killed by force."""
    async with engine() as e:
        container = await create(e, "sleep", "60")
        starting = asyncio.create_task(e.containers.start(container))
        await asyncio.sleep(0)
        await e.containers.remove(container.id, force=True)
        await asyncio.wait([starting])
        assert not e.world.runtime.processes
        with pytest.raises(NotFoundError):
            e.containers.get(container.id)


async def test_two_removals(engine: Open) -> None:
    """The second is told that one is in progress, and later that there is nothing."""
    async with engine() as e:
        container = await create(e, "sleep", "60")
        await e.containers.start(container)
        first, second = await asyncio.gather(
            *(e.containers.remove(container.id, force=True) for _ in range(2)),
            return_exceptions=True,
        )
        assert first is None
        assert isinstance(second, ConflictError)
        assert "is already in progress" in str(second)
        with pytest.raises(NotFoundError):
            await e.containers.remove(container.id, force=True)


@pytest.mark.namespaces
async def test_killed_while_stopping(engine: Open) -> None:
    """A kill needn't wait for a stop's grace."""
    async with engine() as e:
        container = await create(e, "sleep", "60")
        await e.containers.start(container)
        stopping = asyncio.create_task(e.containers.stop(container, 60))
        await asyncio.sleep(0.05)
        await e.containers.kill(container.id, "KILL")
        await asyncio.wait_for(stopping, 5)
        assert container.state.exit_code == 137


async def test_wait_for_the_next_exit(engine: Open) -> None:
    """Of a container that has ended: the end of its next run."""
    async with engine() as e:
        container = await create(e, "sh", "-c", "test -e /tmp/x; exit 5")
        await e.containers.start(container)
        assert (await container.wait("")).exit_code == 5
        waiting = asyncio.create_task(container.wait("next-exit"))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await e.containers.start(container)
        assert (await waiting).exit_code == 5


async def test_wait_for_removal_is_told_the_code(engine: Open) -> None:
    """Not before it is removed."""
    async with engine() as e:
        container = await create(e, "sh", "-c", "exit 4")
        waiting = asyncio.create_task(container.wait("removed"))
        await e.containers.start(container)
        await container.wait("")
        await asyncio.sleep(0)
        assert not waiting.done()
        await e.containers.remove(container.id)
        assert (await waiting).exit_code == 4


async def test_failed_start_of_an_auto_removed_one(engine: Open) -> None:
    """It is gone, as with ``docker run --rm``."""
    async with engine() as e:
        container = await create(e, "/nope", HostConfig={"AutoRemove": True})
        with pytest.raises(ApiError, match="no such file or directory"):
            await e.containers.start(container)
        with pytest.raises(NotFoundError):
            e.containers.get(container.id)


async def test_failed_start_frees_its_network(engine: Open) -> None:
    """Or it could never be removed."""
    async with engine() as e:
        e.networks.create({"Name": "app"})
        host = {"NetworkMode": "app"}
        container = await create(e, "/nope", HostConfig=host)
        with pytest.raises(ApiError):
            await e.containers.start(container)
        e.networks.remove("app")


@pytest.mark.namespaces
async def test_names_lead_to_neighbours(engine: Open) -> None:
    """A container finds those of its network by name."""
    async with engine() as e:
        e.networks.create({"Name": "app"})
        host = {"NetworkMode": "app", "ExtraHosts": ["gw:host-gateway", "x:10.0.0.1"]}
        other = await create(e, "sleep", "60", name="database", HostConfig=host)
        await e.containers.start(other)
        container = await create(e, "cat", "/etc/hosts", HostConfig=host)
        await e.containers.start(container)
        await container.wait("")
        records = [r.data async for batch in container.log.read() for r in batch]
    lines = b"".join(records).decode().splitlines()
    assert "127.0.0.1\tdatabase" in lines
    assert "127.0.0.1\tgw" in lines
    assert "10.0.0.1\tx" in lines


async def test_volume_gets_the_images_files(engine: Open, tmp_path: Path) -> None:
    """An empty volume mounted over a directory of the image."""
    from harness.simulator.runtime import Image

    (tmp_path / "root" / "data").mkdir(parents=True)
    (tmp_path / "root" / "data" / "file").write_text("of the image")
    async with engine() as e:
        image = Image(name="full", root=tmp_path / "root", workdir="/app")
        e.world.images.register(image)
        binds = ["vol:/app/data", "other:/app/data2:nocopy"]
        body = {"Image": "full", "Cmd": ["cat", "data/file"]}
        body["HostConfig"] = {"Binds": binds}
        container = await e.create_container("", body)
        await e.containers.start(container)
        assert (await container.wait("")).exit_code == 0
        assert (e.volumes.get("vol").data / "file").read_text() == "of the image"


async def test_ten_restarts(engine: Open) -> None:
    """Each run has its own start, and one log."""
    async with engine() as e:
        container = await create(e, "sh", "-c", "echo run; exec sleep 60")
        for _ in range(10):
            await e.containers.restart(container, 0)
        await e.containers.kill(container.id, "KILL")
        found = [r.data async for batch in container.log.read() for r in batch]
    assert len(found) <= 10
    assert set(found) <= {b"run\n"}
    assert not e.world.runtime.processes


async def test_same_seed_same_ids(engine: Open, tmp_path: Path) -> None:
    """Ids and made-up names follow from the seed."""
    async with engine() as e:
        first = await create(e, "true")
        assert first.name == "youthful_idrisi" or first.name.count("_") == 1
        assert len(first.id) == 64
