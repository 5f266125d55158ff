"""From results and waivers to GO, GO WITH WARNINGS or NO-GO: a pure function."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from .model import Decision, Proof, Reason, Result, Severity, Status, Waiver, Word

RULE = (
    "NO-GO: a blocker failed or could not be judged (fail, error), or fewer checks "
    "gave a result than the registry demands, or the validation did not end. "
    "GO WITH WARNINGS: a warning failed, a blocker or warning is not proven, a blocker "
    "was skipped, or a failure is waived; with --require-proof a blocker that is not "
    "proven or skipped is NO-GO. GO: none of these."
)
BAD = (Status.FAIL, Status.ERROR)
PROOFS = tuple(Proof)


def with_waivers(
    results: Iterable[Result], waivers: Sequence[Waiver], today: date
) -> tuple[Result, ...]:
    """The results, with the waiver that holds today on each that it speaks of."""
    valid = [one for one in waivers if one.expires >= today]
    return tuple(
        replace(
            result,
            waiver=next(
                (one for one in valid if one.check in (result.id, result.check)), None
            ),
        )
        if result.status in (*BAD, Status.NOT_PROVEN)
        else result
        for result in results
    )


def decide(
    results: Sequence[Result],
    *,
    demanded: Iterable[str],
    require_proof: bool = False,
    ended: str = "",
) -> Decision:
    """The verdict.

    :param demanded: the checks that have to have given a result, of any status
    :param ended: why the validation ended early; "" if it didn't
    """
    needed = set(demanded)
    missing = sorted(needed - {one.check for one in results})
    of = {
        "blockers": [one for one in results if _blocks(one, require_proof)],
        "warnings": [one for one in results if _warns(one)],
        "not_proven": [one for one in results if is_open(one)],
        "waived": [one for one in results if one.waiver is not None],
    }
    reasons, causes = {}, set[str]()
    for name, some in of.items():  # from the gravest: what follows from it is in it
        causes |= {one.id for one in some}
        reasons[name] = _reasons(some, results, causes)
    nothing = not any(one.status is Status.PASS for one in results)
    if of["blockers"] or missing or ended or nothing:
        word = Word.NO_GO
    elif of["warnings"] or of["not_proven"] or of["waived"]:
        word = Word.GO_WITH_WARNINGS
    else:
        word = Word.GO
    proofs = [
        one.proof
        for one in results
        if one.status is Status.PASS and one.severity is Severity.BLOCKER
    ]
    return Decision(
        word=word,
        sentence=_sentence(reasons, missing, ended, nothing=nothing),
        blockers=reasons["blockers"],
        warnings=reasons["warnings"],
        not_proven=reasons["not_proven"],
        waived=reasons["waived"],
        counts=_counts(results),
        checks_run=len(needed) - len(missing),
        checks_demanded=len(needed),
        weakest_proof=min(proofs, key=PROOFS.index) if proofs else None,
        rule=RULE,
    )


def is_open(result: Result) -> bool:
    """Whether it matters, and nobody knows."""
    if result.waiver is not None or result.severity is Severity.INFO:
        return False
    skipped = result.status is Status.SKIPPED and result.severity is Severity.BLOCKER
    return skipped or result.status is Status.NOT_PROVEN


def _blocks(result: Result, require_proof: bool) -> bool:
    if result.severity is not Severity.BLOCKER or result.waiver is not None:
        return False
    return result.status in BAD or (require_proof and is_open(result))


def _warns(result: Result) -> bool:
    if result.severity is not Severity.WARNING or result.waiver is not None:
        return False
    return result.status in BAD


def _reasons(
    some: Sequence[Result], results: Sequence[Result], causes: set[str]
) -> tuple[Reason, ...]:
    """One for each cause; what follows from a cause that is told is folded into it."""
    return tuple(
        Reason(
            result=one.id,
            text=f"{one.title}: {one.seen}" if one.seen else one.title,
            because_of_it=tuple(
                other.id for other in results if other.caused_by == one.id
            ),
        )
        for one in some
        if one.caused_by not in causes - {one.id}
    )


def _counts(results: Sequence[Result]) -> dict[str, int]:
    counts = dict.fromkeys(
        ("failed", "warned", "not_proven", "skipped", "passed", "not_applicable"), 0
    )
    for one in results:
        counts[group_of(one)] += 1
    return counts


def group_of(result: Result) -> str:
    """The count that a result is in."""
    if result.status in BAD:
        return "failed" if result.severity is Severity.BLOCKER else "warned"
    names = {Status.PASS: "passed"}
    return names.get(result.status, result.status.value)


def _sentence(
    reasons: dict[str, tuple[Reason, ...]],
    missing: Sequence[str],
    ended: str,
    *,
    nothing: bool,
) -> str:
    parts = []
    if ended:
        parts.append(ended)
    if missing:
        parts.append(f"{len(missing)} checks gave no result ({', '.join(missing[:5])})")
    if nothing:
        parts.append("no check passed")
    words = {
        "blockers": "must be mended",
        "warnings": "should be looked at",
        "not_proven": "not proven, or not run",
        "waived": "waived",
    }
    parts += [
        f"{len(reasons[name])} {word}" for name, word in words.items() if reasons[name]
    ]
    return "; ".join(parts) + "." if parts else "Every check passed."
