"""Volumes: create, look, remove."""

from aiohttp import web

from harness.simulator.docker_api import listing, query, views
from harness.simulator.docker_api.call import Call, answer, nothing
from harness.simulator.docker_api.errors import ApiError, InvalidError


async def list_all(call: Call) -> web.StreamResponse:
    """List volumes by name."""
    try:
        filters = query.filters(call.query, None)
    except ApiError as error:
        raise InvalidError(f"error reading volume filters: {error.message}") from error
    found = listing.volumes(call.engine, filters)
    shown = [views.volume(volume) for volume in found]
    return answer({"Volumes": shown, "Warnings": None})


async def inspect(call: Call) -> web.StreamResponse:
    """Show a volume."""
    return answer(views.volume(call.engine.volumes.get(call.name)))


async def create(call: Call) -> web.StreamResponse:
    """Make a volume, or show the one of that name."""
    body = await call.body(required=True) or {}
    volume = call.engine.volumes.create(
        body.get("Name") or "",
        driver=body.get("Driver") or "",
        labels=body.get("Labels"),
        options=body.get("DriverOpts"),
    )
    return answer(views.volume(volume), 201)


async def remove(call: Call) -> web.StreamResponse:
    """Remove a volume that nobody uses."""
    force = query.boolean(call.query, "force")
    call.engine.volumes.remove(call.name, force=force)
    return nothing()


async def prune(call: Call) -> web.StreamResponse:
    """Remove all volumes that nobody uses."""
    filters = query.filters(call.query, ("label", "label!"))
    names, freed = call.engine.volumes.prune(
        lambda volume: listing.prunable(filters, volume.labels or {}, 0)
    )
    return answer({"VolumesDeleted": names, "SpaceReclaimed": freed})
