"""Tests of the engine's own images."""

import pytest

from harness.simulator.clock import SystemClock
from harness.simulator.docker_api.errors import (
    ApiError,
    ConflictError,
    InvalidError,
    NotFoundError,
)
from harness.simulator.docker_api.events import Events
from harness.simulator.docker_api.images import LocalImages, matches_reference
from harness.simulator.runtime import Image, Images, Pull


@pytest.fixture
def registry() -> Images:
    """One image of each kind of registry."""
    registry = Images()
    registry.register(Image(name="worker:1"))
    registry.register(Image(name="secret", pull=Pull.DENIED))
    registry.register(Image(name="far.away/x:1", pull=Pull.UNREACHABLE))
    return registry


@pytest.fixture
def images(registry: Images, clock: SystemClock) -> LocalImages:
    """The engine's images."""
    return LocalImages(registry, clock, Events(clock))


def test_what_can_be_pulled_is_here(images: LocalImages, registry: Images) -> None:
    """Also what is registered later; the rest isn't."""
    assert [local.names for local in images.all()] == [["worker:1"]]
    registry.register(Image(name="new", cmd=("x",)))
    assert [local.names for local in images.all()] == [["new:latest"], ["worker:1"]]


def test_references(images: LocalImages) -> None:
    """By any form of the name, the id and its beginning."""
    local = images.get("worker:1")
    for reference in (
        "docker.io/library/worker:1",
        local.image.id,
        local.image.id[7:],
        local.image.id[7:19],
    ):
        assert images.get(reference) is local


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("nope", NotFoundError, "No such image: nope:latest"),
        ("worker", NotFoundError, "No such image: worker:latest"),
        ("Worker:1", InvalidError, "repository name must be lowercase"),
    ],
)
def test_missing(
    images: LocalImages, name: str, kind: type[ApiError], text: str
) -> None:
    """The short name in the engine's words."""
    with pytest.raises(kind, match=text):
        images.get(name)


@pytest.mark.parametrize(
    ("name", "status", "text"),
    [
        ("nope", 404, "pull access denied for nope, repository does not exist"),
        ("secret", 404, "pull access denied for secret"),
        ("far.away/x:1", 500, 'Get "https://far.away/v2/": dial tcp: lookup far.away'),
        ("NOPE", 400, "repository name must be lowercase"),
    ],
)
def test_failed_pull(images: LocalImages, name: str, status: int, text: str) -> None:
    """Missing, forbidden and unreachable are told apart."""
    found = images.pull(name)
    assert isinstance(found, ApiError)
    assert found.status == status
    assert text in found.message


def test_removed_image_can_be_pulled_again(images: LocalImages) -> None:
    """It is still in the registry."""
    images.remove("worker:1", {}, force=False)
    assert images.all() == []
    assert isinstance(images.pull("worker:1"), Image)
    assert images.get("worker:1").names == ["worker:1"]


def test_registered_again_is_here_again(images: LocalImages, registry: Images) -> None:
    """The harness prepares images for each cell."""
    images.remove("worker:1", {}, force=False)
    registry.register(Image(name="worker:1"))
    assert [local.names for local in images.all()] == [["worker:1"]]


def test_last_name_of_a_used_image(images: LocalImages) -> None:
    """Refused, unless forced; another name may go at any time."""
    image = images.get("worker:1").image
    images.tag("worker:1", "alias", "2")
    assert images.remove("alias:2", {"c1": image.id}, force=False) == [
        {"Untagged": "alias:2"}
    ]
    with pytest.raises(ConflictError, match="must force"):
        images.remove("worker:1", {"c1": image.id}, force=False)
    images.remove("worker:1", {"c1": image.id}, force=True)
    assert images.get(image.id).names == []


def test_name_moves(images: LocalImages, registry: Images) -> None:
    """A name that another image gets is taken from the first."""
    first = images.get("worker:1")
    registry.register(Image(name="worker:1", cmd=("other",)))
    assert images.get("worker:1").image.cmd == ("other",)
    assert first.names == []


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("worker", True),
        ("worker:1", True),
        ("work*", True),
        ("*:1", True),
        ("w", False),
    ],
)
def test_patterns(pattern: str, fits: bool) -> None:
    """With or without a tag."""
    assert matches_reference(["worker:1"], pattern) is fits
