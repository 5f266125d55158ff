"""Findings of parity: where the two backends differ, and no table says why."""

from collections.abc import Mapping

from ..expectations.finding import Finding, Verdict, shown
from .comparison import Comparison, compare
from .known import ABSENT
from .table import KNOWN

CHECK = "parity.fields"
TITLE = "Docker and Kubernetes show the same, or a known difference."
WHY = "Whoever moves from Docker to Kubernetes relies on jobs that behave alike."
FIX = (
    "Make both alike in the wrapper; where the backends themselves differ, add a row "
    "with the reason to harness/parity/table.py."
)


def beside(
    docker: Mapping[str, str], kubernetes: Mapping[str, str], scenario: str
) -> Comparison:
    """The facts of one scenario on both backends."""
    return compare(docker, kubernetes, KNOWN, scenario)


def findings(found: Comparison, proof: str) -> list[Finding]:
    """One for each difference that isn't known; a single one that passed for none."""
    bad = found.unexplained
    if not bad:
        known = len(found.differences)
        return [
            Finding(
                check=CHECK,
                verdict=Verdict.PASS,
                title=TITLE,
                actual=f"{found.fields} fields, {known} known differences",
                proof=proof,
            )
        ]
    return [
        Finding(
            check=CHECK,
            verdict=Verdict.FAIL,
            title=TITLE,
            expected=shown(ABSENT if one.left is None else one.left),
            actual=shown(ABSENT if one.right is None else one.right),
            message=f"{one.field}: on Docker as expected, on Kubernetes as actual.",
            where=one.field,
            why=WHY,
            fix=FIX,
            proof=proof,
        )
        for one in bad
    ]
