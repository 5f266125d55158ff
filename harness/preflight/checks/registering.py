"""Which function judges which check."""

from collections.abc import Callable, Iterable

from ..facts import Facts
from ..model import Result

Judge = Callable[[Facts], Iterable[Result]]
JUDGES: dict[str, Judge] = {}


def judges(check: str) -> Callable[[Judge], Judge]:
    """Register a pure function from the facts to a check's results."""

    def register(function: Judge) -> Judge:
        assert check not in JUDGES, check
        JUDGES[check] = function
        return function

    return register
