"""A validation on a terminal: what is wrong and what to do, then the verdict, last."""

from rich.console import Console
from rich.markup import escape

from ...preflight.model import Validation
from . import words
from .compare import Comparison
from .junit import explain
from .view import Task, page
from .words import GROUPS

STYLES = {
    "pass": ("✔", "green"),
    "fail": ("✘", "red"),
    "warn": ("!", "yellow"),
    "error": ("!", "magenta"),
    "not-proven": ("?", "yellow"),
    "skipped": ("-", "dim"),
    "not-applicable": ("·", "dim"),
}
SHOWN_FOLLOWS = 12


def print_validation(
    console: Console,
    report: Validation,
    *,
    page_path: str,
    comparison: Comparison | None = None,
) -> None:
    """What must be done, what is not proven and who can prove it, counts, verdict."""
    found = page(report)
    for task in found.tasks:
        _print_task(console, task)
    for reason in report.decision.waived:
        console.print(
            f"\n[dim]waived[/dim] {escape(reason.result)} {escape(reason.text)}",
            highlight=False,
        )
    if report.calls:
        console.print(f"\nOwn calls: {words.journal_note(report)}", highlight=False)
    if comparison is not None:
        console.print(
            f"Compared with {words.moment(comparison.older)}: {comparison.line}",
            highlight=False,
        )
        for line in comparison.unlike:
            console.print(f"  not comparable: {escape(line)}", highlight=False)
    for line in words.left(report):
        console.print(f"[bold red]{escape(line)}[/bold red]", soft_wrap=True)
    decision = report.decision
    counts = ", ".join(
        f"{found.counts[one.slug]} {one.word}"
        for one in GROUPS
        if found.counts[one.slug]
    )
    slug = words.SLUGS[decision.word]
    console.print(
        f"\n[bold]{_sign(slug, decision.word.value)}[/bold]: "
        f"{escape(words.sentence(decision))}",
        highlight=False,
    )
    console.print(
        f"{counts or 'no result'}. {words.checks_note(decision)} "
        f"{words.proof_note(decision)}",
        highlight=False,
    )
    console.print(f"Report: {escape(page_path)}", soft_wrap=True, highlight=False)


def _sign(kind: str, word: str) -> str:
    mark, colour = STYLES[kind]
    return f"[{colour}]{mark} {escape(word)}[/{colour}]"


def _print_task(console: Console, task: Task) -> None:
    head, *rest = explain(task.lead.result).splitlines()
    title = head.partition(": ")[2]
    console.print(
        f"\n{_sign(task.icon, task.word)} [bold]{escape(task.lead.result.id)}[/bold] "
        f"{escape(title)}",
        soft_wrap=True,
        highlight=False,
    )
    for line in rest:
        console.print(escape(line), soft_wrap=True, highlight=False)
    for words_, some in (("the same for", task.others), ("leads to", task.follows)):
        names = [one.result.id for one in some]
        if len(names) > SHOWN_FOLLOWS:
            more = len(names) - SHOWN_FOLLOWS
            names = [*names[:SHOWN_FOLLOWS], f"{more} more"]
        if names:
            line = f"  {words_ + ':':15}{', '.join(names)}"
            console.print(escape(line), soft_wrap=True, highlight=False)
