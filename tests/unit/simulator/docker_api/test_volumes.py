"""Tests of volumes."""

from pathlib import Path

import pytest

from harness.simulator.clock import SystemClock
from harness.simulator.docker_api.errors import ConflictError, NotFoundError
from harness.simulator.docker_api.events import Events
from harness.simulator.docker_api.volumes import Volumes, fill
from harness.simulator.ids import Ids


@pytest.fixture
def volumes(tmp_path: Path, clock: SystemClock, ids: Ids) -> Volumes:
    """A new engine's volumes."""
    return Volumes(tmp_path / "volumes", clock, ids, Events(clock))


def test_directory_comes_and_goes(volumes: Volumes) -> None:
    """With the volume."""
    made = volumes.create("grids")
    (made.data / "x").write_text("y")
    assert volumes.create("grids") is made
    volumes.remove("grids")
    assert not made.data.exists()
    with pytest.raises(NotFoundError, match="get grids: no such volume"):
        volumes.get("grids")


def test_used_volume_stays(volumes: Volumes) -> None:
    """Also by force; its users are named."""
    volumes.create("grids").users.add("c1")
    with pytest.raises(ConflictError, match=r"volume is in use - \[c1\]"):
        volumes.remove("grids", force=True)
    volumes.release(["grids"], "c1")
    volumes.remove("grids")


def test_force_forgives_a_missing_one(volumes: Volumes) -> None:
    """Removing what isn't there."""
    volumes.remove("nope", force=True)
    with pytest.raises(NotFoundError):
        volumes.remove("nope")


def test_prune_tells_names_and_bytes(volumes: Volumes) -> None:
    """Of what nobody used."""
    volumes.create("used").users.add("c1")
    (volumes.create("unused").data / "x").write_bytes(b"12345")
    assert volumes.prune(lambda volume: True) == (["unused"], 5)
    assert [volume.name for volume in volumes.all()] == ["used"]


def test_empty_volume_is_filled(volumes: Volumes, tmp_path: Path) -> None:
    """With what the image has there; one that has something is left alone."""
    source = tmp_path / "image"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "file").write_text("x")
    made = volumes.create("grids")
    fill(made, source)
    assert (made.data / "deep" / "file").read_text() == "x"
    (source / "later").write_text("y")
    fill(made, source)
    assert not (made.data / "later").exists()
