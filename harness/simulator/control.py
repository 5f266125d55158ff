"""The control API: how the harness prepares a simulator; never for a subject.

Below ``/_simulator/`` on the Kubernetes server, with the administrator's token. A
route is one row of `ROUTES`.
"""

import hmac
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp import web

from harness.simulator import MARKER_HEADER, VERSION
from harness.simulator.clock import Pace
from harness.simulator.runtime import Image, InvalidReferenceError, Pull
from harness.simulator.runtime.images import canonical
from harness.simulator.world import World

PREFIX = "/_simulator/"

Answer = Any
Handler = Callable[[World, Mapping[str, str], Any], Answer]


class Route(NamedTuple):
    """One thing the harness can ask for."""

    method: str
    pattern: str
    handler: Handler
    summary: str


class ControlError(Exception):
    """A request that makes no sense; answered with its text."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def put_image(world: World, match: Mapping[str, str], body: Any) -> Answer:
    """Register an image under the name in the path."""
    try:
        canonical(match["name"])
        image = image_from_json(match["name"], body)
    except (InvalidReferenceError, TypeError, ValueError) as error:
        raise ControlError(f"image {match['name']}: {error}") from error
    if image.root is not None and not image.root.is_dir():
        raise ControlError(f"image {image.name}: root {image.root} is no directory")
    world.images.register(image)
    return {"id": image.id}


def image_from_json(name: str, body: Any) -> Image:
    """The record for a JSON description; raises ValueError or TypeError."""
    known = set(Image.__dataclass_fields__) - {"name"}
    unknown = set(body) - known
    if unknown:
        names = [", ".join(sorted(keys)) for keys in (unknown, known)]
        raise ValueError(f"unknown key {names[0]}; there are {names[1]}")
    fields: dict[str, Any] = dict(body)
    for key in ("entrypoint", "cmd"):
        fields[key] = _strings(key, fields.get(key) or [])
    if fields.get("root") is not None:
        fields["root"] = Path(fields["root"])
    python = fields.get("python") or []
    fields["python"] = tuple(
        Path(p) for p in ([python] if isinstance(python, str) else python)
    )
    fields["workdir"] = fields.get("workdir") or "/"
    fields["pull"] = Pull(fields.get("pull", "ok"))
    return Image(name=name, **fields)


def _strings(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise TypeError(f"{key} must be a list of strings, not {value!r}")
    return tuple(value)


def get_gaps(world: World, match: Mapping[str, str], body: Any) -> Answer:
    """List the requests that were answered 501."""
    del match, body
    return world.gaps.as_json()


def delete_gaps(world: World, match: Mapping[str, str], body: Any) -> Answer:
    """Forget the requests that were answered 501."""
    del match, body
    world.gaps.clear()
    return {}


def put_pace(world: World, match: Mapping[str, str], body: Any) -> Answer:
    """Keep the real systems' lags or leave them out: ``{"pace": "fast"}``."""
    del match
    try:
        world.clock.pace = Pace(body["pace"])
    except (KeyError, TypeError, ValueError) as error:
        raise ControlError('want {"pace": "real"} or {"pace": "fast"}') from error
    return {"pace": world.clock.pace.value}


def put_host_paths(world: World, match: Mapping[str, str], body: Any) -> Answer:
    """Map paths of the Docker host and of nodes to directories of this machine."""
    del match
    if not isinstance(body, dict) or set(body) - {"docker", "nodes"}:
        raise ControlError(
            'want {"docker": {path: path}, "nodes": {node or "*": {path: path}}}'
        )
    if "docker" in body:
        world.host_paths.map_docker(body["docker"])
    for node, paths in body.get("nodes", {}).items():
        world.host_paths.map_node(node, paths)
    return {}


def get_node_path(world: World, match: Mapping[str, str], body: Any) -> Answer:
    """Tell which directory of this machine a node has at ``?path=``."""
    del body
    path = match.get("path", "")
    if not path.startswith("/"):
        raise ControlError("want ?path=/an/absolute/path")
    return {"path": str(world.host_paths.on_node(match["node"], path))}


def post_kill(world: World, match: Mapping[str, str], body: Any) -> Answer:
    """Kill what runs under a host name, as the machine's administrator could."""
    del body
    found = world.runtime.running(match["hostname"])
    for process in found:
        process.kill()
    return {"killed": len(found)}


def put_lost(world: World, match: Mapping[str, str], body: Any) -> Answer:
    """Cut a node off, or connect it again: ``{"lost": true}``."""
    if not isinstance(body, dict) or not isinstance(body.get("lost"), bool):
        raise ControlError('want {"lost": true} or {"lost": false}')
    change = world.lost_nodes.lose if body["lost"] else world.lost_nodes.find
    change(match["node"])
    return {}


def put_injected(world: World, match: Mapping[str, str], body: Any) -> Answer:
    """Say what a mutating webhook adds to a namespace's workers; ``{}`` for nothing."""
    if not isinstance(body, dict) or set(body) - {"containers", "initContainers"}:
        raise ControlError('want {"containers": [...], "initContainers": [...]}')
    world.injected[match["namespace"]] = body
    return {}


ROUTES = (
    Route("PUT", r"images/(?P<name>.+)", put_image, "register an image"),
    Route("GET", r"gaps", get_gaps, "list unknown requests"),
    Route("DELETE", r"gaps", delete_gaps, "forget unknown requests"),
    Route("PUT", r"pace", put_pace, "keep or leave out the real systems' lags"),
    Route("PUT", r"host-paths", put_host_paths, "say where other machines' paths lie"),
    Route(
        "POST",
        r"hosts/(?P<hostname>[^/]+)/kill",
        post_kill,
        "kill the container of a host name (a pod's is its name)",
    ),
    Route("GET", r"nodes/(?P<node>[^/]+)/path", get_node_path, "find a node's path"),
    Route("PUT", r"nodes/(?P<node>[^/]+)/lost", put_lost, "cut a node off"),
    Route(
        "PUT",
        r"namespaces/(?P<namespace>[^/]+)/injected",
        put_injected,
        "add containers to the workers of a namespace",
    ),
)


def middleware(
    world: World,
) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Answers what lies below the prefix; everything else is passed on."""

    @web.middleware
    async def control(
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        if not request.path.startswith(PREFIX):
            return await handler(request)
        try:
            answer = await _dispatch(world, request)
            status = 200
        except ControlError as error:
            answer, status = {"message": str(error)}, error.status
        return web.json_response(
            answer, status=status, headers={MARKER_HEADER: VERSION}
        )

    return control


async def _dispatch(world: World, request: web.Request) -> Answer:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(token.encode(), world.admin_token.encode()):
        raise ControlError("the control API takes the administrator's token", 401)
    path = request.path.removeprefix(PREFIX)
    for route in ROUTES:
        match = re.fullmatch(route.pattern, path)
        if match is None or route.method != request.method:
            continue
        raw = await request.read()
        try:
            body = json.loads(raw) if raw else {}
        except ValueError as error:
            raise ControlError(f"the body is no JSON: {error}") from error
        return route.handler(world, {**request.query, **match.groupdict()}, body)
    known = ", ".join(f"{route.method} {route.pattern}" for route in ROUTES)
    raise ControlError(f"no {request.method} {path} here; there are: {known}", 404)
