"""Results, made from the registry's entry of their check."""

from collections.abc import Iterable

from . import registry
from .model import Fix, Proof, Result, Status

ANYONE = "Whoever may look at it runs the same command; then --merge it."


def result(
    check: str,
    status: Status,
    seen: str = "",
    *,
    of: str = "",
    title: str = "",
    expected: str = "",
    proof: Proof = Proof.READ,
    fix: Fix | None = None,
    repeat: str = "",
    evidence: Iterable[str] = (),
    caused_by: str = "",
    who: str = "",
) -> Result:
    """One result.

    :param of: what it looks at, where a check looks at several things
    """
    entry = registry.check(check)
    advice = fix
    if advice is None and status in (Status.FAIL, Status.ERROR):
        advice = Fix(steps=(entry.fix,))
    return Result(
        id=f"{check}/{of}" if of else check,
        check=check,
        title=title or entry.title,
        category=entry.category,
        status=status,
        severity=entry.severity,
        proof=proof,
        needs=entry.needs,
        seen=seen,
        expected=expected,
        why=entry.why,
        fix=advice or Fix(),
        repeat=repeat,
        evidence=tuple(one for one in evidence if one),
        caused_by=caused_by,
        who=(who or entry.who or ANYONE) if status is Status.NOT_PROVEN else "",
        affects=entry.affects,
        doc=entry.doc,
    )


def judged(good: bool, check: str, seen: str = "", **more: object) -> Result:
    """Passed or failed."""
    status = Status.PASS if good else Status.FAIL
    return result(check, status, seen, **more)  # type: ignore[arg-type]
