"""The stand-in's API through a container, where workers can't reach this machine.

So it is with Docker Desktop and rootless engines, whose containers live behind another
network, and with firewalls. A container in the workers' network takes their connections
(`relay_program`); the harness calls in at the port that it publishes, and carries each
connection to the stand-in. Only connections from here to there are needed.
"""

import contextlib
import secrets
import socket as sockets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import containers, relay_program
from .patience import CALL, START

ALIAS = "qfc-harness-app"
"""The relay's name in the workers' network."""
PYTHON = ["/usr/bin/python3", "-I", "-c"]
"""In the probe's image."""
WORKERS, CALLERS = 8000, 8001
AT_ONCE = 16
"""So many connections of workers are carried side by side; further ones wait."""
_AGAIN_S = 0.05


@contextmanager
def relayed(
    socket: Path, image: str, network: Any, labels: Mapping[str, str], port: int
) -> Iterator[str]:
    """The URL by which workers in a network reach a port of this machine's loopback.

    :param image: the probe's: it has Python
    """
    token = secrets.token_hex(16)
    running = containers.container(
        socket,
        image,
        labels,
        ports=(CALLERS,),
        network=network,
        network_aliases=[ALIAS],
        entrypoint=[*PYTHON, Path(relay_program.__file__).read_text(encoding="utf-8")],
        command=[token, str(WORKERS), str(CALLERS)],
    )
    with running as container:
        callers = Callers(containers.published(container, CALLERS), token, port)
        try:
            START.wait("the relay container to be called", callers.look)
            yield f"http://{ALIAS}:{WORKERS}"
        finally:
            callers.close()


class Callers:
    """Connections that wait at the relay, each for one connection of a worker."""

    def __init__(self, relay: tuple[str, int], token: str, port: int) -> None:
        self._relay, self._token = relay, token.encode()
        self._target = (relay[0], port)
        self._over = threading.Event()
        self._waiting: set[sockets.socket] = set()
        self._last = ""
        self._threads = [
            threading.Thread(target=self._call, name=f"relay-{number}", daemon=True)
            for number in range(AT_ONCE)
        ]
        for thread in self._threads:
            thread.start()

    def look(self) -> tuple[bool | None, str]:
        """Whether one of them waits there, and what stood in its way."""
        return (True if self._waiting else None), self._last

    def _call(self) -> None:
        while not self._over.is_set():
            try:
                caller = sockets.create_connection(self._relay, timeout=CALL.seconds)
            except OSError as error:
                self._last = str(error)
                self._over.wait(_AGAIN_S)
                continue
            with caller:
                if self._go(caller):
                    self._carry(caller)
                    continue
            self._over.wait(_AGAIN_S)  # the container isn't ready yet, or is gone

    def _go(self, caller: sockets.socket) -> bool:
        """Wait until a worker needs this connection."""
        caller.settimeout(None)
        self._waiting.add(caller)
        try:
            caller.sendall(self._token)
            return caller.recv(len(relay_program.GO)) == relay_program.GO
        except OSError as error:
            self._last = str(error)
            return False
        finally:
            self._waiting.discard(caller)

    def _carry(self, caller: sockets.socket) -> None:
        try:
            target = sockets.create_connection(self._target, timeout=CALL.seconds)
        except OSError:
            return  # the worker sees its connection end
        target.settimeout(None)
        relay_program.join(caller, target)

    def close(self) -> None:
        """Call no more."""
        self._over.set()
        for caller in list(self._waiting):
            with contextlib.suppress(OSError):
                caller.shutdown(sockets.SHUT_RDWR)
        for thread in self._threads:
            thread.join(_AGAIN_S)  # one that carries something ends by itself
