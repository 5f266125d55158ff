"""Expected and actual side by side, with what differs marked."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT = 2
"""Equal lines that are kept before and after a difference."""
ALIKE = 0.5
"""Below this share of equal words, marking would be confetti."""

MOST_PAIRS = 20_000
"""Of equal words; matching takes longer than a reader's patience beyond."""

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line."""

    text: str
    differs: bool = False


Side = tuple[Piece, ...] | None
Opcodes = Sequence[tuple[str, int, int, int, int]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line on both sides; None on the side that lacks it."""

    left: Side
    right: Side
    differs: bool = True
    folded: int = 0
    """So many equal lines stand for this one, which is empty."""


def difference(expected: str, actual: str) -> list[Line]:
    """The lines of both texts, those that belong together beside each other."""
    left, right = expected.strip("\n").split("\n"), actual.strip("\n").split("\n")
    if len(left) == len(right) == 1:
        return [_pair(left[0], right[0])]
    lines: list[Line] = []
    for kind, i, i_end, j, j_end in _opcodes(left, right):
        if kind == "equal":
            lines += _fold(left[i:i_end], first=i == 0, last=i_end == len(left))
        else:
            lines += _replaced(left[i:i_end], right[j:j_end])
    return lines


def _opcodes(left: list[str], right: list[str]) -> Opcodes:
    there = Counter(right)
    if sum(there[word] for word in left) > MOST_PAIRS:
        return [("replace", 0, len(left), 0, len(right))]
    return SequenceMatcher(None, left, right, autojunk=False).get_opcodes()


def _replaced(left: list[str], right: list[str]) -> Iterator[Line]:
    for number in range(max(len(left), len(right))):
        if number >= len(left):
            yield Line(None, (Piece(right[number], differs=True),))
        elif number >= len(right):
            yield Line((Piece(left[number], differs=True),), None)
        else:
            yield _pair(left[number], right[number])


def _pair(left: str, right: str) -> Line:
    if left == right:
        return _same(left)
    words, other = _WORDS.findall(left), _WORDS.findall(right)
    opcodes = _opcodes(words, other)
    equal = sum(
        len(word)
        for kind, i, i_end, _, _ in opcodes
        if kind == "equal"
        for word in words[i:i_end]
        if not word.isspace()
    )
    longest = max(len("".join(left.split())), len("".join(right.split())), 1)
    if equal / longest < ALIKE:
        return Line((Piece(left),), (Piece(right),))
    sides: tuple[list[Piece], list[Piece]] = ([], [])
    for kind, i, i_end, j, j_end in opcodes:
        differs = kind != "equal"
        for side, part in zip(sides, (words[i:i_end], other[j:j_end]), strict=True):
            if part:
                side.append(Piece("".join(part), differs))
    return Line(tuple(sides[0]), tuple(sides[1]))


def _fold(lines: list[str], *, first: bool, last: bool) -> Iterator[Line]:
    before, after = (0 if first else CONTEXT), (0 if last else CONTEXT)
    if len(lines) <= before + after + 1:
        yield from map(_same, lines)
        return
    yield from map(_same, lines[:before])
    yield Line((), (), differs=False, folded=len(lines) - before - after)
    if after:
        yield from map(_same, lines[-after:])


def _same(line: str) -> Line:
    return Line((Piece(line),), (Piece(line),), differs=False)
