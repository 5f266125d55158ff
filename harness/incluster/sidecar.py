"""Beside the wrapper, in its pod: the tap, and the harness's eyes on the claims.

The wrapper's container takes 127.0.0.1 for the API server; the tap there passes on to
the real one. The claims are mounted here too, so that what a wrapper leaves can be seen
whatever it does to its own container.
"""

import asyncio
import base64
import dataclasses
import json
import os
import ssl
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .. import settings
from ..tap.faults import Faults
from ..tap.gates import Gates, Hold, Moment
from ..tap.journal import Journal
from ..tap.point import Handler, Point
from ..tap.side import Streams
from . import files
from .served import AgentServer, Query

PORT = 8901
TAP_PORT = 6443
TLS = Path("/run/qfc-harness/tap/tls.pem")
"""Key and certificate for 127.0.0.1, of an authority that the wrapper is given."""
IO = Path("/run/qfc-harness/io")
GRIDS = Path("/run/qfc-harness/grids")
CLUSTER_CA = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"


class Sidecar:
    """The routes, over one point of the tap."""

    def __init__(
        self, journal: Journal, faults: Faults, gates: Gates | None = None
    ) -> None:
        self._journal = journal
        self._faults = faults
        self._gates = gates or Gates()
        self._holds: list[Hold] = []

    def hold(self, query: Query, _body: bytes) -> int:
        """Stop a call at its gate; answers the hold's number."""
        moment: Moment = "before" if query["moment"] == "before" else "answered"
        hold = self._gates.hold(query["chosen"], moment, int(query["nth"]))
        self._holds.append(hold)
        return len(self._holds) - 1

    def held(self, query: Query, _body: bytes) -> bool:
        """Whether the call has come, after waiting a while for it."""
        return self._holds[int(query["number"])].wait(float(query["seconds"]))

    def release(self, query: Query, _body: bytes) -> None:
        """Let a call go on, or cut its connection."""
        hold = self._holds[int(query["number"])]
        hold.release(goes_on=query["goes_on"] == "1")

    def calls(self, _query: Query, _body: bytes) -> list[dict[str, Any]]:
        """What the wrapper has asked the API so far."""
        return [_as_json(call) for call in self._journal.calls()]

    def put_faults(self, _query: Query, body: bytes) -> None:
        """What is to go wrong between the wrapper and the API."""
        self._faults.arm(json.loads(body))

    def list_io(self, _query: Query, _body: bytes) -> list[dict[str, Any]]:
        """What is on the claim that wrapper and workers share."""
        return files.listing(IO)

    def put_io(self, _query: Query, body: bytes) -> None:
        """Unpack an archive there."""
        files.unpack(body, IO)
        for folder in IO.iterdir():  # the wrapper, of whatever user, makes one in it
            folder.chmod(0o777)

    def put_grids(self, _query: Query, body: bytes) -> None:
        """Unpack an archive onto the grids' claim."""
        files.unpack(body, GRIDS)


def _as_json(call: Any) -> dict[str, Any]:
    found = dataclasses.asdict(call)
    found["at"] = call.at.isoformat()
    for name in ("request", "response"):
        found[name] = base64.b64encode(found[name]).decode()
    return found


def point(api: tuple[str, int], gates: Gates) -> Point:
    """Between a port of loopback and the cluster's API server."""
    trusted = ssl.create_default_context(cafile=CLUSTER_CA)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(TLS)

    async def connect() -> Streams:
        return await asyncio.open_connection(*api, ssl=trusted)

    async def listen(handler: Handler, _port: int) -> asyncio.Server:
        return await asyncio.start_server(handler, "127.0.0.1", TAP_PORT, ssl=own)

    return Point(listen, connect, gates=gates)


async def serve(tap: Point, ready: Callable[[], None]) -> None:
    """Relay until the pod ends."""
    await tap.open()
    ready()
    await asyncio.Event().wait()


def begin_anew() -> None:
    """Another cell's calls, faults and holds, an empty claim: as if just started."""
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606


def main() -> None:
    """Empty the shared claim, then serve until the pod ends."""
    given = settings.in_pod()
    files.empty(IO)
    gates = Gates()
    tap = point(given.api, gates)
    routes = Sidecar(tap.journal, tap.faults, gates)

    def answer() -> None:
        def renew(_query: Query, _body: bytes) -> None:
            server.end_with(begin_anew)

        server = AgentServer(
            PORT,
            given.token,
            {
                "POST renew": renew,
                "GET calls": routes.calls,
                "PUT faults": routes.put_faults,
                "POST hold": routes.hold,
                "GET held": routes.held,
                "POST release": routes.release,
                "GET io": routes.list_io,
                "PUT io": routes.put_io,
                "PUT grids": routes.put_grids,
            },
        )
        server.serve_forever()

    def begin() -> None:
        threading.Thread(target=answer, daemon=True).start()

    asyncio.run(serve(tap, begin))


if __name__ == "__main__":
    main()
