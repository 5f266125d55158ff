"""Networks, as far as containers show them: nothing is routed here.

All containers share this machine's loopback, so names of a network's containers lead
there; addresses are made up, and only shown.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness.simulator.clock import Clock
from harness.simulator.docker_api.errors import (
    ApiError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    not_modelled,
)
from harness.simulator.docker_api.events import Events
from harness.simulator.ids import Ids

PREDEFINED = ("bridge", "host", "none")
_DRIVERS = {"bridge": "bridge", "host": "host", "none": "null"}
_OTHER_DRIVERS = ("host", "ipvlan", "macvlan", "null", "overlay")
_FIRST_POOL = 17  # 172.17.0.0/16 is the predefined bridge's
_LAST_POOL = 250


@dataclass(slots=True)
class Endpoint:
    """A container's place in a network: shown in full while the container runs."""

    network: str
    """The name by which it was asked for; it need not exist before the start."""
    settings: dict[str, Any] = field(default_factory=dict)
    """What the client gave: Aliases, IPAMConfig, …"""
    network_id: str = ""
    id: str = ""
    address: str = ""
    mac: str = ""
    aliases: list[str] | None = None


@dataclass(slots=True)
class Network:
    """A network and the endpoints in it."""

    name: str
    id: str
    driver: str
    created_ns: int
    subnet: ipaddress.IPv4Network | None
    labels: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    internal: bool = False
    attachable: bool = False
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    """By the id of the container."""
    names: dict[str, str] = field(default_factory=dict)
    """Container id to container name."""

    @property
    def gateway(self) -> str:
        """The first address."""
        return str(self.subnet[1]) if self.subnet is not None else ""


class Networks:
    """All networks of the engine."""

    def __init__(self, clock: Clock, ids: Ids, events: Events) -> None:
        self._clock = clock
        self._ids = ids
        self._events = events
        self._by_id: dict[str, Network] = {}
        self._pool = _FIRST_POOL
        for name in PREDEFINED:
            self._add(name, _DRIVERS[name])

    def all(self) -> list[Network]:
        """Every one, in the order of their making."""
        return list(self._by_id.values())

    def get(self, reference: str) -> Network:
        """By id, name or the beginning of an id; raises NotFoundError."""
        if reference in self._by_id:
            return self._by_id[reference]
        for network in self._by_id.values():
            if network.name == reference:
                return network
        found = [n for n in self._by_id.values() if n.id.startswith(reference)]
        if len(found) == 1 and reference:
            return found[0]
        raise NotFoundError(f"network {reference} not found")

    def create(self, body: dict[str, Any]) -> Network:
        """A new network; raises ApiError in the engine's words."""
        name = body.get("Name") or ""
        driver = body.get("Driver") or "bridge"
        if name in PREDEFINED:
            raise ForbiddenError(
                f"operation is not permitted on predefined {name} network "
            )
        if not name.strip():
            raise ApiError(f"invalid name: {name}")
        if driver in _OTHER_DRIVERS:
            raise not_modelled(f"the network driver {driver!r}", "networks.py")
        if driver != "bridge":
            raise NotFoundError(f'plugin "{driver}" not found')
        if any(network.name == name for network in self._by_id.values()):
            raise ConflictError(f"network with name {name} already exists")
        if (body.get("IPAM") or {}).get("Config"):
            raise not_modelled("a network's own address pool", "networks.py")
        if body.get("EnableIPv6"):
            raise not_modelled("IPv6", "networks.py")
        network = self._add(name, driver)
        network.labels = body.get("Labels") or {}
        network.options = body.get("Options") or {}
        network.internal = bool(body.get("Internal"))
        network.attachable = bool(body.get("Attachable"))
        self._tell("create", network)
        return network

    def remove(self, reference: str) -> None:
        """Raises ForbiddenError for a predefined one and while it is used."""
        network = self.get(reference)
        if network.name in PREDEFINED:
            raise ForbiddenError(
                f"{network.name} is a pre-defined network and cannot be removed"
            )
        if network.endpoints:
            raise ForbiddenError(
                f"error while removing network: network {network.name} id "
                f"{network.id} has active endpoints"
            )
        del self._by_id[network.id]
        self._tell("destroy", network)

    def prune(self, wanted: Callable[[Network], bool]) -> list[str]:
        """Remove what nobody uses; the names."""
        unused = [
            network
            for network in self.all()
            if network.name not in PREDEFINED
            and not network.endpoints
            and wanted(network)
        ]
        for network in unused:
            self.remove(network.id)
        return [network.name for network in unused]

    def connect(self, endpoint: Endpoint, container: str, name: str) -> None:
        """Give a running container its place; raises NotFoundError."""
        network = self.get(endpoint.network_id or endpoint.network)
        endpoint.network_id = network.id
        if network.subnet is not None:
            endpoint.id = self._ids.hex()
            endpoint.address = self._free_address(network)
            numbers = [int(part) for part in endpoint.address.split(".")]
            endpoint.mac = "02:42:" + ":".join(f"{part:02x}" for part in numbers)
            if network.name not in PREDEFINED:
                given = endpoint.settings.get("Aliases") or []
                endpoint.aliases = [*given, container[:12]]
        else:
            endpoint.id = self._ids.hex()
        network.endpoints[container] = endpoint
        network.names[container] = name
        self._tell("connect", network, container)

    def disconnect(self, endpoint: Endpoint, container: str) -> None:
        """Take it away; the endpoint keeps what it was asked for."""
        network = self._by_id.get(endpoint.network_id)
        endpoint.id = endpoint.address = endpoint.mac = ""
        if network is not None and container in network.endpoints:
            del network.endpoints[container], network.names[container]
            self._tell("disconnect", network, container)

    def neighbours(self, endpoint: Endpoint, container: str) -> list[str]:
        """Names by which the other containers of a user's network are known."""
        network = self._by_id.get(endpoint.network_id)
        if network is None or network.name in PREDEFINED:
            return []
        found: list[str] = []
        for other, its in network.endpoints.items():
            if other != container:
                found += [network.names[other], *(its.aliases or ())]
        return found

    def _add(self, name: str, driver: str) -> Network:
        subnet = None
        if driver == "bridge":
            subnet = ipaddress.IPv4Network(f"172.{self._pool}.0.0/16")
            self._pool = self._pool + 1 if self._pool < _LAST_POOL else _FIRST_POOL + 1
        network = Network(
            name=name,
            id=self._ids.hex(),
            driver=driver,
            created_ns=self._clock.now_ns(),
            subnet=subnet,
        )
        self._by_id[network.id] = network
        return network

    def _free_address(self, network: Network) -> str:
        assert network.subnet is not None
        taken = {endpoint.address for endpoint in network.endpoints.values()}
        hosts = network.subnet.hosts()
        next(hosts)  # the gateway
        return next(str(host) for host in hosts if str(host) not in taken)

    def _tell(self, action: str, network: Network, container: str = "") -> None:
        attributes = {"name": network.name, "type": network.driver}
        if container:
            attributes["container"] = container
        self._events.tell("network", action, network.id, attributes)
