"""Networks: create, look, connect, remove."""

from aiohttp import web

from harness.simulator.docker_api import listing, query, views
from harness.simulator.docker_api.call import Call, answer, nothing
from harness.simulator.docker_api.container import Container
from harness.simulator.docker_api.errors import ApiError, ForbiddenError
from harness.simulator.docker_api.networks import Endpoint


async def list_all(call: Call) -> web.StreamResponse:
    """List networks."""
    filters = query.filters(call.query, listing.NETWORK_FILTERS)
    found = listing.networks(call.engine, filters)
    return answer([{**views.network(each), "Containers": {}} for each in found])


async def inspect(call: Call) -> web.StreamResponse:
    """Show a network and who is in it."""
    return answer(views.network(call.engine.networks.get(call.name)))


async def create(call: Call) -> web.StreamResponse:
    """Make a network."""
    body = await call.body(required=True) or {}
    network = call.engine.networks.create(body)
    return answer({"Id": network.id, "Warning": ""}, 201)


async def remove(call: Call) -> web.StreamResponse:
    """Remove a network that nobody uses."""
    call.engine.networks.remove(call.name)
    return nothing()


async def connect(call: Call) -> web.StreamResponse:
    """Put a container into a network."""
    body = await call.body(required=True) or {}
    network = call.engine.networks.get(call.name)
    container = call.engine.containers.get(body.get("Container") or "")
    if network.name in container.endpoints:
        raise ForbiddenError(
            f"endpoint with name {container.name} already exists in network "
            f"{network.name}"
        )
    settings = body.get("EndpointConfig") or {}
    endpoint = Endpoint(network.name, settings, network_id=network.id)
    container.endpoints[network.name] = endpoint
    if container.state.running:
        call.engine.networks.connect(endpoint, container.id, container.name)
    return nothing(200)


async def disconnect(call: Call) -> web.StreamResponse:
    """Take a container out of a network."""
    body = await call.body(required=True) or {}
    network = call.engine.networks.get(call.name)
    container: Container = call.engine.containers.get(body.get("Container") or "")
    endpoint = container.endpoints.pop(network.name, None)
    if endpoint is None:
        raise ApiError(
            f"container {container.id} is not connected to network {network.name}"
        )
    call.engine.networks.disconnect(endpoint, container.id)
    return nothing(200)


async def prune(call: Call) -> web.StreamResponse:
    """Remove all networks that nobody uses."""
    filters = query.filters(call.query, ("label", "label!", "until"))
    removed = call.engine.networks.prune(
        lambda network: listing.prunable(filters, network.labels, network.created_ns)
    )
    return answer({"NetworksDeleted": removed or None})
