"""A validation as annotations of a GitHub Actions run."""

from collections.abc import Iterator

from ...preflight.model import Reason, Validation, Word
from ..github import Annotation, lines
from . import words


def github(report: Validation) -> str:
    """The verdict, blockers as errors, warnings and what isn't proven as warnings."""
    return lines(_annotations(report))


def _annotations(report: Validation) -> Iterator[Annotation]:
    decision = report.decision
    said = f"{words.sentence(decision)} {words.checks_note(decision)}"
    level = {Word.NO_GO: "error", Word.GO_WITH_WARNINGS: "warning"}
    yield Annotation(
        level=level.get(decision.word, "notice"),
        title=f"{decision.word.value}, {report.scope.namespace}",
        text=said,
    )
    for line in words.left(report):
        yield Annotation(level="error", title="left in the cluster", text=line)
    fixes = {one.id: " ".join(one.fix.steps) for one in report.results}
    for reason in decision.blockers:
        yield _of(reason, "error", fixes)
    for reason in decision.warnings:
        yield _of(reason, "warning", fixes)
    for reason in decision.not_proven:
        yield _of(reason, "warning", {}, " (not proven)")


def _of(
    reason: Reason, level: str, fixes: dict[str, str], more: str = ""
) -> Annotation:
    text = f"{reason.text} {fixes.get(reason.result, '')}".strip()
    if reason.because_of_it:
        text += f" ({len(reason.because_of_it)} checks because of it)"
    return Annotation(level=level, title=f"{reason.result}{more}", text=text)
