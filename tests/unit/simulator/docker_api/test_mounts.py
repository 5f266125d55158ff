"""Tests of reading mounts; the refusals are compared by the conformance tests."""

from pathlib import Path
from typing import Any

import pytest

from harness.simulator.docker_api.errors import ApiError, GapError
from harness.simulator.docker_api.mounts import MountPoint, parse
from harness.simulator.world import HostPaths


def read(tmp_path: Path, **host: Any) -> tuple[MountPoint, ...]:
    """The mount points of a HostConfig."""
    volumes = host.pop("volumes", None)
    return parse({"Binds": None, **host}, volumes, HostPaths(tmp_path))


def test_bind_makes_its_source(tmp_path: Path) -> None:
    """``-v`` with a path."""
    (point,) = read(tmp_path, Binds=["/a//b/:/io/:ro"])
    assert (point.kind, point.source, point.target) == ("bind", "/a/b", "/io")
    assert point.read_only
    assert point.makes_source


def test_name_is_a_volume(tmp_path: Path) -> None:
    """``-v`` with anything else."""
    (point,) = read(tmp_path, Binds=["grids:/transformation_grids:ro,nocopy"])
    assert (point.kind, point.volume) == ("volume", "grids")
    assert point.read_only
    assert not point.copy


def test_mount_needs_its_source(tmp_path: Path) -> None:
    """``--mount`` makes nothing: neither now nor at the start."""
    mount = {"Type": "bind", "Source": str(tmp_path), "Target": "/io"}
    (point,) = read(tmp_path, Mounts=[mount])
    assert not point.makes_source


def test_source_is_looked_for_on_the_daemons_host(tmp_path: Path) -> None:
    """Which may be mapped to another place of this machine."""
    paths = HostPaths(tmp_path)
    paths.map_docker({"/data": str(tmp_path)})
    mount = {"Type": "bind", "Source": "/data", "Target": "/io"}
    (point,) = parse({"Binds": None, "Mounts": [mount]}, None, paths)
    assert point.source == "/data"


def test_volumes_of_the_config(tmp_path: Path) -> None:
    """An anonymous volume for each, unless a mount takes the place."""
    points = read(tmp_path, Binds=["/a:/one"], volumes={"/one": {}, "/two": {}})
    assert [(p.target, p.anonymous) for p in points] == [
        ("/one", False),
        ("/two", True),
    ]


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ("", 0),
        ("size=64m", 64 * 2**20),
        ("mode=1770,size=1G", 2**30),
        ("size=100", 100),
    ],
)
def test_tmpfs_size(tmp_path: Path, options: str, size: int) -> None:
    """In bytes, or with a unit of 1024."""
    (point,) = read(tmp_path, Tmpfs={"/scratch": options})
    assert (point.kind, point.size) == ("tmpfs", size)


@pytest.mark.parametrize("bind", ["/a:/b:rshared", "/a:/b:slave"])
def test_propagation_is_a_gap(tmp_path: Path, bind: str) -> None:
    """Mounts of one side don't show on the other here."""
    with pytest.raises(GapError):
        read(tmp_path, Binds=[bind])


def test_same_target_twice(tmp_path: Path) -> None:
    """Also when written differently."""
    with pytest.raises(ApiError, match="Duplicate mount point: /io"):
        read(tmp_path, Binds=["/a:/io", "/b:/io/"])
