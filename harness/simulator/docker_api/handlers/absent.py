"""What this engine has none of, and is asked for nevertheless: plugins, a swarm."""

from aiohttp import web

from harness.simulator.docker_api.call import Call, answer
from harness.simulator.docker_api.errors import ApiError, NotFoundError


class _UnavailableError(ApiError):
    status = 503


async def plugins(call: Call) -> web.StreamResponse:
    """List plugins: there are none."""
    del call
    return answer([])


async def plugin(call: Call) -> web.StreamResponse:
    """Show a plugin: there is none."""
    raise NotFoundError(f'plugin "{call.name}" not found')


async def swarm(call: Call) -> web.StreamResponse:
    """Anything of a swarm: this engine isn't in one."""
    del call
    raise _UnavailableError(
        'This node is not a swarm manager. Use "docker swarm init" or "docker swarm '
        'join" to connect this node to swarm and try again.'
    )
