"""Two cells' facts beside each other, field by field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .known import Known

SECONDS = ", seconds"
"""How the name of a field ends that holds a time."""
FACTOR, SLACK_S = 4.0, 60.0
"""Times are of one class up to here: a busy engine was seen to take 56 s for 1 s."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One field in which two cells differ."""

    field: str
    left: str | None
    """None: the field isn't there."""
    right: str | None
    known: str = ""
    """The row of the table that explains it; "" for none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """All fields of two cells."""

    fields: int
    differences: tuple[Difference, ...]

    @property
    def unexplained(self) -> tuple[Difference, ...]:
        """The differences that no row explains."""
        return tuple(one for one in self.differences if not one.known)


def compare(
    left: Mapping[str, str],
    right: Mapping[str, str],
    table: Iterable[Known],
    scenario: str,
) -> Comparison:
    """Compare the facts of two cells of one scenario."""
    rows = tuple(table)
    names = list(dict.fromkeys([*left, *right]))
    return Comparison(
        fields=len(names),
        differences=tuple(
            Difference(
                field=name,
                left=left.get(name),
                right=right.get(name),
                known=_explained(rows, name, left, right, scenario),
            )
            for name in names
            if not same(name, left.get(name), right.get(name))
        ),
    )


def _explained(
    rows: tuple[Known, ...],
    name: str,
    left: Mapping[str, str],
    right: Mapping[str, str],
    scenario: str,
) -> str:
    found = (row.id for row in rows if row.explains(name, left, right, scenario))
    return next(found, "")


def same(name: str, left: str | None, right: str | None) -> bool:
    """Whether two values agree: equal, or times of one class."""
    if left == right:
        return True
    if not name.endswith(SECONDS) or left is None or right is None:
        return False
    less, more = sorted((float(left), float(right)))
    return more <= FACTOR * less + SLACK_S
