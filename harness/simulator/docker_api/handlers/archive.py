"""Files in and out of a container."""

from aiohttp import web

from harness.simulator.docker_api import archive
from harness.simulator.docker_api.call import Call, nothing

_STAT = "X-Docker-Container-Path-Stat"


async def get(call: Call) -> web.StreamResponse:
    """Send a file or directory as tar."""
    container = call.engine.containers.get(call.name)
    data, described = archive.pack(call.engine, container, call.query.get("path", ""))
    headers = {_STAT: described}
    return web.Response(body=data, content_type="application/x-tar", headers=headers)


async def head(call: Call) -> web.StreamResponse:
    """Describe a file or directory."""
    container = call.engine.containers.get(call.name)
    path = call.query.get("path", "")
    response = nothing(200)
    response.headers[_STAT] = archive.describe(call.engine, container, path)
    return response


async def put(call: Call) -> web.StreamResponse:
    """Unpack a tar into a directory."""
    container = call.engine.containers.get(call.name)
    data = await call.request.read()
    archive.unpack(call.engine, container, call.query.get("path", ""), data)
    return nothing(200)
