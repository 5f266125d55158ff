"""Tests of image names and of the registry."""

from pathlib import Path

import pytest

from harness.simulator.runtime import Image, Images, InvalidReferenceError
from harness.simulator.runtime.images import canonical, familiar


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("debian", "docker.io/library/debian:latest"),
        ("debian:12", "docker.io/library/debian:12"),
        ("opengisch/qgis", "docker.io/opengisch/qgis:latest"),
        ("localhost/x", "localhost/x:latest"),
        ("host:5000/a/b:c", "host:5000/a/b:c"),
        ("a.b/c", "a.b/c:latest"),
        ("docker.io/debian", "docker.io/library/debian:latest"),
        ("x@sha256:" + "0" * 64, "docker.io/library/x@sha256:" + "0" * 64),
    ],
)
def test_canonical(name: str, full: str) -> None:
    """Domain, path and tag are filled in as the distribution library does."""
    assert canonical(name) == full


@pytest.mark.parametrize(
    "name", ["", "a b", "a//b", ":x", "a:", "a:b:c", "-a", "x@sha256:12", "a/"]
)
def test_no_reference(name: str) -> None:
    """What isn't a name is refused in Docker's words."""
    with pytest.raises(InvalidReferenceError, match=r"^invalid reference format"):
        canonical(name)


def test_upper_case_is_told_apart() -> None:
    """The most common mistake has a text of its own."""
    with pytest.raises(InvalidReferenceError, match="name must be lowercase"):
        canonical("Debian")


def test_familiar() -> None:
    """The short form is what Docker shows."""
    assert familiar("docker.io/library/debian") == "debian:latest"
    assert familiar("host:5000/a:b") == "host:5000/a:b"


def test_registry_finds_by_any_form_of_the_name() -> None:
    """Registered as debian, found in full, by id, and not by another tag."""
    images = Images()
    images.register(Image(name="debian"))
    found = images.get("docker.io/library/debian:latest")
    assert found is not None
    assert images.get(found.id) is found
    assert images.get("debian:12") is None
    assert images.get("not a name") is None


def test_registering_again_replaces() -> None:
    """The last description of a name holds."""
    images = Images()
    images.register(Image(name="worker:1", cmd=("a",)))
    images.register(Image(name="worker:1", cmd=("b",)))
    (only,) = images
    assert only.cmd == ("b",)


def test_id_follows_from_the_description() -> None:
    """The same image has the same id; a change of anything gives another."""
    image = Image(name="w", root=Path("/x"), env={"A": "1"})
    assert image.id == Image(name="w:latest", root=Path("/x"), env={"A": "1"}).id
    assert image.id != Image(name="w", root=Path("/x"), env={"A": "2"}).id
    assert image.id.startswith("sha256:")
    assert len(image.id) == 71
