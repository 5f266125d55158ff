"""Binds, mounts, volumes and tmpfs: how they are read, and what they do."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..recorder import Recorder
from ..wire import Api, frames
from .conftest import IMAGE, LABEL, Creator

pytestmark = pytest.mark.recorded("docker-20.10")


@pytest.fixture
def folder(see: Recorder) -> Iterator[Path]:
    """A directory that the engine's host has, too."""
    path = Path("/tmp") / f"qfc-conf-{os.getpid()}-{uuid.uuid4().hex[:6]}"
    path.mkdir(mode=0o755)
    see.name(str(path), "folder")
    yield path
    shutil.rmtree(path)


@pytest.fixture
def volume(create: Creator) -> str:
    """A name for a volume."""
    return create.volume()


def _made(docker: Api, see: Recorder, create: Creator, host: dict[str, Any]) -> None:
    name = create.name()
    body = {"Image": IMAGE, "Labels": {LABEL: "1"}, "HostConfig": host}
    made = docker("POST", f"/containers/create?name={name}", body)
    see("create", made)
    if made.status == 201:
        found = docker("GET", f"/containers/{name}/json").body
        mounts = sorted(found["Mounts"], key=lambda mount: mount["Destination"])
        for mount in mounts:
            if mount["Type"] == "volume":
                mount["Source"] = "<storage>" if mount["Source"] else ""
        see("mounts", mounts)
        see("binds", found["HostConfig"]["Binds"])


@pytest.mark.parametrize(
    "bind",
    [
        "{folder}:/io",
        "{folder}:/io:ro",
        "{folder}:/io:rw",
        "{folder}:/io:z",
        "{folder}:/io:nope",
        "{folder}:/io/../x",
        "{folder}:relative",
        "{folder}:/",
        "{folder}/new:/io",
        "relative/path:/io",
        "{volume}:/io",
        "{volume}:/io:ro",
        "{volume}:/io:nocopy",
        "a:/io",
        "/io",
        ":/io",
        "a:b:c:d",
        "",
    ],
)
def test_bind_form(
    docker: Api,
    see: Recorder,
    create: Creator,
    folder: Path,
    volume: str,
    bind: str,
) -> None:
    """The forms of ``-v``."""
    text = bind.format(folder=folder, volume=volume)
    _made(docker, see, create, {"Binds": [text]})
    see("made on the host", sorted(path.name for path in folder.iterdir()))


@pytest.mark.parametrize(
    "mount",
    [
        {"Type": "bind", "Source": "{folder}", "Target": "/io"},
        {"Type": "bind", "Source": "{folder}", "Target": "/io", "ReadOnly": True},
        {"Type": "bind", "Source": "{folder}/new", "Target": "/io"},
        {"Type": "bind", "Source": "relative", "Target": "/io"},
        {"Type": "bind", "Source": "{folder}", "Target": "relative"},
        {"Type": "bind", "Source": "{folder}", "Target": ""},
        {"Type": "bind", "Target": "/io"},
        {"Type": "bind", "Source": "{folder}", "Target": "/"},
        {"Type": "bind", "Source": "{folder}", "Target": "/io", "TmpfsOptions": {}},
        {"Type": "volume", "Source": "{volume}", "Target": "/io"},
        {"Type": "volume", "Source": "{volume}", "Target": "/io", "ReadOnly": True},
        {"Type": "volume", "Source": "bad name", "Target": "/io"},
        {"Type": "volume", "Target": "/io"},
        {"Type": "tmpfs", "Target": "/scratch"},
        {
            "Type": "tmpfs",
            "Target": "/scratch",
            "TmpfsOptions": {"SizeBytes": 1048576, "Mode": 448},
        },
        {"Type": "tmpfs", "Source": "x", "Target": "/scratch"},
        {"Type": "nope", "Source": "x", "Target": "/io"},
    ],
    ids=lambda mount: "-".join(str(value) for value in mount.values())[:50],
)
def test_mount_form(
    docker: Api,
    see: Recorder,
    create: Creator,
    folder: Path,
    volume: str,
    mount: dict[str, Any],
) -> None:
    """The forms of ``--mount``, which never makes a missing directory."""
    given = {
        key: value.format(folder=folder, volume=volume)
        if isinstance(value, str)
        else value
        for key, value in mount.items()
    }
    _made(docker, see, create, {"Mounts": [given]})
    see("made on the host", sorted(path.name for path in folder.iterdir()))


def test_duplicate_target(
    docker: Api, see: Recorder, create: Creator, folder: Path
) -> None:
    """Two mounts of one target."""
    _made(docker, see, create, {"Binds": [f"{folder}:/io", f"{folder}:/io"]})
    mount = {"Type": "bind", "Source": str(folder), "Target": "/io"}
    _made(docker, see, create, {"Binds": [f"{folder}:/io"], "Mounts": [mount]})


