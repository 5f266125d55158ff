"""Tests of what the two APIs share."""

from pathlib import Path

from harness.simulator.clock import SystemClock
from harness.simulator.world import Gaps, HostPaths


def test_gap_is_listed_until_cleared(clock: SystemClock) -> None:
    """The harness asks for them after a cell, and forgets them before the next."""
    gaps = Gaps(clock)
    gaps.record("docker", "POST", "/build", user_agent="curl", message="no builds")
    (gap,) = gaps.as_json()
    assert gap["api"] == "docker"
    assert gap["method"] == "POST"
    assert gap["path"] == "/build"
    assert gap["user_agent"] == "curl"
    assert gap["message"] == "no builds"
    assert gap["time"].endswith("Z")
    gaps.clear()
    assert gaps.as_json() == []


def test_docker_host_is_this_machine() -> None:
    """A path that isn't mapped is the same here."""
    paths = HostPaths(Path("/sim/nodes"))
    assert paths.on_docker_host("/tmp/job") == Path("/tmp/job")


def test_docker_host_is_mapped_by_the_longest_prefix() -> None:
    """Whole components count: /tmpfoo isn't below /tmp."""
    paths = HostPaths(Path("/sim/nodes"))
    paths.map_docker({"/tmp": "/run-dir/tmp", "/tmp/deep": "/other"})
    assert paths.on_docker_host("/tmp/job") == Path("/run-dir/tmp/job")
    assert paths.on_docker_host("/tmp/deep/job") == Path("/other/job")
    assert paths.on_docker_host("/tmpfoo") == Path("/tmpfoo")


def test_node_paths_lie_below_the_simulator() -> None:
    """Each node has a directory of its own, which no path leads out of."""
    paths = HostPaths(Path("/sim/nodes"))
    assert paths.on_node("a", "/var/data") == Path("/sim/nodes/a/var/data")
    assert paths.on_node("a", "/../../etc") == Path("/sim/nodes/a/etc")


def test_node_paths_can_be_mapped() -> None:
    """For one node, or with ``*`` for all that have no mapping of their own."""
    paths = HostPaths(Path("/sim/nodes"))
    paths.map_node("*", {"/data": "/all"})
    paths.map_node("b", {"/data": "/only-b"})
    assert paths.on_node("a", "/data/x") == Path("/all/x")
    assert paths.on_node("b", "/data/x") == Path("/only-b/x")
