"""Reads process trees and their memory from ``/proc``."""

from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of one process that can't be reclaimed without swap."""

    anonymous: int
    shared: int

    @property
    def total(self) -> int:
        """Their sum."""
        return self.anonymous + self.shared


def descendants(pid: int) -> list[int]:
    """The process itself and all below it, parents first; empty when it is gone."""
    found: list[int] = []
    pending = [pid]
    while pending:
        current = pending.pop()
        try:
            threads = list((_PROC / str(current) / "task").iterdir())
        except OSError:
            continue
        found.append(current)
        for thread in threads:
            try:
                pending += map(int, (thread / "children").read_text().split())
            except OSError:
                continue
    return found


def marked(marker: bytes) -> list[int]:
    """All processes whose environment holds the marker (``NAME=value``)."""
    found = []
    for folder in _PROC.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            variables = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if marker in variables:
            found.append(int(folder.name))
    return found


def resident(pid: int) -> Memory:
    """From ``status``: cheap, but pages shared between processes count in each."""
    fields = _fields(_PROC / str(pid) / "status")
    return Memory(fields.get("RssAnon", 0), fields.get("RssShmem", 0))


def proportional(pid: int) -> Memory:
    """From ``smaps_rollup``: exact over a tree, but slow for a large process."""
    fields = _fields(_PROC / str(pid) / "smaps_rollup")
    return Memory(fields.get("Pss_Anon", 0), fields.get("Pss_Shmem", 0))


def _fields(path: Path) -> dict[str, int]:
    """The lines ``Name:   123 kB``, in bytes; empty when the process is gone."""
    values: dict[str, int] = {}
    try:
        text = path.read_text()
    except OSError:
        return values
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        if rest.endswith(" kB"):
            values[name] = int(rest[:-3]) * _KIB
    return values
