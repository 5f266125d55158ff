"""Files in and out of a container, as tar: how volumes are filled."""

import io
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..recorder import Recorder
from ..wire import Api
from .conftest import Creator

pytestmark = pytest.mark.recorded("docker-20.10")

_TAR = {"Content-Type": "application/x-tar"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A directory that the engine's host has, too."""
    with tempfile.TemporaryDirectory(prefix="qfc-conf-") as path:
        Path(path).chmod(0o755)
        yield Path(path)


def _tar(**files: str) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            member.mode = 0o640
            tar.addfile(member, io.BytesIO(text.encode()))
    return data.getvalue()


def _listed(raw: bytes) -> list[list[object]]:
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        return sorted([m.name, m.isdir(), m.size, oct(m.mode & 0o7777)] for m in tar)


def test_put_and_get(docker: Api, see: Recorder, create: Creator, folder: Path) -> None:
    """Into a mount of a container that was never started, and out again."""
    name = create("cat /io/one", HostConfig={"Binds": [f"{folder}:/io"]})
    path = f"/containers/{name}/archive?path="
    put = docker("PUT", f"{path}/io", _tar(one="1\n", two="22\n"), headers=_TAR)
    see("put", [put.status, put.body])
    see("on the host", sorted(each.name for each in folder.iterdir()))
    see("directory", _listed(docker("GET", f"{path}/io").raw))
    one = docker("GET", f"{path}/io/one")
    see("file", _listed(one.raw))
    see("type", one.headers["Content-Type"])
    head = docker("HEAD", f"{path}/io/one")
    see("stat", [head.status, "X-Docker-Container-Path-Stat" in head.headers])


def test_refused(docker: Api, see: Recorder, create: Creator, folder: Path) -> None:
    """Paths that aren't there, or are something else."""
    (folder / "file").write_text("x")
    binds = [f"{folder}:/io", f"{folder}:/ro:ro"]
    name = create("true", HostConfig={"Binds": binds})
    path = f"/containers/{name}/archive?path="
    see("get missing", docker("GET", f"{path}/io/nope"))
    see("head missing", docker("HEAD", f"{path}/io/nope").status)
    tar = _tar(a="1")
    for where in ("/io/nope", "/io/file", "/ro"):
        put = docker("PUT", f"{path}{where}", tar, headers=_TAR)
        see(f"put {where}", [put.status, put.body])
    empty = docker("PUT", f"{path}/io", b"junk", headers=_TAR)
    see("put junk", empty.status)
    see("no path", docker("GET", f"/containers/{name}/archive"))
    nobody = docker("PUT", "/containers/nope/archive?path=/", tar, headers=_TAR)
    see("no container", [nobody.status, nobody.body])
