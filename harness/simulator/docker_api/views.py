"""Containers as the engine shows them: one for inspect, one for the list."""

from typing import Any

from harness.simulator.clock import rfc3339_nano
from harness.simulator.docker_api.container import Container
from harness.simulator.docker_api.mounts import MountPoint
from harness.simulator.docker_api.networks import Endpoint, Network
from harness.simulator.docker_api.volumes import Volume, Volumes

ZERO_TIME = "0001-01-01T00:00:00Z"
_UNITS = (  # as go-units' HumanDuration: below, divided by, the unit's name
    (60, 1, "second"),
    (60 * 46, 60, "minute"),
    (3600 * 48, 3600, "hour"),
    (86400 * 14, 86400, "day"),
    (86400 * 60, 86400 * 7, "week"),
    (86400 * 365 * 2, 86400 * 30, "month"),
)


def moment(ns: int) -> str:
    """A time, or Go's zero time for 0."""
    return rfc3339_nano(ns) if ns else ZERO_TIME


def inspect(container: Container, volumes: Volumes) -> dict[str, Any]:
    """``GET /containers/{id}/json``."""
    spec, state = container.spec, container.state
    folder = str(container.log.path.parent) if state.started_ns else ""
    path, *args = spec.argv
    return {
        "Id": container.id,
        "Created": moment(container.created_ns),
        "Path": path,
        "Args": args,
        "State": {
            "Status": state.status,
            "Running": state.running,
            "Paused": False,
            "Restarting": False,
            "OOMKilled": state.oom_killed,
            "Dead": False,
            "Pid": state.pid,
            "ExitCode": state.exit_code,
            "Error": state.error,
            "StartedAt": moment(state.started_ns),
            "FinishedAt": moment(state.finished_ns),
        },
        "Image": container.image.id,
        "ResolvConfPath": folder and f"{folder}/resolv.conf",
        "HostnamePath": folder and f"{folder}/hostname",
        "HostsPath": folder and f"{folder}/hosts",
        "LogPath": folder and str(container.log.path),
        "Name": f"/{container.name}",
        "RestartCount": 0,
        "Driver": "overlay2",
        "Platform": "linux",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": "",
        "ExecIDs": None,
        "HostConfig": spec.host,
        "GraphDriver": {"Data": None, "Name": "overlay2"},
        "Mounts": mounts(container, volumes),
        "Config": spec.config,
        "NetworkSettings": _network_settings(container),
    }


def _network_settings(container: Container) -> dict[str, Any]:
    bridge = container.endpoints.get("bridge")
    shown = _endpoint(bridge if bridge is not None else Endpoint(""))
    return {
        "Bridge": "",
        "SandboxID": container.sandbox_id,
        "HairpinMode": False,
        "LinkLocalIPv6Address": "",
        "LinkLocalIPv6PrefixLen": 0,
        "Ports": ports(container) if container.state.running else {},
        "SandboxKey": container.sandbox_id
        and f"/var/run/docker/netns/{container.sandbox_id[:12]}",
        "SecondaryIPAddresses": None,
        "SecondaryIPv6Addresses": None,
        "EndpointID": shown["EndpointID"],
        "Gateway": shown["Gateway"],
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "IPAddress": shown["IPAddress"],
        "IPPrefixLen": shown["IPPrefixLen"],
        "IPv6Gateway": "",
        "MacAddress": shown["MacAddress"],
        "Networks": endpoints(container),
    }


def endpoints(container: Container) -> dict[str, Any]:
    """The container's places in its networks, by the network's name."""
    return {name: _endpoint(its) for name, its in container.endpoints.items()}


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    given = endpoint.settings
    return {
        "IPAMConfig": given.get("IPAMConfig"),
        "Links": given.get("Links"),
        "Aliases": endpoint.aliases or given.get("Aliases"),
        "NetworkID": endpoint.network_id,
        "EndpointID": endpoint.id,
        "Gateway": f"{endpoint.address.rsplit('.', 2)[0]}.0.1"
        if endpoint.address
        else "",
        "IPAddress": endpoint.address,
        "IPPrefixLen": 16 if endpoint.address else 0,
        "IPv6Gateway": "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "MacAddress": endpoint.mac,
        "DriverOpts": given.get("DriverOpts"),
    }


def ports(container: Container) -> dict[str, Any]:
    """Exposed ports and where they are published; nothing is forwarded here.

    A port that is bound and not exposed isn't published.
    """
    exposed = container.spec.config.get("ExposedPorts") or {}
    bindings = container.spec.host["PortBindings"] or {}
    return {
        _with_protocol(port): _published(container, port, bindings[port])
        if port in bindings
        else None
        for port in exposed
    }


