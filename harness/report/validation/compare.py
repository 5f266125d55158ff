"""A validation beside an earlier one: what is fixed, new, still there. Pure."""

from dataclasses import dataclass
from enum import Enum

from ...preflight.model import Proof, Result, Severity, Status, Validation

BAD = (Status.FAIL, Status.ERROR)
UNKNOWN = (Status.NOT_PROVEN, Status.SKIPPED)
PROOFS = tuple(Proof)
SEVERITIES = (Severity.INFO, Severity.WARNING, Severity.BLOCKER)


class State(Enum):
    """What became of a result, the most pressing first."""

    NEW = "new"
    WORSE = "worse"
    NO_LONGER_PROVEN = "no longer proven"
    NO_LONGER_CHECKED = "no longer checked"
    STILL = "still"
    BETTER = "better"
    FIXED = "fixed"
    NEW_CHECK = "check new in this version"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One result that isn't what it was, or is still bad."""

    id: str
    title: str
    state: State
    before: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """All that changed."""

    older: str
    """When the earlier one was started."""
    was: str
    """Its verdict."""
    changes: tuple[Change, ...]
    unlike: tuple[str, ...]
    """What makes the two not comparable: another cluster, another user."""
    fingerprint: tuple[str, ...]
    """What else differs, and may explain a change."""

    @property
    def counts(self) -> dict[State, int]:
        """How many changes of which state, those that occur."""
        found = {
            state: sum(one.state is state for one in self.changes) for state in State
        }
        return {state: count for state, count in found.items() if count}

    @property
    def line(self) -> str:
        """``2 fixed, 1 new, 3 still``."""
        words = [f"{count} {state.value}" for state, count in self.counts.items()]
        return ", ".join(words) or "nothing changed"


def compare(old: Validation, new: Validation) -> Comparison:
    """What became of each result, in the order of the new report."""
    before = {one.id: one for one in old.results}
    after = {one.id: one for one in new.results}
    known = {one.check for one in old.results}
    changes = [
        change
        for name, result in after.items()
        if (change := _of(before.get(name), result, known=result.check in known))
    ]
    changes += [
        _change(result, State.NO_LONGER_CHECKED, _said(result), "no result")
        for name, result in before.items()
        if name not in after
    ]
    order = list(State)
    return Comparison(
        older=old.started,
        was=old.decision.word.value,
        changes=tuple(sorted(changes, key=lambda one: order.index(one.state))),
        unlike=tuple(_unlike(old, new)),
        fingerprint=tuple(
            f"{name}: {old.fingerprint.get(name, 'none')} → "
            f"{new.fingerprint.get(name, 'none')}"
            for name in dict.fromkeys([*old.fingerprint, *new.fingerprint])
            if old.fingerprint.get(name) != new.fingerprint.get(name)
        ),
    )


def _of(old: Result | None, new: Result, *, known: bool) -> Change | None:
    if old is None:
        if not known:
            return _change(new, State.NEW_CHECK, "not checked", _said(new))
        bad = new.status in BAD
        return _change(new, State.NEW, "not there", _said(new)) if bad else None
    state = _state(old, new)
    return _change(new, state, _said(old), _said(new)) if state else None


def _state(old: Result, new: Result) -> State | None:
    """None where nothing changed that matters."""
    if new.status in BAD:
        if old.status not in BAD:
            return State.NEW
        steps = SEVERITIES.index(new.severity) - SEVERITIES.index(old.severity)
        return State.WORSE if steps > 0 else State.BETTER if steps < 0 else State.STILL
    if new.status in UNKNOWN:
        if old.status in UNKNOWN:
            return None
        skipped = new.status is Status.SKIPPED
        return State.NO_LONGER_CHECKED if skipped else State.NO_LONGER_PROVEN
    if new.status is Status.NOT_APPLICABLE:
        was = old.status in (*BAD, Status.PASS)
        return State.NO_LONGER_CHECKED if was else None
    if old.status in BAD:
        return State.FIXED
    if old.status in UNKNOWN:
        return State.BETTER
    if old.status is Status.PASS and old.proof is not new.proof:
        weaker = PROOFS.index(new.proof) < PROOFS.index(old.proof)
        return State.WORSE if weaker else State.BETTER
    return None


def _change(result: Result, state: State, before: str, after: str) -> Change:
    return Change(
        id=result.id, title=result.title, state=state, before=before, after=after
    )


def _said(result: Result) -> str:
    word = result.status.value.replace("_", " ")
    if result.status is Status.PASS:
        return f"pass ({result.proof.value})"
    if result.status in BAD:
        word = f"{result.severity.value}, {word}"
    return f"{word}: {result.seen}" if result.seen else word


def _unlike(old: Validation, new: Validation) -> list[str]:
    names = {
        "server": "cluster",
        "namespace": "namespace",
        "user": "user",
        "subject": "wrapper",
        "service_account": "ServiceAccount",
        "replicas": "replicas",
        "real_jobs": "real jobs",
    }
    found = []
    for field, name in names.items():
        was, now = getattr(old.scope, field), getattr(new.scope, field)
        if was != now:
            found.append(f"Not the same {name}: {_plain(was)} → {_plain(now)}")
    if old.schema_version != new.schema_version:
        found.append(
            f"Not the same schema: {old.schema_version} → {new.schema_version}"
        )
    for report, which in ((old, "earlier"), (new, "present")):
        if report.ended or report.interrupted:
            why = report.ended or "interrupted"
            found.append(f"The {which} validation did not end: {why}")
    return found


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "none"
