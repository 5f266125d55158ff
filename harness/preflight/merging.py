"""Two partial reports, of people with different rights, joined into one verdict."""

from collections.abc import Sequence
from dataclasses import replace

from ..errors import UsageError
from . import registry, verdict
from .model import Result, Status, Validation

OWN = registry.check("QFV-951").category
_BAD = (Status.FAIL, Status.ERROR)
_OPEN = (Status.NOT_PROVEN, Status.SKIPPED)


def merged(own: Validation, other: Validation, source: str) -> Validation:
    """Our report, with what the other could prove and we could not.

    What failed in either stays failed: a proof does not undo what was seen.

    :raises UsageError: they are of different clusters or namespaces
    """
    for name in ("server", "namespace", "service_account"):
        mine, theirs = getattr(own.scope, name), getattr(other.scope, name)
        if mine != theirs:
            raise UsageError(
                f"--merge {source}: its {name} is {theirs}, not {mine}.",
                "Join reports of one cluster and namespace only.",
            )
    if other.ended:
        raise UsageError(
            f"--merge {source}: it did not come to its end: {other.ended}",
            "Repeat that validation.",
        )
    results: list[Result] = []
    for check in registry.CHECKS:
        mine = [one for one in own.results if one.check == check]
        theirs = [one for one in other.results if one.check == check]
        results += _joined(mine, theirs, source)
    order = list(registry.CHECKS)
    results.sort(key=lambda one: order.index(one.check))
    decision = verdict.decide(
        results,
        demanded=registry.CHECKS,
        require_proof=own.scope.require_proof,
        ended=own.ended,
    )
    known = {one.id for one in own.evidence}
    return replace(
        own,
        results=tuple(results),
        decision=decision,
        evidence=(
            *own.evidence,
            *(one for one in other.evidence if one.id not in known),
        ),
        jobs=own.jobs or other.jobs,
        scope=replace(own.scope, merged=(*own.scope.merged, source)),
    )


def _joined(
    mine: Sequence[Result], theirs: Sequence[Result], source: str
) -> list[Result]:
    """One check's results: ours, and theirs in the place of those that are open."""
    if not theirs or registry.check((mine or theirs)[0].check).category == OWN:
        return list(mine)
    taken = [
        replace(one, seen=f"{one.seen} (from {source})", caused_by="")
        for one in theirs
        if one.status not in _OPEN
    ]
    if not taken:
        return list(mine)
    kept = [one for one in mine if one.status not in _OPEN]
    ids = {one.id for one in kept}
    if not kept and len(taken) == len(theirs):
        return taken
    open_ids = {one.id for one in mine if one.status in _OPEN}
    found = [one for one in taken if one.id in open_ids or one.status in _BAD]
    found = [one for one in found if one.id not in ids]
    done = {one.id for one in found}
    return [*(one for one in mine if one.id not in done), *found]
