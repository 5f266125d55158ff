"""Every path of API 1.41: who answers it, or that it is refused.

`docs/simulator-coverage.md` is made from this table. A path that isn't in it is no
path of the API and answered 404, as the engine does; one without a handler is
answered 501 and counts as a gap of the simulator.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from harness.simulator.docker_api.call import Call
from harness.simulator.docker_api.handlers import (
    absent,
    archive,
    containers,
    images,
    logs,
    networks,
    system,
    volumes,
)

Handler = Callable[[Call], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One row: ``{name}`` takes everything up to the next literal part."""

    method: str
    path: str
    handler: Handler | None = None

    @property
    def pattern(self) -> "re.Pattern[str]":
        """The expression for a path without its version."""
        return re.compile(re.escape(self.path).replace(r"\{name\}", "(?P<name>.*)"))


def _refused(*rows: str) -> tuple[Route, ...]:
    return tuple(Route(method, path) for method, path in map(str.split, rows))


ROUTES = (
    Route("HEAD", "/_ping", system.ping),
    Route("GET", "/_ping", system.ping),
    Route("GET", "/version", system.version),
    Route("GET", "/info", system.info),
    Route("GET", "/events", system.events),
    Route("POST", "/containers/create", containers.create),
    Route("GET", "/containers/json", containers.list_all),
    Route("POST", "/containers/prune", containers.prune),
    Route("GET", "/containers/{name}/json", containers.inspect),
    Route("GET", "/containers/{name}/top", containers.top),
    Route("GET", "/containers/{name}/logs", logs.logs),
    Route("GET", "/containers/{name}/changes", containers.changes),
    Route("POST", "/containers/{name}/start", containers.start),
    Route("POST", "/containers/{name}/stop", containers.stop),
    Route("POST", "/containers/{name}/restart", containers.restart),
    Route("POST", "/containers/{name}/kill", containers.kill),
    Route("POST", "/containers/{name}/rename", containers.rename),
    Route("POST", "/containers/{name}/resize", containers.resize),
    Route("POST", "/containers/{name}/attach", logs.attach),
    Route("POST", "/containers/{name}/wait", containers.wait),
    Route("GET", "/containers/{name}/archive", archive.get),
    Route("HEAD", "/containers/{name}/archive", archive.head),
    Route("PUT", "/containers/{name}/archive", archive.put),
    Route("DELETE", "/containers/{name}", containers.remove),
    Route("GET", "/images/json", images.list_all),
    Route("POST", "/images/create", images.pull),
    Route("GET", "/images/{name}/json", images.inspect),
    Route("GET", "/images/{name}/history", images.history),
    Route("POST", "/images/{name}/push", images.push),
    Route("POST", "/images/{name}/tag", images.tag),
    Route("DELETE", "/images/{name}", images.remove),
    Route("GET", "/volumes", volumes.list_all),
    Route("POST", "/volumes/create", volumes.create),
    Route("POST", "/volumes/prune", volumes.prune),
    Route("GET", "/volumes/{name}", volumes.inspect),
    Route("DELETE", "/volumes/{name}", volumes.remove),
    Route("GET", "/networks", networks.list_all),
    Route("POST", "/networks/create", networks.create),
    Route("POST", "/networks/prune", networks.prune),
    Route("GET", "/networks/{name}", networks.inspect),
    Route("DELETE", "/networks/{name}", networks.remove),
    Route("POST", "/networks/{name}/connect", networks.connect),
    Route("POST", "/networks/{name}/disconnect", networks.disconnect),
    # containers: nothing of ours pauses, exports or changes them
    *_refused(
        "POST /containers/{name}/pause",
        "POST /containers/{name}/unpause",
        "POST /containers/{name}/update",
        "POST /containers/{name}/copy",
        "GET /containers/{name}/export",
        "GET /containers/{name}/stats",
        "GET /containers/{name}/attach/ws",
        "POST /commit",
    ),
    # exec
    *_refused(
        "POST /containers/{name}/exec",
        "POST /exec/{name}/start",
        "POST /exec/{name}/resize",
        "GET /exec/{name}/json",
    ),
    # builds and registries
    *_refused(
        "POST /build",
        "POST /build/prune",
        "POST /build/cancel",
        "POST /session",
        "POST /grpc",
        "POST /auth",
        "GET /distribution/{name}/json",
        "POST /images/load",
        "POST /images/prune",
        "GET /images/search",
        "GET /images/get",
        "GET /images/{name}/get",
        "GET /system/df",
    ),
    # swarm and plugins: looking is answered, there are none
    Route("GET", "/plugins", absent.plugins),
    Route("GET", "/plugins/{name}/json", absent.plugin),
    *(
        Route("GET", path, absent.swarm)
        for kind in ("services", "configs", "secrets", "nodes", "tasks")
        for path in (f"/{kind}", f"/{kind}/{{name}}")
    ),
    Route("GET", "/swarm", absent.swarm),
    *_refused(
        *(
            f"{method} /swarm{path}"
            for method, path in (
                *(("POST", "/init"), ("POST", "/join")),
                *(("POST", "/leave"), ("POST", "/update")),
                *(("GET", "/unlockkey"), ("POST", "/unlock")),
            )
        ),
        *(
            f"{method} /{kind}{path}"
            for kind in ("services", "configs", "secrets")
            for method, path in (
                ("POST", "/create"),
                ("DELETE", "/{name}"),
                ("POST", "/{name}/update"),
            )
        ),
        "GET /services/{name}/logs",
        "DELETE /nodes/{name}",
        "POST /nodes/{name}/update",
        "GET /tasks/{name}/logs",
        "GET /plugins/privileges",
        "POST /plugins/pull",
        "POST /plugins/create",
        "DELETE /plugins/{name}",
        "POST /plugins/{name}/enable",
        "POST /plugins/{name}/disable",
        "POST /plugins/{name}/push",
        "POST /plugins/{name}/upgrade",
        "POST /plugins/{name}/set",
    ),
)
