"""Tests of files in and out: what must not leave a mount."""

import io
import tarfile
from pathlib import Path

import pytest

from harness.simulator.docker_api import archive
from harness.simulator.docker_api.container import Container
from harness.simulator.docker_api.engine import Engine
from harness.simulator.docker_api.errors import ApiError, GapError

from .conftest import Open


def tar(*members: tarfile.TarInfo) -> bytes:
    """An archive of empty members."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as file:
        for member in members:
            file.addfile(member)
    return data.getvalue()


def link(name: str, target: str) -> tarfile.TarInfo:
    """A symbolic link."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    return member


async def create(engine: Engine, folder: Path) -> Container:
    """A container with the folder mounted at /io."""
    host = {"Binds": [f"{folder}:/io", "vol:/io/vol"]}
    return await engine.create_container("", {"Image": "test", "HostConfig": host})


@pytest.mark.parametrize(
    "member", [tarfile.TarInfo("../out"), tarfile.TarInfo("a/../../out")]
)
async def test_path_that_leads_out(
    engine: Open, tmp_path: Path, member: tarfile.TarInfo
) -> None:
    """Nothing is written beside the mount."""
    folder = tmp_path / "io"
    folder.mkdir()
    async with engine() as e:
        container = await create(e, folder)
        with pytest.raises(ApiError, match="outside of the extraction point"):
            archive.unpack(e, container, "/io", tar(member))
    assert not (tmp_path / "out").exists()


async def test_link_that_leads_out(engine: Open, tmp_path: Path) -> None:
    """Refused as a gap: in a real container it would stay within its files."""
    folder = tmp_path / "io"
    folder.mkdir()
    async with engine() as e:
        container = await create(e, folder)
        with pytest.raises(GapError):
            archive.unpack(e, container, "/io", tar(link("x", "/etc")))
        archive.unpack(e, container, "/io", tar(link("inside", "file")))
    assert (folder / "inside").is_symlink()


async def test_nested_mount(engine: Open, tmp_path: Path) -> None:
    """The longest mount has the file."""
    folder = tmp_path / "io"
    folder.mkdir()
    async with engine() as e:
        container = await create(e, folder)
        archive.unpack(e, container, "/io/vol", tar(tarfile.TarInfo("file")))
        assert (e.volumes.get("vol").data / "file").exists()


async def test_outside_of_mounts(engine: Open, tmp_path: Path) -> None:
    """A gap: the container's own files are in its memory."""
    folder = tmp_path / "io"
    folder.mkdir()
    async with engine() as e:
        container = await create(e, folder)
        with pytest.raises(GapError, match="outside its mounts"):
            archive.pack(e, container, "/etc/passwd")
