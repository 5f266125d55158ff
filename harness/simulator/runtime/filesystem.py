"""The file system that a container sees, put together from pieces of this machine.

A `RootTree` says what lies at which path: directories made for the container, links,
and read-only layers or mounts bound from this machine. It is data: the sandbox turns
it into bubblewrap's arguments, and paths are resolved in it without a process.
"""

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_MAX_LINKS = 40


@dataclass(frozen=True, slots=True)
class Directory:
    """Made for this container alone, writable."""

    mode: int = 0o755


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link."""

    to: str


@dataclass(frozen=True, slots=True)
class Layer:
    """Part of the image: read-only; mounts below it find their place made."""

    source: Path


@dataclass(frozen=True, slots=True)
class Bind:
    """A mount: what is written there is written to this machine."""

    source: Path
    read_only: bool


@dataclass(frozen=True, slots=True)
class Tmpfs:
    """Memory; 0 bytes is unlimited."""

    size: int
    mode: int = 0o1777


Entry = Directory | Link | Layer | Bind | Tmpfs


@dataclass(frozen=True, slots=True)
class Place:
    """What a path of the container stands for.

    ``source`` is the file on this machine; None for what exists in the container
    only, or (``exists`` false) not at all.
    """

    path: str
    exists: bool
    is_dir: bool
    source: Path | None
    entry: Entry | None
    """The mount or layer it belongs to."""


class RootTree:
    """Entries by their normalised absolute path, parents before children."""

    def __init__(self, other: "RootTree | None" = None) -> None:
        """Empty, or a copy of another one."""
        self._entries: dict[str, Entry] = {"/": Directory()}
        if other is not None:
            self._entries |= other._entries

    def items(self) -> list[tuple[str, Entry]]:
        """In the order in which they have to be made."""
        return sorted(self._entries.items(), key=lambda item: _parts(item[0]))

    def add(self, path: str, entry: Entry) -> None:
        """Put an entry somewhere, in place of what was there."""
        path = normalise(path)
        self._make_room(path)
        for below in [p for p in self._entries if p.startswith(path.rstrip("/") + "/")]:
            del self._entries[below]
        self._entries[path] = entry
        parent = str(PurePosixPath(path).parent)
        while parent not in self._entries and self._is_made(parent):
            self._entries[parent] = Directory()
            parent = str(PurePosixPath(parent).parent)

    def _is_made(self, path: str) -> bool:
        return isinstance(self._entries[self._covering(path)], Directory)

    def add_folder(self, path: str, source: Path) -> None:
        """A layer whose top directory is writable: each child is a layer."""
        if normalise(path) != "/":
            self.add(path, Directory())
        for child in sorted(os.scandir(source), key=lambda item: item.name):
            self.add(f"{path}/{child.name}", _layer_of(child))

    def _make_room(self, path: str) -> None:
        """Open the layer that covers a path, as far as the path isn't in it."""
        cover = self._covering(path)
        entry = self._entries[cover]
        if not isinstance(entry, Layer) or cover == path:
            return
        relative = PurePosixPath(path).relative_to(cover)
        if os.path.lexists(entry.source / relative):
            return
        self._entries[cover] = Directory()
        for child in os.scandir(entry.source):
            self._entries[normalise(f"{cover}/{child.name}")] = _layer_of(child)
        self._make_room(path)

    def _covering(self, path: str) -> str:
        while path not in self._entries:
            path = str(PurePosixPath(path).parent)
        return path

    def resolve(self, path: str, *, cwd: str = "/") -> Place:
        """Follow a path as a process in the container would.

        Raises OSError (ELOOP, ENOTDIR) as a system call would; a path that doesn't
        exist is answered with ``exists`` false.
        """
        pending = list(reversed(PurePosixPath(cwd, path).parts[1:]))
        at, links = "/", 0
        place = self._look("/")
        while pending:
            part = pending.pop()
            if part == "..":
                at = str(PurePosixPath(at).parent)
                place = self._look(at)
                continue
            if place.exists and not place.is_dir:
                raise NotADirectoryError(
                    errno.ENOTDIR, os.strerror(errno.ENOTDIR), place.path
                )
            step = normalise(f"{at}/{part}")
            target = self._link_at(step)
            if target is None:
                at = step
                place = self._look(at)
                continue
            links += 1
            if links > _MAX_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
            if target.startswith("/"):
                at = "/"
            pending += reversed([p for p in PurePosixPath(target).parts if p != "/"])
            place = self._look(at)
        return place

    def _source_of(self, path: str) -> tuple[Path | None, Entry, str]:
        cover = self._covering(path)
        entry = self._entries[cover]
        if isinstance(entry, Layer | Bind):
            return entry.source / PurePosixPath(path).relative_to(cover), entry, cover
        return None, entry, cover

    def _link_at(self, path: str) -> str | None:
        source, entry, cover = self._source_of(path)
        if isinstance(entry, Link) and cover == path:
            return entry.to
        if source is not None and cover != path and source.is_symlink():
            return str(source.readlink())
        return None

    def _look(self, path: str) -> Place:
        source, entry, cover = self._source_of(path)
        if source is not None:
            try:
                mode = source.stat().st_mode
            except OSError:
                return Place(path, False, False, source, entry)
            return Place(path, True, stat.S_ISDIR(mode), source, entry)
        is_made = cover == path
        return Place(path, is_made, is_made, None, entry)


def normalise(path: str) -> str:
    """Absolute, without ``.``, ``..``, double or trailing slashes."""
    return os.path.normpath("/" + path.lstrip("/"))


def _parts(path: str) -> tuple[str, ...]:
    return PurePosixPath(path).parts


def _layer_of(child: "os.DirEntry[str]") -> Entry:
    if child.is_symlink():
        return Link(str(Path(child.path).readlink()))
    return Layer(Path(child.path))
