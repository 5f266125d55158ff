"""Cells: one scenario on one backend in one environment, and which of them are run."""

import fnmatch
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from .load import Loaded
from .schema import Backend, Scenario


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One scenario on one backend in one environment."""

    scenario: Scenario
    path: Path
    backend: Backend
    environment: str

    @property
    def id(self) -> str:
        """Readable and unique in a run: ``package-trees-kubernetes-simulated``."""
        return f"{self.scenario.name}-{self.backend}-{self.environment}"


def plan(
    loaded: Iterable[Loaded],
    *,
    environments: Iterable[tuple[str, frozenset[Backend]]],
    backends: Iterable[Backend],
    expression: str = "",
    none_is_wrong: bool = True,
) -> list[Cell]:
    """The cells to run, scenario by scenario.

    :param environments: names, and the backends that each has
    :param expression: as pytest's ``-k``, on the cell's id and the scenario's tags
    :param none_is_wrong: whether it is a mistake if no cell is left
    :raises UsageError: the expression can't be read, or leaves nothing
    """
    wanted = _Expression(expression)
    cells = [
        Cell(
            scenario=one.scenario,
            path=one.path,
            backend=backend,
            environment=environment,
        )
        for one in loaded
        for environment, has in environments
        for backend in backends
        if backend in has and backend in one.scenario.backends
    ]
    chosen = [cell for cell in cells if wanted.matches(cell)]
    if not chosen and none_is_wrong:
        raise UsageError(
            f"No cell matches -k {expression!r}."
            if cells
            else "None of these scenarios is for this backend and environment.",
            "`qfc-harness scenarios list --json` shows scenarios, tags and backends.",
        )
    return chosen


def nodes_for(cells: Iterable[Cell]) -> tuple[int, int]:
    """How many nodes any of these cells can do with, and how many all of them need."""
    needed = [2 if "two_nodes" in cell.scenario.needs else 1 for cell in cells]
    return min(needed, default=1), max(needed, default=1)


class _Expression:
    """``a and not (b or c)`` over substrings of a cell's id and its tags."""

    _TOKEN = re.compile(r"\s*(\(|\)|[^\s()]+)")

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._TOKEN.findall(text)
        if self._tokens:
            self._check()

    def _check(self) -> None:
        try:
            self._evaluate("", ())
        except (IndexError, ValueError) as error:
            raise UsageError(
                f"-k {self._text!r} can't be read: {error}",
                "Write for example 'package and not docker'.",
            ) from None

    def matches(self, cell: Cell) -> bool:
        """Whether the cell is chosen."""
        return not self._tokens or self._evaluate(cell.id, cell.scenario.tags)

    def _evaluate(self, name: str, tags: tuple[str, ...]) -> bool:
        tokens = list(self._tokens)

        def either() -> bool:
            value = both()
            while tokens and tokens[0] == "or":
                tokens.pop(0)
                value = both() or value
            return value

        def both() -> bool:
            value = one()
            while tokens and tokens[0] == "and":
                tokens.pop(0)
                value = one() and value
            return value

        def one() -> bool:
            if not tokens:
                raise ValueError("it ends too early")
            word = tokens.pop(0)
            if word == "not":
                return not one()
            if word == "(":
                value = either()
                if not tokens or tokens.pop(0) != ")":
                    raise ValueError("a ) is missing")
                return value
            if word in (")", "and", "or"):
                raise ValueError(f"{word!r} stands where a word should")
            return word in name or any(fnmatch.fnmatch(tag, word) for tag in tags)

        value = either()
        if tokens:
            raise ValueError(f"{tokens[0]!r} is one too many")
        return value
