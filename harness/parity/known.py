"""A difference that is known: where it shows, why, and where it is documented."""

import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ABSENT = "(none)"
"""Stands for a field that one side doesn't have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A row of a table of known differences.

    It excuses nothing but what both patterns match, each from beginning to end.
    """

    id: str
    fields: tuple[str, ...]
    """As file names are matched: ``worker.env *``."""
    left: str = r".*"
    """Of Docker, or of the simulator."""
    right: str = r".*"
    """Of Kubernetes, or of the real one."""
    what: str
    """A sentence: how they differ."""
    reason: str
    link: str
    """The official documentation."""
    seen_in: str
    """A scenario that shows it."""
    proofs: tuple[str, ...] = ("simulated", "real")
    """Where it can be seen at all."""
    backend: str = ""
    """The only one that shows it (a table that compares one backend with itself)."""
    sure: bool = True
    """Whether every run of `seen_in` shows it; else it depends on machine or moment."""
    only_in: tuple[str, ...] = ()
    """Where it is excused; empty for all scenarios."""
    unless: str = ""
    """A field in which both sides must agree, or the row excuses nothing; ``*`` stands
    for what the first star of `fields` stood for."""

    def explains(
        self,
        field: str,
        left: Mapping[str, str],
        right: Mapping[str, str],
        scenario: str,
    ) -> bool:
        """Whether this difference is the one that the row is about."""
        if self.only_in and scenario not in self.only_in:
            return False
        pattern = next((p for p in self.fields if fnmatch.fnmatchcase(field, p)), None)
        if pattern is None:
            return False
        if self.unless:
            other = self.unless.replace("*", field[pattern.find("*") :])
            if left.get(other) != right.get(other):
                return False
        return _matches(self.left, left.get(field)) and _matches(
            self.right, right.get(field)
        )


def _matches(pattern: str, value: str | None) -> bool:
    text = ABSENT if value is None else value
    return re.fullmatch(pattern, text, re.DOTALL) is not None


def unused(table: Iterable[Known], used: Iterable[str]) -> list[Known]:
    """The rows that no difference needed."""
    names = set(used)
    return [row for row in table if row.id not in names]
