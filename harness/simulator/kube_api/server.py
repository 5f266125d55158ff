"""Puts the parts together: the store, those who work on it, and the HTTP server.

`make_app(world)` is all that the simulator's server calls. Reading order: `store`,
`writer`, `serving/dispatch`, then controllers, scheduler and kubelet.
"""

from collections.abc import AsyncIterator

from aiohttp import web

from harness.simulator.kube_api import cluster
from harness.simulator.kube_api.control_plane import Controllers
from harness.simulator.kube_api.serving import content
from harness.simulator.kube_api.serving.dispatch import dispatch
from harness.simulator.world import World


def make_app(world: World) -> web.Application:
    """Return the application that serves a new cluster."""
    own = cluster.make(world)
    controllers = Controllers(own, ca_file=world.directory / "ca.pem")

    async def handle(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        host, port, *_ = request.transport.get_extra_info("sockname")
        own.address.value = (host, port)
        controllers.start()
        return await dispatch(own, request)

    async def work(_app: web.Application) -> AsyncIterator[None]:
        yield
        await controllers.stop()

    app = web.Application(client_max_size=content.MAX_BODY)
    app.router.add_route("*", "/{path:.*}", handle)
    app.cleanup_ctx.append(work)
    return app
