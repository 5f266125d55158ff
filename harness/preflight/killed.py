"""The report of a validation that was killed, made of its journal. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import UsageError
from . import model, registry, tables, verdict
from .model import (
    Evidence,
    Kind,
    Made,
    Plan,
    RealJob,
    Result,
    Scope,
    Validation,
)

NOWHERE = Scope(
    command="",
    kubeconfig="",
    context="",
    server="",
    namespace="",
    user="",
    subject="",
    service_account="",
    replicas=1,
    real_jobs=False,
)


@dataclass
class _Seen:
    """What the lines say so far."""

    run_id: str = ""
    started: str = ""
    phase: str = ""
    scope: Scope = NOWHERE
    plan: Plan | None = None
    counts: dict[str, dict[Kind, int]] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    made: dict[str, Made] = field(default_factory=dict)
    jobs: list[RealJob] = field(default_factory=list)
    end: Validation | None = None

    def take(self, kind: str, data: Any) -> None:
        """One line; a kind that is not known is left out."""
        match kind:
            case "run":
                self.run_id, self.started = data["run_id"], data["started"]
            case "phase":
                self.phase = data["name"]
                self.counts.setdefault(self.phase, dict.fromkeys(Kind, 0))
            case "scope":
                self.scope = model.parsed(Scope, data)
            case "planned":
                self.plan = model.parsed(Plan, data)
            case "evidence":
                one = model.parsed(Evidence, data)
                self.evidence[one.id] = one
                self.counts.setdefault(self.phase, dict.fromkeys(Kind, 0))
                self.counts[self.phase][one.kind] += 1
            case "result":
                result = model.parsed(Result, data)
                self.results[result.id] = result
            case "made" | "gone":
                made = model.parsed(Made, data)
                self.made[made.uid or made.name] = made
            case "job":
                self.jobs.append(model.parsed(RealJob, data))
            case "end":
                self.end = model.parsed(Validation, data)


def from_journal(text: str, source: str) -> Validation:
    """The report: what was seen, NO-GO, and what is still in the cluster.

    Of a journal that has its last line, it is the report that was made then. A line
    that was cut off by the end is left out.

    :raises UsageError: it is no journal
    """
    seen = _Seen()
    for kind, data in _lines(text, source):
        try:
            seen.take(kind, data)
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(
                f"{source}: a line of kind {kind} doesn't fit: {error}",
                "Use the qfc-harness that wrote it.",
            ) from error
    return seen.end or _report(seen)


def _lines(text: str, source: str) -> Iterator[tuple[str, Any]]:
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        try:
            found = json.loads(line)
            yield found["kind"], found["data"]
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines) > 1:
                return  # cut off by the end
            raise UsageError(
                f"{source}: line {number} is no line of a journal: {error}",
                "Name the journal.jsonl that `qfc-harness validate` wrote.",
            ) from error
    if not lines:
        raise UsageError(
            f"{source} is empty: the validation ended before it began.",
            "Repeat it.",
        )


def _report(seen: _Seen) -> Validation:
    last = max((one.at for one in seen.evidence.values()), default=seen.started)
    results = [*seen.results.values()]
    done = len({one.check for one in results} & set(registry.CHECKS))
    calls = sum(sum(one.values()) for one in seen.counts.values())
    ended = (
        f"Ended at {last[11:19] or 'an unknown time'} UTC in check {done + 1} of "
        f"{len(registry.CHECKS)}, phase {seen.phase or 'none'}, after {calls} calls"
    )
    order = list(registry.CHECKS)
    results.sort(key=lambda one: order.index(one.check) if one.check in order else 999)
    return Validation(
        run_id=seen.run_id,
        started=seen.started or last,
        finished=last,
        scope=replace(seen.scope, real_jobs=bool(seen.jobs)),
        decision=verdict.decide(
            results,
            demanded=registry.CHECKS,
            require_proof=seen.scope.require_proof,
            ended=ended,
        ),
        results=tuple(results),
        evidence=tuple(seen.evidence.values()),
        plan=seen.plan,
        made=tuple(seen.made.values()),
        jobs=tuple(seen.jobs),
        calls=tables.calls(seen.counts),
        ended=ended,
    )
