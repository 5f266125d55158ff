"""Volumes: named directories that outlive the containers which use them."""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from harness.simulator.clock import Clock
from harness.simulator.docker_api.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
)
from harness.simulator.docker_api.events import Events
from harness.simulator.docker_api.mounts import check_volume_name
from harness.simulator.ids import Ids
from harness.simulator.runtime.removal import remove_tree


@dataclass(slots=True)
class Volume:
    """A directory with a name."""

    name: str
    data: Path
    created_ns: int
    labels: dict[str, str] | None
    options: dict[str, str] | None
    anonymous: bool = False
    users: set[str] = field(default_factory=set)
    """Ids of the containers that use it, ended ones included."""


class Volumes:
    """All volumes of the engine."""

    def __init__(self, folder: Path, clock: Clock, ids: Ids, events: Events) -> None:
        self._folder = folder
        self._clock = clock
        self._ids = ids
        self._events = events
        self._by_name: dict[str, Volume] = {}

    def all(self) -> list[Volume]:
        """Every one, by name."""
        return sorted(self._by_name.values(), key=lambda volume: volume.name)

    def get(self, name: str) -> Volume:
        """By name; raises NotFoundError."""
        try:
            return self._by_name[name]
        except KeyError:
            raise NotFoundError(f"get {name}: no such volume") from None

    def create(
        self,
        name: str,
        *,
        driver: str = "local",
        labels: dict[str, str] | None = None,
        options: dict[str, str] | None = None,
    ) -> Volume:
        """A new volume, or the one that has the name already."""
        if name:
            check_volume_name(name)
        if driver not in ("", "local"):
            raise NotFoundError(
                f"create {name}: error looking up volume plugin {driver}: "
                f'plugin "{driver}" not found'
            )
        for option in options or {}:
            raise InvalidError(f'create {name}: invalid option: "{option}"')
        if name in self._by_name:
            return self._by_name[name]
        made = Volume(
            name=name or self._ids.hex(),
            data=Path(),
            created_ns=self._clock.now_ns(),
            labels=labels,
            options=options,
            anonymous=not name,
        )
        made.data = self._folder / made.name / "_data"
        made.data.mkdir(parents=True)
        self._by_name[made.name] = made
        self._tell("create", made)
        return made

    def remove(self, name: str, *, force: bool = False) -> None:
        """Raises NotFoundError (unless forced) and ConflictError while it is used."""
        if force and name not in self._by_name:
            return
        volume = self.get(name)
        if volume.users:
            users = ", ".join(sorted(volume.users))
            raise ConflictError(f"remove {name}: volume is in use - [{users}]")
        del self._by_name[name]
        remove_tree(volume.data.parent)
        self._tell("destroy", volume)

    def prune(self, wanted: Callable[[Volume], bool]) -> tuple[list[str], int]:
        """Remove what nobody uses; the names, and the bytes that were freed."""
        unused = [v for v in self.all() if not v.users and wanted(v)]
        freed = sum(_size(volume.data) for volume in unused)
        for volume in unused:
            self.remove(volume.name)
        return [volume.name for volume in unused], freed

    def mounted(
        self, name: str, container: str, *, target: str, read_only: bool
    ) -> None:
        """Tell of a mount."""
        attributes = {
            "container": container,
            "destination": target,
            "propagation": "",
            "read/write": "false" if read_only else "true",
        }
        self._tell("mount", self.get(name), attributes)

    def unmounted(self, name: str, container: str) -> None:
        """Tell of the end of a mount."""
        self._tell("unmount", self.get(name), {"container": container})

    def release(self, names: Iterable[str], container: str) -> None:
        """The container is gone."""
        for name in names:
            if name in self._by_name:
                self._by_name[name].users.discard(container)

    def _tell(
        self, action: str, volume: Volume, attributes: dict[str, str] | None = None
    ) -> None:
        self._events.tell(
            "volume", action, volume.name, {"driver": "local", **(attributes or {})}
        )


def fill(volume: Volume, source: Path) -> None:
    """Copy what the image has at the target into a volume that is still empty."""
    if source.is_dir() and not any(volume.data.iterdir()):
        shutil.copytree(source, volume.data, dirs_exist_ok=True, symlinks=True)


def _size(folder: Path) -> int:
    return sum(
        (Path(where) / name).lstat().st_size
        for where, _, names in os.walk(folder)
        for name in names
    )
