"""Tests of containers where namespaces are forbidden: plain processes."""

import asyncio
import json
from pathlib import Path

import pytest

from harness.simulator.runtime import Image, Mount, StartError, StartFailure

from .conftest import Open, alive


async def test_mounts_are_passed_on(plain_containers: Open, tmp_path: Path) -> None:
    """As a variable, since they can't be made."""
    mount = Mount(source=tmp_path, target="/io")
    async with plain_containers() as c:
        ran = await c.sh('echo "$QFC_SIMULATOR_MOUNTS"', mounts=(mount,))
    assert json.loads(ran.out) == {"/io": str(tmp_path)}


async def test_runs_in_the_image(plain_containers: Open, tmp_path: Path) -> None:
    """The working directory is the image's folder, python3 the harness's own."""
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "entrypoint.py").write_text("import aiohttp; print('ran')")
    image = Image(name="x", root=tmp_path / "root", workdir="/usr/src/app")
    async with plain_containers() as c:
        ran = await c.run("python3", "entrypoint.py", image=image, cwd="/usr/src/app")
    assert (ran.code, ran.out) == (0, "ran\n"), ran.err


async def test_no_environment_leaks(
    plain_containers: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what was given, and what the runtime adds."""
    monkeypatch.setenv("QFC_LEAK", "1")
    async with plain_containers() as c:
        ran = await c.run("env", env={"PATH": "/usr/bin:/bin", "A": "1"})
    names = {line.partition("=")[0] for line in ran.out.splitlines()}
    added = {"QFC_SIMULATOR_MOUNTS", "QFC_SIMULATOR_CONTAINER"}
    assert names == {"PATH", "HOME", "A", *added}


async def test_daemons_end_too(plain_containers: Open) -> None:
    """What a program leaves running dies with it, as in a container."""
    async with plain_containers() as c:
        script = "setsid sh -c 'sleep 62 & sleep 63' & sleep 0.3; exit 4"
        process, _ = await c.start("sh", "-c", script)
        await asyncio.sleep(0.15)
        pids = process.pids()
        assert len(pids) >= 4
        assert (await process.wait()).code == 4
    assert not [pid for pid in pids if alive(pid)]


async def test_kill_reaches_all(plain_containers: Open) -> None:
    """Not only the program."""
    async with plain_containers() as c:
        process, _ = await c.start("sh", "-c", "setsid sleep 64 & sleep 65")
        await asyncio.sleep(0.1)
        pids = process.pids()
        process.kill()
        assert (await process.wait()).code == 137
    assert not [pid for pid in pids if alive(pid)]


async def test_start_errors_are_told_apart(plain_containers: Open) -> None:
    """As in namespaces."""
    async with plain_containers() as c:
        with pytest.raises(StartError) as missing:
            await c.run("/nope")
        with pytest.raises(StartError) as directory:
            await c.run("/etc")
    assert missing.value.kind is StartFailure.NOT_FOUND
    assert directory.value.kind is StartFailure.IS_DIRECTORY


async def test_another_user_is_refused(plain_containers: Open) -> None:
    """It can't be done, and isn't pretended."""
    async with plain_containers() as c:
        with pytest.raises(StartError, match="needs user namespaces") as caught:
            await c.run("id", user="1000")
    assert caught.value.kind is StartFailure.UNSUPPORTED


async def test_memory_limit_kills(plain_containers: Open) -> None:
    """The limit holds without namespaces, too."""
    eat = "x = bytearray(200 * 2**20); import time; time.sleep(30)"
    async with plain_containers() as c:
        ran = await c.run("python3", "-c", eat, memory_limit=100 * 2**20)
    assert (ran.code, ran.exit.oom_killed) == (137, True)
