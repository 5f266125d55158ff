"""The words of a validation's report: how results are grouped, named, and counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ...preflight.jobs.plan import RUN
from ...preflight.model import (
    Decision,
    Proof,
    Result,
    Severity,
    Status,
    Validation,
    Word,
)
from ...preflight.verdict import group_of
from ..page.words import plural, seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """One of the counts of a decision."""

    count: str
    """Its key in ``Decision.counts``."""
    slug: str
    """In queries, addresses and class names."""
    word: str


GROUPS = (
    Group(count="failed", slug="fail", word="failed"),
    Group(count="warned", slug="warn", word="warned"),
    Group(count="not_proven", slug="not-proven", word="not proven"),
    Group(count="skipped", slug="skipped", word="skipped"),
    Group(count="passed", slug="pass", word="passed"),
    Group(count="not_applicable", slug="not-applicable", word="not applicable"),
)
"""From bad to good."""
BY_COUNT = {one.count: one for one in GROUPS}
SLUGS = {Word.GO: "pass", Word.GO_WITH_WARNINGS: "warn", Word.NO_GO: "fail"}


def group(result: Result) -> Group:
    """Where a result is counted."""
    return BY_COUNT[group_of(result)]


def sign_of(result: Result) -> tuple[str, str]:
    """Icon and word of a result; what the harness did wrong never reads as a fault."""
    if result.status is Status.ERROR:
        return "error", "harness error"
    if result.status is Status.FAIL and result.severity is Severity.INFO:
        return "warn", "noted"
    return group(result).slug, group(result).word


def counts(decision: Decision) -> dict[str, int]:
    """Of every group, also of those with nothing in them."""
    return {one.slug: decision.counts.get(one.count, 0) for one in GROUPS}


def sentence(decision: Decision) -> str:
    """The decision's own words, with a capital."""
    return decision.sentence[:1].upper() + decision.sentence[1:]


def proof_note(decision: Decision) -> str:
    """What the weakest proof says of the whole; never left out of a GO."""
    if decision.weakest_proof is None:
        return "No blocker is proven."
    return f"Weakest proof of a blocker: {decision.weakest_proof.value}."


def simulated(decision: Decision) -> bool:
    """Whether it is the harness's simulator that was validated."""
    return decision.weakest_proof is Proof.SIMULATED


def proofs_note(report: Validation) -> str:
    """How the passed blockers are proven: ``15 by a real job, 12 by a dry-run``."""
    found = [
        one.proof
        for one in report.results
        if one.status is Status.PASS and one.severity is Severity.BLOCKER
    ]
    kinds = (f"{found.count(one)} {one.value}" for one in Proof if one in found)
    return ", ".join(kinds)


def checks_note(decision: Decision) -> str:
    """``68 of 68 checks gave a result; 3 results say that nothing could be seen.``"""
    told = f"{decision.checks_run} of {decision.checks_demanded} checks gave a result"
    unseen = sum(decision.counts.get(name, 0) for name in ("not_proven", "skipped"))
    if not unseen:
        return f"{told}."
    say = "results say" if unseen > 1 else "result says"
    return f"{told}; {unseen} {say} that nothing could be seen."


def took(report: Validation) -> str:
    """From start to end as a person reads it; "" if a time can't be read."""
    try:
        began = datetime.fromisoformat(report.started.replace("Z", "+00:00"))
        ended = datetime.fromisoformat(report.finished.replace("Z", "+00:00"))
    except ValueError:
        return ""
    return seconds(max((ended - began).total_seconds(), 0.0))


def moment(text: str) -> str:
    """A time of the model as a person reads it."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return text
    return f"{found:%Y-%m-%d %H:%M:%S} UTC"


def in_brief(report: Validation) -> str:
    """Some lines to paste into a change request."""
    scope, decision = report.scope, report.decision
    lines = [
        f"{decision.word.value}: {sentence(decision)}",
        f"{scope.subject} in namespace {scope.namespace} of {scope.server}, "
        f"{moment(report.started)}, as {scope.user or 'unknown'}",
        ", ".join(
            f"{count} {one.word}"
            for one in GROUPS
            if (count := decision.counts.get(one.count, 0))
        ),
        f"{checks_note(decision)} {proof_note(decision)}",
    ]
    for title, reasons in (
        ("Blocker", decision.blockers),
        ("Warning", decision.warnings),
        ("Not proven", decision.not_proven),
        ("Waived", decision.waived),
    ):
        lines += [f"{title}: {one.result} {one.text}" for one in reasons]
    lines += left(report)
    return "\n".join(line for line in lines if line)


def left(report: Validation) -> list[str]:
    """What is still in the cluster, and the line that removes it."""
    names = [f"{one.kind}/{one.name}" for one in report.made if not one.gone]
    if not names:
        return []
    lines = [f"Still in the cluster: {', '.join(names)}"]
    if clean_up(report):
        lines.append(f"Removed by: {clean_up(report)}")
    return lines


def clean_up(report: Validation) -> str:
    """The line that removes all that this run made."""
    line = report.plan.clean_up if report.plan else ""
    return line.replace(RUN, report.run_id)


def journal_note(report: Validation) -> str:
    """Own calls by what they can change: ``read-only: 0 writes, 14 dry-runs``."""
    return "; ".join(
        f"{one.phase}: {plural(one.writes, 'write')}, {plural(one.dry_runs, 'dry-run')}"
        f", {plural(one.reads + one.reviews, 'read')}"
        for one in report.calls
    )


def listed(names: Iterable[str]) -> str:
    """``a, b and c``."""
    some = list(names)
    if len(some) < 2:
        return "".join(some)
    return f"{', '.join(some[:-1])} and {some[-1]}"
