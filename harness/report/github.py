"""Workflow commands of GitHub Actions: what failed, as annotations of the run.

A subject's text is data in them, never a command.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..expectations.finding import Verdict
from .model import Report

MOST = 10
"""GitHub shows so many annotations of a kind for a step and drops the others."""
LONGEST = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Annotation:
    """One line that GitHub shows at a run."""

    level: str
    """``error``, ``warning`` or ``notice``."""
    title: str
    text: str


def github(report: Report) -> str:
    """The annotations of a run: failed and broken cells, and what wasn't proven."""
    return lines(_annotations(report))


def _annotations(report: Report) -> Iterable[Annotation]:
    levels = {Verdict.ERROR: "error", Verdict.FAIL: "error"}
    for cell in report.cells:
        for one in cell.failures:
            expected = f"Expected {one.expected}." if one.expected else ""
            said = " ".join(
                filter(None, (one.title, expected, one.message or one.actual, one.fix))
            )
            level = levels.get(one.verdict, "warning")
            yield Annotation(level=level, title=f"{cell.id}: {one.check}", text=said)
    for pair in report.parity:
        for found in pair.findings:
            if found.verdict is Verdict.FAIL:
                said = " ".join(filter(None, (found.title, found.message)))
                yield Annotation(
                    level="error", title=f"{pair.id}: {found.check}", text=said
                )


def lines(annotations: Iterable[Annotation]) -> str:
    """As a runner reads them; the last one of a kind says how many there are more."""
    kinds: dict[str, list[Annotation]] = {"error": [], "warning": [], "notice": []}
    for one in annotations:
        kinds[one.level].append(one)
    text = ""
    for level, some in kinds.items():
        shown = some if len(some) <= MOST else some[: MOST - 1]
        for one in shown:
            said = _data(one.text[:LONGEST])
            text += f"::{level} title={_property(one.title)}::{said}\n"
        if len(shown) < len(some):
            more = f"{len(some) - len(shown)} more of this kind are in the report."
            text += f"::{level} title=and more::{more}\n"
    return text


@contextmanager
def commands_stopped(say: Callable[[str], object], *, on: bool) -> Iterator[None]:
    """Print what others wrote, without the runner taking a line of it for a command.

    :param say: writes to standard output
    """
    token = secrets.token_hex(16)
    if on:
        say(f"::stop-commands::{token}\n")
    try:
        yield
    finally:
        if on:
            say(f"::{token}::\n")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
