"""What a page carries: all of it while there is room, the most telling parts first.

A page of two megabytes opens in a second anywhere; one of a hundred crashes the browser
of the person who needs it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from markupsafe import Markup

ROOM = 1_450_000
"""Bytes for the parts of all cells; the rest of a page takes 2 to 3 kB a cell."""
LOG_LIMIT = 16_000
"""Characters of one log."""


MISSES = 5
"""Parts that were too large, one after the other, until no more are written."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A part of a cell."""

    cell: int
    name: str
    rank: tuple[int, int]
    """Lower goes in first."""
    write: Callable[[], Markup]
    instead: Markup
    """What stands in its place if there is no room."""


class Carried:
    """The parts that a page has room for, and what is said of the others."""

    def __init__(self, parts: Iterable[Part], room: int = ROOM) -> None:
        ranked = sorted(parts, key=lambda one: one.rank)
        self._texts = {(part.cell, part.name): part.instead for part in ranked}
        self._left_out = dict.fromkeys(self._texts, True)
        room -= sum(_size(text) for text in self._texts.values())
        misses = 0
        for part in ranked:
            if misses == MISSES:
                break
            full = part.write()
            more = _size(full) - _size(part.instead)
            if more > room:
                misses += 1
                continue
            room, misses = room - more, 0
            self._texts[part.cell, part.name] = full
            self._left_out[part.cell, part.name] = False

    def text(self, cell: int, name: str) -> Markup:
        """A part in full, or what stands in its place; empty where there is none."""
        return self._texts.get((cell, name), Markup())

    def left_out(self, cell: int, names: Iterable[str]) -> list[str]:
        """Those of the parts that had no room."""
        return [name for name in names if self._left_out.get((cell, name))]


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
