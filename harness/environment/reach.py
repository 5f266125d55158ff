"""Whether containers reach this machine, where the stand-in is served."""

import ipaddress
import secrets
import socket as sockets
from pathlib import Path

import docker

from . import containers
from .docker_place import RUN_LABEL
from .patience import Patience
from .relay import PYTHON

REACH = Patience(
    name="reach", seconds=10, hint="A firewall of this machine may keep containers out."
)
_CALL = (
    "import socket, sys; "
    "socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)"
    ".sendall(sys.argv[3].encode())"
)


def gateway(client: docker.DockerClient) -> str:
    """The address by which containers of the engine's bridge know its host."""
    found = client.networks.get("bridge").attrs["IPAM"]["Config"][0]
    hosts = ipaddress.ip_network(found["Subnet"]).hosts()
    return str(found.get("Gateway") or next(hosts))


def unreached(socket: Path, image: str, host: str, run_id: str) -> str:
    """Why workers can't reach an address of this machine; "" if they can: it is tried.

    :param image: the probe's: it has Python
    """
    try:
        server = sockets.create_server((host, 0))
    except OSError as error:
        return (
            f"the engine's gateway {host} is no address of this machine "
            f"({error.strerror}), as with Docker Desktop and rootless engines"
        )
    token = secrets.token_hex(16)
    with server:
        arguments = [host, str(server.getsockname()[1]), token]
        calling = containers.container(
            socket,
            image,
            {RUN_LABEL: run_id},
            entrypoint=[*PYTHON, _CALL],
            command=arguments,
        )
        server.settimeout(REACH.seconds)
        with calling:
            try:
                caller, _ = server.accept()
            except TimeoutError:
                return f"containers don't get through to {host}: {REACH.hint}"
            with caller:
                caller.settimeout(REACH.seconds)
                said = caller.makefile("rb").read()
    return "" if said == token.encode() else f"somebody else called at {host}"
