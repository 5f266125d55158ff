"""All checks over the facts; none can end the others, and none is left out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from . import registry
from .checks import (  # noqa: F401 (they register themselves)
    admission,
    cluster,
    jobs,
    namespace,
    network,
    nodes,
    rights,
    room,
    settings,
    storage,
)
from .checks.registering import JUDGES
from .facts import Facts, NotSeen
from .making import result
from .model import Result, Severity, Status

REAL_JOBS = registry.check("QFV-901").category
GROUND = ("QFV-101", "QFV-102", "QFV-103")
BAD = (Status.FAIL, Status.ERROR)


def judge(facts: Facts, *, jobs_skipped: str = "") -> tuple[Result, ...]:
    """Every check but those of the validation itself, in the registry's order.

    :param jobs_skipped: why no real job was run; "" if they were
    """
    found: list[Result] = []
    for name, check in registry.CHECKS.items():
        if name not in JUDGES:
            continue
        if jobs_skipped and check.category == REAL_JOBS:
            found.append(result(name, Status.SKIPPED, jobs_skipped))
        else:
            found += _of_one(name, facts)
    return folded(found)


def _of_one(check: str, facts: Facts) -> list[Result]:
    try:
        found = list(JUDGES[check](facts))
    except NotSeen as unseen:
        return [
            result(
                check,
                Status.NOT_PROVEN,
                unseen.why,
                evidence=[unseen.evidence],
                caused_by=unseen.caused_by,
            )
        ]
    except Exception as error:  # a mistake in one check is one result
        return [result(check, Status.ERROR, f"{type(error).__name__}: {error}")]
    return found or [result(check, Status.ERROR, "the check gave no result")]


def folded(results: Iterable[Result]) -> tuple[Result, ...]:
    """The results with the cause of each that follows from another.

    What a check says itself counts where that result is bad; else what it needs.
    """
    results = list(results)
    bad: dict[str, Result] = {}
    for one in results:
        if one.status in BAD:
            bad.setdefault(one.check, one)
    return tuple(
        replace(one, caused_by=_cause(one, bad) if _follows(one) else "")
        for one in results
    )


def _follows(one: Result) -> bool:
    return one.status in (*BAD, Status.NOT_PROVEN, Status.SKIPPED)


def _cause(one: Result, bad: Mapping[str, Result]) -> str:
    said = one.caused_by.split("/")[0]
    candidates = [said] if said else []
    needs = _needs(one.check)
    # what failed by itself has its own reason, unless there is no ground to stand on
    candidates += [
        check for check in needs if one.status is not Status.FAIL or check in GROUND
    ]
    for check in candidates:
        cause = bad.get(check)
        # a blocker must not hide behind a warning
        if cause and check != one.check and _rank(cause) <= _rank(one):
            return cause.id
    return ""


def _rank(one: Result) -> int:
    return list(Severity).index(one.severity)


def _needs(check: str) -> Sequence[str]:
    """What a check needs, the deepest first."""
    found: list[str] = []
    for one in registry.check(check).needs:
        found += [*_needs(one), one]
    return found
