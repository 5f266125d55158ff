"""All checks on one observation: findings in the order in which they should be read."""

from collections.abc import Iterator

from ..replay.observation import Observation
from . import (
    backend_calls,
    cleanliness,
    deltas,
    engines,
    faults,
    feedback_and_output,
    given_to_worker,
    limits_of_worker,
    mounts_of_worker,
    outcome,
    project,
    replicas,
    rights,
    seen_by_worker,
    subject_process,
)
from .finding import CHECKS, Check, Finding, Result, Verdict, shown

MODULES = (
    subject_process,
    replicas,
    faults,
    backend_calls,
    rights,
    given_to_worker,
    mounts_of_worker,
    limits_of_worker,
    outcome,
    feedback_and_output,
    deltas,
    project,
    engines,
    seen_by_worker,
    cleanliness,
)
"""Each registers its checks when it is imported; causes before consequences."""


def judge(seen: Observation) -> list[Finding]:
    """One finding or more for each check."""
    return [finding for check in in_order() for finding in _findings(check, seen)]


def in_order() -> list[Check]:
    """All checks, causes before consequences."""
    places = {module.__name__: place for place, module in enumerate(MODULES)}
    return sorted(CHECKS.values(), key=lambda one: places[one.function.__module__])


def _findings(check: Check, seen: Observation) -> Iterator[Finding]:
    try:
        results = list(check.function(seen))
    except Exception as error:  # a check that breaks must not hide the others
        yield Finding(
            check=check.id,
            verdict=Verdict.ERROR,
            title=check.title,
            message=f"The check itself failed: {type(error).__name__}: {error}",
            fix="This is a mistake of the harness; please report it.",
            proof=seen.proof,
        )
        return
    bad = [result for result in results if not result.ok]
    if bad:
        for result in bad:
            yield _finding(check, seen, result)
    elif results:
        yield _finding(check, seen, results[0])
    else:
        yield Finding(
            check=check.id,
            verdict=Verdict.NOT_APPLICABLE,
            title=check.title,
            proof=seen.proof,
        )


def _finding(check: Check, seen: Observation, result: Result) -> Finding:
    verdict = Verdict.NOT_PROVEN
    if result.ok is not None:
        verdict = Verdict.PASS if result.ok else Verdict.FAIL
    if result.harness_at_fault:
        verdict = Verdict.ERROR
    return Finding(
        check=check.id,
        verdict=verdict,
        title=check.title,
        expected=shown(result.expected),
        actual=shown(result.actual),
        message=result.message,
        where=result.where,
        why=check.why,
        fix=result.fix or check.fix,
        proof=seen.proof,
    )
