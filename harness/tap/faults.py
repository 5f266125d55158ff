"""Faults that are put in between subject and backend: which call they strike, and how.

A fault waits for the ``nth`` call of its kind and strikes it and those that follow,
``times`` in all. Each call is struck by one fault at most: the first that wants it.
"""

import dataclasses
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .chosen import is_chosen
from .journal import Call

ANSWER, REFUSE, RESET, STALL, CUT, LOSE_ANSWER, DELAY = (
    "answer",
    "refuse",
    "reset",
    "stall",
    "cut",
    "lose_answer",
    "delay",
)
FOR_GOOD = 0
ANY = "*"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One fault; which calls it strikes, and what it does to them."""

    number: int
    """Its place in the scenario, from 1."""
    at: str
    """As `chosen.is_chosen` understands it; ``*`` for any call."""
    kind: str
    status: int = 0
    """Of an answer that the backend never gave."""
    retry_after_s: float | None = None
    nth: int = 1
    times: int = 1
    """How many calls in a row; 0: every one from the first on."""
    after: int | None = None
    """Whole events, lines or frames of the answer's stream that come through first."""
    seconds: float = 0.0
    """Of a delay, or until somebody listens again after a refusal; 0: never again."""

    @property
    def label(self) -> str:
        """As the journal marks a call that was struck."""
        what = f"answer {self.status}" if self.kind == ANSWER else self.kind
        return f"fault {self.number} ({self.at}: {what})"

    def is_at(self, call: Call) -> bool:
        """Whether a call is one that it waits for."""
        return self.at == ANY or is_chosen(self.at, call)

    @property
    def is_of_stream(self) -> bool:
        """Whether it strikes in the middle of the answer, and not before it."""
        return self.kind == CUT or self.after is not None

    def as_json(self) -> dict[str, Any]:
        """For a tap in another process."""
        return dataclasses.asdict(self)


class Faults:
    """The faults of one subject, and how many calls each has met so far."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._met: dict[Fault, int] = dict.fromkeys(faults, 0)

    def arm(self, faults: Iterable[Mapping[str, Any]]) -> None:
        """Take these in place of the present ones, as `Fault.as_json` writes them."""
        with self._lock:
            self._met = dict.fromkeys((Fault(**one) for one in faults), 0)

    def strike(self, call: Call) -> Fault | None:
        """The fault that strikes this call, if one does."""
        with self._lock:
            found = None
            for fault in self._met:
                if not fault.is_at(call):
                    continue
                self._met[fault] += 1
                over = self._met[fault] - fault.nth
                if over >= 0 and (fault.times == FOR_GOOD or over < fault.times):
                    found = found or fault
            return found