@pytest.mark.parametrize(
    "options", ["", "size=1m", "size=64m,mode=1770", "nope=1", "ro", "size=x"]
)
def test_tmpfs_form(docker: Api, see: Recorder, create: Creator, options: str) -> None:
    """The forms of ``--tmpfs``."""
    name = create.name()
    host = {"Tmpfs": {"/scratch": options}}
    body = {"Image": IMAGE, "Labels": {LABEL: "1"}, "HostConfig": host}
    made = docker("POST", f"/containers/create?name={name}", body)
    see("create", made)
    if made.status == 201:
        found = docker("GET", f"/containers/{name}/json").body
        see("mounts", found["Mounts"])
        see("tmpfs", found["HostConfig"]["Tmpfs"])


def _ran(docker: Api, see: Recorder, name: str, what: str) -> None:
    logs = docker("GET", f"/containers/{name}/logs?stdout=1&stderr=1")
    state = docker("GET", f"/containers/{name}/json").body["State"]
    said = {1: "", 2: ""}  # which stream is first is chance
    for stream, text in frames(logs.raw):
        said[stream] += text
    see(what, [state["ExitCode"], said[1], said[2]])


@pytest.mark.namespaces
def test_written(
    docker: Api, see: Recorder, create: Creator, folder: Path, volume: str
) -> None:
    """What is written to a bind or volume stays; read-only ones refuse."""
    (folder / "given").write_text("hello")
    binds = [f"{folder}:/io", f"{folder}:/ro:ro", f"{volume}:/vol"]
    script = "cat /io/given; echo x >/io/made; echo y >/vol/made; echo z >/ro/made"
    name = create.run(script, HostConfig={"Binds": binds})
    _ran(docker, see, name, "ran")
    see("on the host", sorted(path.name for path in folder.iterdir()))
    binds = [f"{volume}:/vol:ro"]
    again = create.run(
        "cat /vol/made; touch /vol/x", suffix="2", HostConfig={"Binds": binds}
    )
    _ran(docker, see, again, "again")


@pytest.mark.namespaces
def test_nested(
    docker: Api, see: Recorder, create: Creator, folder: Path, volume: str
) -> None:
    """A mount within another is seen, whatever their order."""
    binds = [f"{volume}:/io/sub/deep", f"{folder}:/io"]
    name = create.run(
        "touch /io/sub/deep/x /io/y; find /io", HostConfig={"Binds": binds}
    )
    _ran(docker, see, name, "ran")
    see("on the host", sorted(str(p.relative_to(folder)) for p in folder.rglob("*")))


@pytest.mark.namespaces
def test_tmpfs_and_shm(docker: Api, see: Recorder, create: Creator) -> None:
    """Their sizes are what df shows."""
    host = {"Tmpfs": {"/scratch": "size=1m"}, "ShmSize": 33554432}
    script = "df -k /scratch /dev/shm | awk '{print $2, $6}'"
    name = create.run(script, HostConfig=host)
    _ran(docker, see, name, "ran")


@pytest.mark.namespaces
def test_mount_below_image(
    docker: Api, see: Recorder, create: Creator, folder: Path
) -> None:
    """A target that the image doesn't have is made, also below its directories."""
    (folder / "file").write_text("content\n")
    binds = [f"{folder}:/usr/src/deep/er", f"{folder}/file:/srv/one/file:ro"]
    name = create.run(
        "ls /usr/src/deep/er /srv/one; cat /srv/one/file", HostConfig={"Binds": binds}
    )
    _ran(docker, see, name, "ran")


def test_source_cannot_be_made(docker: Api, see: Recorder, create: Creator) -> None:
    """Where nothing can be made."""
    name = create("true", HostConfig={"Binds": ["/proc/nope/deep:/io"]})
    see("start", docker("POST", f"/containers/{name}/start"))
    see("state", docker("GET", f"/containers/{name}/json").body["State"])


@pytest.mark.parametrize("where", ["/etc/passwd", "/etc"])
def test_directory_onto_file(
    docker: Api, see: Recorder, create: Creator, folder: Path, where: str
) -> None:
    """A directory can't be mounted on a file, nor a file on a directory."""
    (folder / "file").touch()
    source = folder / "file" if where == "/etc" else folder
    name = create("true", HostConfig={"Binds": [f"{source}:{where}"]})
    see("start", docker("POST", f"/containers/{name}/start"))
    see("state", docker("GET", f"/containers/{name}/json").body["State"])


def test_source_gone(docker: Api, see: Recorder, create: Creator, folder: Path) -> None:
    """A bind whose source has gone since: made again by ``-v``, else an error."""
    source = folder / "later"
    mount = {"Type": "bind", "Source": str(source), "Target": "/io"}
    for form, host in (
        ("binds", {"Binds": [f"{source}:/io"]}),
        ("mounts", {"Mounts": [mount]}),
    ):
        source.mkdir(exist_ok=True)
        name = create("true", suffix=form, HostConfig=host)
        shutil.rmtree(source)
        see(form, docker("POST", f"/containers/{name}/start"))
        docker("POST", f"/containers/{name}/wait")
        see(f"{form} made", source.exists())
