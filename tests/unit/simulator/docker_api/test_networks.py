"""Tests of networks and the places in them."""

import pytest

from harness.simulator.clock import SystemClock
from harness.simulator.docker_api.errors import ForbiddenError, GapError, NotFoundError
from harness.simulator.docker_api.events import Events
from harness.simulator.docker_api.networks import Endpoint, Networks
from harness.simulator.ids import Ids


@pytest.fixture
def networks(clock: SystemClock, ids: Ids) -> Networks:
    """A new engine's networks."""
    return Networks(clock, ids, Events(clock))


def test_references(networks: Networks) -> None:
    """By id, name, or the beginning of an id."""
    made = networks.create({"Name": "app"})
    for reference in (made.id, "app", made.id[:12]):
        assert networks.get(reference) is made
    with pytest.raises(NotFoundError, match="network nope not found"):
        networks.get("nope")


def test_addresses_differ(networks: Networks) -> None:
    """Each running container has one of its network's, freed when it ends."""
    network = networks.create({"Name": "app"})
    first, second, third = (Endpoint("app") for _ in range(3))
    networks.connect(first, "c1", "one")
    networks.connect(second, "c2", "two")
    assert first.address != second.address
    assert first.address.rsplit(".", 2)[0] == network.gateway.rsplit(".", 2)[0]
    freed = first.address
    networks.disconnect(first, "c1")
    networks.connect(third, "c3", "three")
    assert third.address == freed
    assert third.mac == "02:42:" + ":".join(f"{int(p):02x}" for p in freed.split("."))


def test_networks_have_pools_of_their_own(networks: Networks) -> None:
    """Gateways differ."""
    gateways = {networks.create({"Name": f"n{n}"}).gateway for n in range(5)}
    assert len(gateways) == 5


def test_names_within_a_network(networks: Networks) -> None:
    """A container is known by its name, aliases and short id; not on the bridge."""
    networks.create({"Name": "app"})
    here, there = Endpoint("app"), Endpoint("app", {"Aliases": ["db"]})
    networks.connect(here, "c1" * 32, "one")
    networks.connect(there, "c2" * 32, "two")
    assert networks.neighbours(here, "c1" * 32) == ["two", "db", "c2c2c2c2c2c2"]
    bridge = Endpoint("bridge")
    networks.connect(bridge, "c3", "three")
    assert networks.neighbours(bridge, "c3") == []


def test_used_network_stays(networks: Networks) -> None:
    """Until its last container has ended."""
    networks.create({"Name": "app"})
    endpoint = Endpoint("app")
    networks.connect(endpoint, "c1", "one")
    with pytest.raises(ForbiddenError, match="has active endpoints"):
        networks.remove("app")
    networks.disconnect(endpoint, "c1")
    networks.remove("app")
    with pytest.raises(NotFoundError):
        networks.get("app")


def test_prune_keeps_predefined_and_used_ones(networks: Networks) -> None:
    """And tells what it removed."""
    networks.create({"Name": "unused"})
    networks.create({"Name": "used"})
    networks.connect(Endpoint("used"), "c1", "one")
    assert networks.prune(lambda network: True) == ["unused"]
    assert {n.name for n in networks.all()} == {"bridge", "host", "none", "used"}


@pytest.mark.parametrize(
    "body",
    [
        {"Driver": "overlay"},
        {"EnableIPv6": True},
        {"IPAM": {"Config": [{"Subnet": "10.0.0.0/8"}]}},
    ],
    ids=str,
)
def test_gaps(networks: Networks, body: dict[str, object]) -> None:
    """What isn't modelled isn't pretended."""
    with pytest.raises(GapError):
        networks.create({"Name": "x", **body})
