"""Whose worker image is taken."""

from typing import Any

import pytest
from docker.errors import APIError, ImageNotFound

from harness.environment import images
from harness.errors import EnvironmentMissing


class Engine:
    """As much of a Docker client as pulls take."""

    def __init__(self, *present: str, registry: tuple[str, ...] = ()) -> None:
        self.images = self
        self.present = set(present)
        self.registry = registry
        self.pulled: list[tuple[str, str | None]] = []

    def get(self, name: str) -> None:
        """Found, or not."""
        if name not in self.present:
            raise ImageNotFound(name)

    def pull(self, name: str, tag: str | None = None) -> None:
        """Noted, and refused where the registry has it not."""
        self.pulled.append((name, tag))
        if name not in self.registry:
            raise APIError("no such host")


def test_an_image_that_is_there_is_taken_as_it_is() -> None:
    """Without asking a registry."""
    engine: Any = Engine("opengisch/qfieldcloud-qgis:1")
    name = "opengisch/qfieldcloud-qgis:1"
    assert images.worker(engine, name) == name
    assert engine.pulled == []


@pytest.mark.parametrize(
    ("name", "pulled"),
    [
        ("opengisch/qfieldcloud-qgis:1", ("opengisch/qfieldcloud-qgis:1", None)),
        ("host:5000/qgis", ("host:5000/qgis", "latest")),
        ("qgis@sha256:00", ("qgis@sha256:00", None)),
    ],
)
def test_another_is_pulled(name: str, pulled: tuple[str, str | None]) -> None:
    """One tag of it, not all."""
    engine: Any = Engine(registry=(name,))
    assert images.worker(engine, name) == name
    assert engine.pulled == [pulled]


def test_one_that_is_nowhere_is_named_with_what_to_do() -> None:
    """Exit 3, before anything ran."""
    engine: Any = Engine()
    with pytest.raises(EnvironmentMissing, match="nowhere:1 is not on this machine"):
        images.worker(engine, "nowhere:1")
