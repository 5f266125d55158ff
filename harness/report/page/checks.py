"""The run seen by check: what each found in all cells, and what is to be done."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...expectations.finding import Finding, Verdict, worst
from .plain_text import clip
from .view import TO_READ, CellView

SHOWN_MESSAGES = 3
MESSAGE_LIMIT = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckView:
    """A check, and in how many cells it ended how."""

    id: str
    title: str
    why: str
    fix: str
    counts: Mapping[Verdict, int]

    @property
    def verdict(self) -> Verdict:
        """The worst."""
        return worst(self.counts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One thing to do, and the cells that wait for it."""

    verdict: Verdict
    checks: tuple[str, ...]
    title: str
    """Of the check, where it is one."""
    fix: str
    messages: tuple[str, ...]
    """The first few that differ."""
    cells: tuple[CellView, ...]


def checks(cells: Iterable[CellView]) -> tuple[CheckView, ...]:
    """Each check that was made, the failed ones first."""
    first: dict[str, Finding] = {}
    counts: dict[str, Counter[Verdict]] = {}
    for view in cells:
        found: dict[str, list[Verdict]] = {}
        for one in view.cell.findings:
            if not first.setdefault(one.check, one).why:
                first[one.check] = one  # a finding that knows more of its check
            found.setdefault(one.check, []).append(one.verdict)
        for name, verdicts in found.items():
            counts.setdefault(name, Counter())[worst(verdicts)] += 1
    views = (
        CheckView(
            id=name,
            title=one.title,
            why=one.why,
            fix=one.fix,
            counts=counts[name],
        )
        for name, one in first.items()
    )
    return tuple(sorted(views, key=lambda one: -one.verdict.rank))


def tasks(cells: Iterable[CellView]) -> tuple[Task, ...]:
    """What to do: one entry for all findings that need the same.

    That is the same remedy of the same check; where nothing could be proven or run, the
    same reason.
    """
    groups: dict[tuple[Verdict, str, str], list[tuple[CellView, Finding]]] = {}
    for view in cells:
        for one in view.to_read:
            key = (one.verdict, one.check, one.fix)
            if one.verdict in (Verdict.NOT_PROVEN, Verdict.SKIPPED):
                key = (one.verdict, "", one.message)
            groups.setdefault(key, []).append((view, one))
    found = (_task(verdict, group) for (verdict, *_), group in groups.items())
    return tuple(
        sorted(found, key=lambda one: (TO_READ.index(one.verdict), -len(one.cells)))
    )


def _task(verdict: Verdict, group: list[tuple[CellView, Finding]]) -> Task:
    findings = [one for _, one in group]
    checks_ = tuple(dict.fromkeys(one.check for one in findings))
    said = (clip(one.message or one.actual, MESSAGE_LIMIT) for one in findings)
    lacks_proof = verdict in (Verdict.NOT_PROVEN, Verdict.SKIPPED)
    return Task(
        verdict=verdict,
        checks=checks_,
        title=findings[0].title if len(checks_) == 1 else "",
        fix="" if lacks_proof else findings[0].fix,
        messages=tuple(dict.fromkeys(text for text in said if text))[:SHOWN_MESSAGES],
        cells=tuple({view.number: view for view, _ in group}.values()),
    )