def _published(
    container: Container, port: str, bindings: list[dict[str, str]] | None
) -> list[dict[str, str]]:
    return [
        {
            "HostIp": binding.get("HostIp") or "0.0.0.0",
            "HostPort": binding.get("HostPort") or str(container.ports[port, index]),
        }
        for index, binding in enumerate(bindings or [{}])
    ]


def _with_protocol(port: str) -> str:
    return port if "/" in port else f"{port}/tcp"


def mounts(container: Container, volumes: Volumes) -> list[dict[str, Any]]:
    """The mounts as inspect and list show them."""
    return [_mount(p, volumes) for p in container.mounts if p.listed]


def _mount(point: MountPoint, volumes: Volumes) -> dict[str, Any]:
    shown: dict[str, Any] = {"Type": point.kind}
    source = point.source
    if point.kind == "volume":
        source = str(volumes.get(point.volume).data)
        shown["Name"] = point.volume
    shown |= {"Source": source, "Destination": point.target}
    if point.kind == "volume":
        shown["Driver"] = "local"
    return shown | {
        "Mode": point.mode,
        "RW": not point.read_only,
        "Propagation": "rprivate" if point.kind == "bind" else "",
    }


def entry(container: Container, volumes: Volumes, now_ns: int) -> dict[str, Any]:
    """One of ``GET /containers/json``."""
    return {
        "Id": container.id,
        "Names": [f"/{container.name}"],
        "Image": container.spec.config["Image"],
        "ImageID": container.image.id,
        "Command": _command(container.spec.argv),
        "Created": container.created_ns // 10**9,
        "Ports": _listed_ports(container),
        "Labels": container.spec.labels,
        "State": container.state.status,
        "Status": status(container, now_ns),
        "HostConfig": {"NetworkMode": container.spec.host["NetworkMode"]},
        "NetworkSettings": {"Networks": endpoints(container)},
        "Mounts": mounts(container, volumes),
    }


def _command(argv: tuple[str, ...]) -> str:
    path, *args = argv
    quoted = [f"'{arg}'" if " " in arg else arg for arg in args]
    return " ".join([path, *quoted])


def _listed_ports(container: Container) -> list[dict[str, Any]]:
    if not container.state.running:
        return []
    listed: list[dict[str, Any]] = []
    for port, bindings in ports(container).items():
        number, _, protocol = port.partition("/")
        private = {"PrivatePort": int(number), "Type": protocol}
        if bindings is None:
            listed.append(private)
        for binding in bindings or ():
            public = {"IP": binding["HostIp"], "PublicPort": int(binding["HostPort"])}
            listed.append({**public, **private})
    return listed


def status(container: Container, now_ns: int) -> str:
    """The state and its age in words, as ``docker ps`` shows it."""
    state = container.state
    if state.status == "created":
        return "Created"
    if state.status == "removing":
        return "Removal In Progress"
    if state.running:
        return f"Up {_age(now_ns - state.started_ns)}"
    return f"Exited ({state.exit_code}) {_age(now_ns - state.finished_ns)} ago"


def _age(ns: int) -> str:
    seconds = max(ns, 0) // 10**9
    if seconds < 1:
        return "Less than a second"
    if 60 <= seconds < 120:
        return "About a minute"
    hours = round(seconds / 3600)
    if seconds >= 60 * 46 and hours == 1:
        return "About an hour"
    for below, divisor, unit in _UNITS:
        if seconds < below:
            count = hours if unit == "hour" else seconds // divisor
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds // (86400 * 365)} years"


def volume(its: Volume) -> dict[str, Any]:
    """A volume, wherever one is shown."""
    created = moment(its.created_ns)[:19] + "Z"
    return {
        "CreatedAt": created,
        "Driver": "local",
        "Labels": its.labels,
        "Mountpoint": str(its.data),
        "Name": its.name,
        "Options": its.options,
        "Scope": "local",
    }


def network(its: Network) -> dict[str, Any]:
    """A network, wherever one is shown."""
    config = []
    if its.subnet is not None:
        config = [{"Subnet": str(its.subnet), "Gateway": its.gateway}]
    return {
        "Name": its.name,
        "Id": its.id,
        "Created": moment(its.created_ns),
        "Scope": "local",
        "Driver": its.driver,
        "EnableIPv6": False,
        "IPAM": {"Driver": "default", "Options": None, "Config": config},
        "Internal": its.internal,
        "Attachable": its.attachable,
        "Ingress": False,
        "ConfigFrom": {"Network": ""},
        "ConfigOnly": False,
        "Containers": {
            container: {
                "Name": its.names[container],
                "EndpointID": endpoint.id,
                "MacAddress": endpoint.mac,
                "IPv4Address": f"{endpoint.address}/16" if endpoint.address else "",
                "IPv6Address": "",
            }
            for container, endpoint in its.endpoints.items()
        },
        "Options": its.options,
        "Labels": its.labels,
    }
