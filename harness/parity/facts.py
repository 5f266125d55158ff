"""The facts of a cell: what was seen of it, field by field, fit to be compared.

A pure function of an observation and its findings. What chance decides is replaced by
what it stands for; texts that are long are their length and hash. The same facts are
compared between the backends (parity) and between simulated and real (fidelity).
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from ..expectations.finding import Finding, Verdict, worst
from ..replay.observation import Observation
from . import of_calls, of_probe, of_row, of_worker
from .tokens import Tokens

LONGEST = 400
"""A text beyond is told by its beginning, its length and its hash."""
UNSEEN = (Verdict.PASS, Verdict.NOT_APPLICABLE)


def facts_of(seen: Observation, findings: Iterable[Finding]) -> dict[str, str]:
    """Field to value; a field that the cell doesn't have is left out."""
    tokens = Tokens(seen)
    sections = {
        "judgement": _judgement(list(findings)),
        "row": of_row.fields(seen, tokens),
        "worker": of_worker.fields(seen, tokens),
        "probe": of_probe.fields(seen),
        "API": of_calls.fields(seen, tokens),
        "surroundings": _surroundings(seen),
    }
    found: dict[str, Any] = {}
    for name, section in sections.items():
        found |= _told(name, section)
    return {
        tokens(name): shown(tokens.all(value))
        for name, value in found.items()
        if value is not None
    }


def _told(name: str, section: Iterator[tuple[str, Any]]) -> dict[str, Any]:
    """A section's fields; what a wrapper wrote may be of any shape."""
    found: dict[str, Any] = {}
    try:
        found.update(section)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        found[f"{name}: rest"] = f"can't be told: {type(error).__name__}: {error}"
    return found


def shown(value: Any) -> str:
    """A value as text of bounded length, the same for the same value."""
    text = value
    if not isinstance(value, str):
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    if len(text) <= LONGEST:
        return str(text)
    digest = hashlib.sha256(text.encode(errors="backslashreplace")).hexdigest()
    return f"{text[: LONGEST // 4]}… {len(text)} characters, sha256 {digest[:16]}"


def _judgement(findings: list[Finding]) -> Iterator[tuple[str, Any]]:
    yield "verdict", worst(one.verdict for one in findings).value
    bad = {f"{one.check}: {one.verdict.value}" for one in findings}
    good = {f"{one.check}: {one.verdict.value}" for one in findings if _good(one)}
    yield "checks not passed", ", ".join(sorted(bad - good)) or "none"


def _good(finding: Finding) -> bool:
    return finding.verdict in UNSEEN


def _surroundings(seen: Observation) -> Iterator[tuple[str, Any]]:
    """What became of the wrapper's processes, of what it left and had to leave."""
    for number, one in enumerate(seen.subjects, start=1):
        name = f"wrapper {number}"
        yield name, f"{one.action}: {one.phase}, exit code {one.exit_code}"
        yield f"{name} error", one.error or "none"
    if not seen.cell.scenario.faults:  # how often, and which words, is chance
        logs = [_without_times(one.log) for one in seen.subjects]
        if logs:
            yield "first wrapper's log", logs[0]
        if logs[1:]:  # which of two replicas does what is left to do, is chance
            yield "later wrappers' logs", sorted(logs[1:])
    kinds = sorted(one.kind for one in seen.leftovers)
    yield "left over", ", ".join(kinds) or "nothing"
    yield (
        "bystanders",
        [
            f"{one.what}: {'left' if one.untouched else 'touched'}"
            for one in seen.bystanders
        ],
    )
    if seen.deeds:
        done = (f"{one.what.split()[0]}: {one.happened}" for one in seen.deeds)
        yield "events", ", ".join(done)


def _without_times(log: str) -> str:
    """A traceback's line numbers and files say nothing of a backend."""
    lines = (line for line in log.splitlines() if not line.startswith(" "))
    return "\n".join(lines).strip() or "empty"
