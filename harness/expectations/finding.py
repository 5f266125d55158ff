"""A finding: the one result of one check, and the registry of all checks."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..replay.observation import Observation


class Verdict(Enum):
    """From good to bad; a cell has the worst of its findings, a run of its cells."""

    NOT_APPLICABLE = "not_applicable"
    SKIPPED = "skipped"
    PASS = "pass"  # noqa: S105 (no password)
    NOT_PROVEN = "not_proven"
    FAIL = "fail"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """How bad it is."""
        return list(Verdict).index(self)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of them; not applicable where there is none."""
    return max(verdicts, key=lambda one: one.rank, default=Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What one check found out about one cell."""

    check: str
    verdict: Verdict
    title: str
    """A sentence that is true when the check passes."""
    expected: str = ""
    actual: str = ""
    message: str = ""
    where: str = ""
    why: str = ""
    """What it would mean for QFieldCloud's users or operators."""
    fix: str = ""
    proof: str = ""
    """How it was proven: ``simulated`` or ``real``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What a check's function yields; `judge` makes findings of it."""

    ok: bool | None
    """None: could not look."""
    expected: Any = ""
    actual: Any = ""
    where: str = ""
    message: str = ""
    harness_at_fault: bool = False
    """The subject isn't to blame: an error, not a failure."""
    fix: str = ""
    """In place of the check's own, where more is known."""


Function = Callable[[Observation], Iterator[Result]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing that is looked at in every cell it applies to."""

    id: str
    title: str
    why: str
    fix: str
    function: Function


CHECKS: dict[str, Check] = {}


def check(id: str, title: str, *, why: str, fix: str) -> Callable[[Function], Function]:  # noqa: A002
    """Register a check's function.

    It yields nothing where it doesn't apply; each result that isn't ok is a finding.
    """

    def register(function: Function) -> Function:
        if id in CHECKS:
            raise ValueError(f"two checks are called {id}")
        CHECKS[id] = Check(id=id, title=title, why=why, fix=fix, function=function)
        return function

    return register


def equal(
    expected: Any, actual: Any, where: str, *, message: str = "", fix: str = ""
) -> Result:
    """A result that is ok if both are equal."""
    return Result(
        ok=expected == actual,
        expected=expected,
        actual=actual,
        where=where,
        message=message,
        fix=fix,
    )


def cannot_look(why: str, where: str = "") -> Result:
    """A result for what there is no way to see."""
    return Result(ok=None, message=why, where=where)


LONGEST = 2000


def shown(value: Any) -> str:
    """A value as a person reads it, of bounded length."""
    text = value if isinstance(value, str) else repr(value)
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} … {len(text)} characters … {text[-200:]}"
    return text
