"""The HTTP shell: versions in paths, the engine's headers, errors as answers."""

import logging
import re
from urllib.parse import unquote

from aiohttp import web

from harness.simulator import MARKER_HEADER
from harness.simulator import VERSION as SIMULATOR_VERSION
from harness.simulator.docker_api.call import Call, answer, nothing, text
from harness.simulator.docker_api.engine import (
    API_VERSION,
    MIN_API_VERSION,
    VERSION,
    Engine,
)
from harness.simulator.docker_api.errors import (
    ApiError,
    GapError,
    NotModifiedError,
    not_modelled,
)
from harness.simulator.docker_api.routes import ROUTES, Route
from harness.simulator.world import World

_log = logging.getLogger(__name__)
_VERSIONED = re.compile(r"/v([0-9][0-9A-Za-z.-]*)(/.*)")
_PATTERNS = tuple((route, route.pattern) for route in ROUTES)
_JSON_ERRORS_SINCE = (1, 24)
_MAX_BODY = 2**30  # an archive that is put into a volume


def make_app(world: World) -> web.Application:
    """The application that answers on the engine's socket."""
    engine = Engine(world)

    async def dispatch(request: web.Request) -> web.StreamResponse:
        return await _dispatch(engine, request)

    app = web.Application(client_max_size=_MAX_BODY)
    app.router.add_route("*", "/{path:.*}", dispatch)
    app.on_response_prepare.append(_add_headers)
    return app


async def _dispatch(engine: Engine, request: web.Request) -> web.StreamResponse:
    path = unquote(request.rel_url.raw_path)
    if "//" in path:  # Go's router redirects to the clean form
        location = re.sub("/+", "/", path)
        return web.Response(status=301, headers={"Location": location})
    version = API_VERSION
    versioned = _VERSIONED.fullmatch(path)
    if versioned is not None:
        version, path = versioned.groups()
    route, match = find_route(request.method, path)
    if route is None:
        request["unknown"] = True
        return answer({"message": "page not found"}, 404)
    refusal = _refuse_version(version)
    if refusal is not None:
        request["refused"] = True
        return refusal
    try:
        if route.handler is None:
            raise not_modelled(f"{request.method} {route.path}", "routes.py")
        return await route.handler(Call(engine, request, match))
    except NotModifiedError:
        return nothing(304)
    except ApiError as error:
        if isinstance(error, GapError):
            _record(engine.world, request, error.message)
        if _numbers(version) < _JSON_ERRORS_SINCE:
            plain = text(f"{error.message}\n", error.status)
            plain.headers["X-Content-Type-Options"] = "nosniff"
            return plain
        return answer({"message": error.message}, error.status)
    except ConnectionError:
        return web.Response()  # the client is gone: nobody reads it
    except Exception as error:
        _log.exception("%s %s", request.method, request.path_qs)
        message = f"the simulator failed, not the request: {error!r}"
        _record(engine.world, request, message)
        return answer({"message": message}, 500)


def find_route(method: str, path: str) -> tuple[Route | None, dict[str, str]]:
    """The row for a path without its version, and what its pattern found in it."""
    for route, pattern in _PATTERNS:
        if route.method == method and (match := pattern.fullmatch(path)):
            return route, match.groupdict()
    return None, {}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _refuse_version(version: str) -> web.Response | None:
    if _numbers(version) > _numbers(API_VERSION):
        message = (
            f"client version {version} is too new. Maximum supported API version is "
            f"{API_VERSION}"
        )
        return answer({"message": message}, 400)
    if _numbers(version) < _numbers(MIN_API_VERSION):
        response = text(
            f"client version {version} is too old. Minimum supported API version is "
            f"{MIN_API_VERSION}, please upgrade your client to a newer version\n",
            400,
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
    return None


def _record(world: World, request: web.Request, message: str) -> None:
    request["gap"] = True
    world.gaps.record(
        "docker",
        request.method,
        request.path_qs,
        user_agent=request.headers.get("User-Agent", ""),
        message=message,
    )


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    headers = response.headers
    headers[MARKER_HEADER] = "gap" if request.get("gap") else SIMULATOR_VERSION
    has_body = isinstance(response, web.Response) and response.body
    if not has_body and headers.get("Content-Type") == "application/octet-stream":
        del headers["Content-Type"]  # aiohttp's default; the engine has none
    if request.get("unknown"):
        headers.popall("Server", None)
        return
    headers["Api-Version"] = API_VERSION
    headers["Ostype"] = "linux"
    headers["Server"] = f"Docker/{VERSION} (linux)"
    if not request.get("refused"):
        headers["Docker-Experimental"] = "false"
