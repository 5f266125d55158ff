"""Containers: create, look, start, stop, wait, remove."""

import asyncio

from aiohttp import web

from harness.simulator.docker_api import listing, query, views
from harness.simulator.docker_api.call import Call, answer, nothing, stream
from harness.simulator.docker_api.container import Ended
from harness.simulator.docker_api.errors import (
    ApiError,
    ConflictError,
    InvalidError,
    not_modelled,
)
from harness.simulator.docker_api.go_json import encode
from harness.simulator.docker_api.top import top as processes


async def create(call: Call) -> web.StreamResponse:
    """Make a container."""
    body = await call.body(required=True)
    if call.query.get("platform"):
        raise not_modelled("the parameter platform", "handlers/containers.py")
    container = await call.engine.create_container(call.query.get("name", ""), body)
    return answer({"Id": container.id, "Warnings": []}, 201)


async def list_all(call: Call) -> web.StreamResponse:
    """List containers, newest first."""
    if query.boolean(call.query, "size"):
        raise not_modelled("sizes of containers", "handlers/containers.py")
    limit = query.integer(call.query, "limit")
    found = listing.containers(
        call.engine,
        query.filters(call.query, listing.CONTAINER_FILTERS),
        every=query.boolean(call.query, "all"),
        limit=limit or 0,
    )
    now_ns = call.engine.world.clock.now_ns()
    volumes = call.engine.volumes
    return answer([views.entry(container, volumes, now_ns) for container in found])


async def inspect(call: Call) -> web.StreamResponse:
    """Show all of a container."""
    if query.boolean(call.query, "size"):
        raise not_modelled("sizes of containers", "handlers/containers.py")
    container = call.engine.containers.get(call.name)
    return answer(views.inspect(container, call.engine.volumes))


async def start(call: Call) -> web.StreamResponse:
    """Run a container."""
    await call.engine.containers.start(call.engine.containers.get(call.name))
    return nothing()


async def stop(call: Call) -> web.StreamResponse:
    """Ask a container to end, and kill it after a time."""
    timeout_s = query.integer(call.query, "t")
    container = call.engine.containers.get(call.name)
    await call.engine.containers.stop(container, timeout_s)
    return nothing()


async def restart(call: Call) -> web.StreamResponse:
    """Stop and start a container."""
    timeout_s = query.integer(call.query, "t")
    container = call.engine.containers.get(call.name)
    await call.engine.containers.restart(container, timeout_s)
    return nothing()


async def kill(call: Call) -> web.StreamResponse:
    """Send a signal to a container."""
    await call.engine.containers.kill(call.name, call.query.get("signal") or "KILL")
    return nothing()


async def rename(call: Call) -> web.StreamResponse:
    """Give a container another name."""
    container = call.engine.containers.get(call.name)
    call.engine.containers.rename(container, call.query.get("name", ""))
    return nothing()


async def remove(call: Call) -> web.StreamResponse:
    """Remove a container."""
    if query.boolean(call.query, "link"):
        raise not_modelled("links between containers", "handlers/containers.py")
    await call.engine.containers.remove(
        call.name,
        force=query.boolean(call.query, "force"),
        volumes=query.boolean(call.query, "v"),
    )
    return nothing()


async def wait(call: Call) -> web.StreamResponse:
    """Wait for a container's end; the head is sent at once."""
    container = call.engine.containers.get(call.name)
    # waiting begins before the client knows, so that it can't miss the end
    waiting = asyncio.ensure_future(container.wait(call.query.get("condition", "")))
    try:
        response = await stream(call, "application/json")
        await response.write(encode(_ended(await waiting)))
        await response.write_eof()
    finally:
        waiting.cancel()
    return response


def _ended(ended: Ended) -> dict[str, object]:
    error = {"Message": ended.error} if ended.error else None
    return {"Error": error, "StatusCode": ended.exit_code}


async def prune(call: Call) -> web.StreamResponse:
    """Remove all containers that don't run."""
    filters = query.filters(call.query, ("label", "label!", "until"))
    removed = call.engine.containers.prune(
        lambda container: listing.prunable(
            filters, container.spec.labels, container.created_ns
        )
    )
    return answer({"ContainersDeleted": removed or None, "SpaceReclaimed": 0})


async def top(call: Call) -> web.StreamResponse:
    """List a container's processes."""
    container = call.engine.containers.get(call.name)
    if call.query.get("ps_args", "-ef") not in ("", "-ef"):
        raise not_modelled("options of ps", "top.py")
    if container.process is None:
        raise ConflictError(f"Container {container.id} is not running")
    return answer(processes(container.process.pids()))


async def resize(call: Call) -> web.StreamResponse:
    """Refuse: there are no terminals. What is said first is the engine's."""
    try:
        for name in ("h", "w"):
            query.atoi(call.query.get(name, ""))
    except ApiError as error:
        raise InvalidError(error.message) from error
    call.engine.containers.get(call.name)
    raise not_modelled("terminals", "handlers/containers.py")


async def changes(call: Call) -> web.StreamResponse:
    """Refuse: a container's own layer isn't kept."""
    call.engine.containers.get(call.name)
    raise not_modelled("changes of a container's files", "handlers/containers.py")
