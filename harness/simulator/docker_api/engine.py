"""The engine: everything there is, without HTTP."""

import platform
from typing import Any

from harness.simulator.docker_api import spec
from harness.simulator.docker_api.container import Container
from harness.simulator.docker_api.containers import Containers
from harness.simulator.docker_api.errors import not_modelled
from harness.simulator.docker_api.events import Events
from harness.simulator.docker_api.images import LocalImages
from harness.simulator.docker_api.lifecycle import Lifecycle
from harness.simulator.docker_api.networks import Networks
from harness.simulator.docker_api.volumes import Volumes
from harness.simulator.world import World

VERSION = "20.10.24"
API_VERSION = "1.41"
MIN_API_VERSION = "1.12"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
"""Go's names for the machine's."""

# As the engine's own: between the request and the answer of a creation
_CREATE_LAG_S = 0.03


class Engine:
    """One Docker Engine."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.architecture = ARCHITECTURES.get(platform.machine(), platform.machine())
        ids = world.ids.stream("docker")
        folder = world.directory / "docker" / "volumes"
        self.events = Events(world.clock)
        self.images = LocalImages(world.images, world.clock, self.events)
        self.networks = Networks(world.clock, ids.stream("networks"), self.events)
        self.volumes = Volumes(folder, world.clock, ids.stream("volumes"), self.events)
        self.lifecycle = Lifecycle(world, self.events, self.networks, self.volumes)
        self.containers = Containers(world, self.lifecycle, self.volumes)

    async def create_container(self, name: str, body: Any) -> Container:
        """A container for the body of ``POST /containers/create``."""
        checked = spec.check_body(body)
        reference = checked.get("Image") or ""
        if not reference:
            raise not_modelled("a container without an image", "engine.py")
        image = self.images.get(reference).image
        made = spec.make(checked, image)
        await self.world.clock.lag(_CREATE_LAG_S)
        return self.containers.create(name, made, image)
