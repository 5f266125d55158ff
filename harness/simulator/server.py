"""Serves both APIs of one simulator: a unix socket for Docker, TLS for Kubernetes."""

import contextlib
import secrets
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme
from aiohttp import web

from harness.simulator import VERSION, control
from harness.simulator.clock import Pace, SystemClock
from harness.simulator.docker_api import server as docker_api
from harness.simulator.ids import Ids
from harness.simulator.kube_api import server as kube_api
from harness.simulator.runtime import Images, Runtime
from harness.simulator.runtime.removal import remove_tree
from harness.simulator.world import Gaps, HostPaths, World

_NAMES = (  # as a pod knows the API server, and as the harness does
    "127.0.0.1",
    "::1",
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
)
_SHUTDOWN_S = 0.2  # for streams that never end by themselves


@dataclass(frozen=True, kw_only=True, slots=True)
class Serving:
    """Where a simulator answers."""

    world: World
    docker_socket: Path
    kubernetes_url: str
    ca_file: Path

    def as_json(self) -> dict[str, Any]:
        """The ready line."""
        isolation = self.world.runtime.isolation
        return {
            "version": VERSION,
            "docker": {"socket": str(self.docker_socket)},
            "kubernetes": {
                "url": self.kubernetes_url,
                "ca_file": str(self.ca_file),
                "admin_token": self.world.admin_token,
            },
            "isolation": {"kind": isolation.kind.value, "reason": isolation.reason},
            "pace": self.world.clock.pace.value,
            "seed": self.world.ids.seed,
        }


@contextlib.asynccontextmanager
async def serve(
    directory: Path, *, pace: Pace = Pace.REAL, seed: int | str | None = None
) -> AsyncIterator[Serving]:
    """A simulator for the time of the block; it leaves nothing behind.

    ``directory`` is made, or taken when it is empty. Raises FileExistsError when
    something is in it.
    """
    made = not directory.exists()
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(directory.iterdir()):
        raise FileExistsError(f"{directory} is not empty: give an empty or new one")
    directory.chmod(0o700)
    world = _make_world(directory, pace, seed)
    try:
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(world.runtime.close)
            docker_socket = directory / "docker.sock"
            docker = await _start(docker_api.make_app(world), stack)
            await web.UnixSite(docker, str(docker_socket)).start()
            docker_socket.chmod(0o600)
            ca_file = directory / "ca.pem"
            app = kube_api.make_app(world)
            app.middlewares.insert(0, control.middleware(world))
            kube = await _start(app, stack)
            site = web.TCPSite(
                kube, "127.0.0.1", 0, ssl_context=_make_certificates(ca_file)
            )
            await site.start()
            port = kube.addresses[0][1]
            yield Serving(
                world=world,
                docker_socket=docker_socket,
                kubernetes_url=f"https://127.0.0.1:{port}",
                ca_file=ca_file,
            )
    finally:
        for item in directory.iterdir():
            remove_tree(item) if item.is_dir() else item.unlink()
        if made:
            directory.rmdir()


def _make_world(directory: Path, pace: Pace, seed: int | str | None) -> World:
    clock = SystemClock(pace)
    return World(
        directory=directory,
        runtime=Runtime(directory / "runtime", clock),
        images=Images(),
        clock=clock,
        ids=Ids(secrets.randbits(32) if seed is None else seed),
        gaps=Gaps(clock),
        host_paths=HostPaths(directory / "nodes"),
        admin_token=secrets.token_urlsafe(32),
    )


async def _start(
    app: web.Application, stack: contextlib.AsyncExitStack
) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    return runner


def _make_certificates(ca_file: Path) -> ssl.SSLContext:
    authority = trustme.CA(organization_name="qfc-simulator")
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issued = authority.issue_cert(*_NAMES)
    with issued.private_key_and_cert_chain_pem.tempfile(str(ca_file.parent)) as path:
        context.load_cert_chain(path)
    return context
