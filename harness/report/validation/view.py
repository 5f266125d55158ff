"""A validation in the order in which the page shows it: what must be mended first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...preflight.model import Reason, Result, Status, Validation
from ..page.plain_text import clip
from ..page.view import fragment
from . import words
from .words import GROUPS

TAKEN = {
    *("verdict", "query", "shown", "nothing", "scenarios", "scenarios-title", "help"),
    *("help-title", "toast", "data", "brief", "tasks", "tasks-title", "fingerprint"),
}
"""Ids that the page itself has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultView:
    """A result, its place on the page, and those that hang together with it."""

    result: Result
    number: int
    anchor: str
    slug: str
    """Of its group, by which it is counted and filtered."""
    icon: str
    word: str
    follows: tuple[Result, ...]
    """The results that this one is the cause of."""
    needs_a_look: bool
    """Whether it is shown open: bad, and not merely what follows from another."""

    @property
    def gist(self) -> str:
        """What was seen, on one line."""
        return clip(self.result.seen, 200)


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryView:
    """All results of a category, the bad ones first."""

    name: str
    anchor: str
    results: tuple[ResultView, ...]

    @property
    def counts(self) -> dict[str, int]:
        """By group."""
        slugs = [one.slug for one in self.results]
        return {one.slug: slugs.count(one.slug) for one in GROUPS}


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One thing to do: a cause with what follows from it, or one proof for many."""

    slug: str
    icon: str
    word: str
    lead: ResultView
    others: tuple[ResultView, ...]
    """Results with the same remedy."""
    follows: tuple[ResultView, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """All that the templates show of the results."""

    categories: tuple[CategoryView, ...]
    results: Mapping[str, ResultView]
    """By id."""
    tasks: tuple[Task, ...]
    counts: Mapping[str, int]

    def anchor(self, name: str) -> str:
        """Of a result; "" where there is none of this name."""
        return self.results[name].anchor if name in self.results else ""


def page(report: Validation) -> Page:
    """The page of a report."""
    results = _results(report.results)
    return Page(
        categories=_categories(results.values()),
        results=results,
        tasks=_tasks(report, results),
        counts=words.counts(report.decision),
    )


def _results(results: Iterable[Result]) -> dict[str, ResultView]:
    taken, found = set(TAKEN), {}
    some = list(results)
    ids = {one.id for one in some}
    for number, one in enumerate(some):
        base = anchor = fragment(one.id)
        again = 1
        while anchor in taken:
            again += 1
            anchor = f"{base}~{again}"
        taken.add(anchor)
        icon, word = words.sign_of(one)
        # an id that occurs twice is a mistake, but both results are to be seen
        found[one.id if one.id not in found else f"{one.id} {number}"] = ResultView(
            result=one,
            number=number,
            anchor=anchor,
            slug=words.group(one).slug,
            icon=icon,
            word=word,
            needs_a_look=words.group(one).slug in ("fail", "warn")
            and one.caused_by not in ids,
            follows=tuple(other for other in some if other.caused_by == one.id),
        )
    return found


def _categories(results: Iterable[ResultView]) -> tuple[CategoryView, ...]:
    order = [one.slug for one in GROUPS]
    groups: dict[str, list[ResultView]] = {}
    for one in results:
        groups.setdefault(one.result.category or "other", []).append(one)
    return tuple(
        CategoryView(
            name=name,
            anchor=f"category-{fragment(name)}-{number}",
            results=tuple(sorted(some, key=lambda one: order.index(one.slug))),
        )
        for number, (name, some) in enumerate(groups.items())
    )


def _tasks(report: Validation, results: Mapping[str, ResultView]) -> tuple[Task, ...]:
    decision = report.decision
    causes = [*decision.blockers, *decision.warnings]
    told = {one.result for one in causes}
    found = [_task([reason], results) for reason in causes if reason.result in results]
    groups: dict[str, list[Reason]] = {}
    for reason in decision.not_proven:
        if reason.result in results and reason.result not in told:
            result = results[reason.result].result
            groups.setdefault(_remedy(result), []).append(reason)
    found += [_task(some, results) for some in groups.values()]
    return tuple(found)


def _remedy(result: Result) -> str:
    """What proves a result: many wait for the same person, or the same option."""
    return f"{result.status.value} {result.who or result.seen or result.id}"


def _task(reasons: list[Reason], results: Mapping[str, ResultView]) -> Task:
    lead, *others = [results[one.result] for one in reasons]
    named = [name for one in reasons for name in one.because_of_it]
    follows = [results[name] for name in dict.fromkeys(named) if name in results]
    return Task(
        slug=lead.slug,
        icon=lead.icon,
        word=_word(lead),
        lead=lead,
        others=tuple(others),
        follows=tuple(one for one in follows if one not in (lead, *others)),
    )


def _word(lead: ResultView) -> str:
    if lead.result.status is Status.FAIL:
        return "must be mended" if lead.slug == "fail" else "should be looked at"
    return lead.word
