"""A cell's part of the report, made of its observation and findings."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ..expectations.finding import Finding, Verdict, worst
from ..parity.facts import facts_of
from ..replay.observation import Observation, time
from ..scenario.cells import Cell
from ..settings import Settings
from ..subject.locate import Subject
from .model import CellReport, Moment, Right
from .redact import Redaction
from .repeat import repeat_command

LOG_LIMIT = 64 * 1024
DETAIL_LIMIT = 300
MAXIMUM_MOMENTS = 200
LONGEST_LIST = 1000


def cell_report(
    seen: Observation,
    findings: Iterable[Finding],
    *,
    subject: Subject,
    settings: Settings,
    duration_s: float,
) -> CellReport:
    """All that a page shows of a cell, without its secrets."""
    redact = Redaction(secrets_of(seen))
    found = tuple(findings)
    cell = seen.cell
    clean = tuple(_clean(one, redact) for one in found)
    # one cell of a migration is the way there, the other the way back: not one thing
    told = {} if cell.scenario.migrates else facts_of(seen, found)
    facts = redact(told, "facts")
    timeline = tuple(_timeline(seen, redact))
    logs = {name: _bounded(redact(text, name)) for name, text in _logs(seen).items()}
    row = _bounded_value(redact(_row(seen), "the job's row"))
    return CellReport(
        id=cell.id,
        scenario=cell.scenario.name,
        description=cell.scenario.description,
        tags=cell.scenario.tags,
        backend=cell.backend,
        environment=cell.environment,
        proof=seen.proof,
        subject=subject.name,
        verdict=worst(one.verdict for one in found),
        duration_s=round(duration_s, 3),
        findings=clean,
        repeat=repeat_command(cell, subject, settings),
        facts=facts,
        timeline=timeline,
        rights=_rights(seen),
        logs=logs,
        row=row,
        masked=redact.masked,
    )


LOST = "harness.environment"
"""The check that fails where the environment wasn't there, or not able, meanwhile."""


def not_run(
    cell: Cell,
    verdict: Verdict,
    reason: str,
    *,
    subject: Subject,
    settings: Settings,
    proof: str = "",
    check: str = "harness.cell",
) -> CellReport:
    """A cell that was skipped, or that the harness failed to run."""
    finding = Finding(
        check=check,
        verdict=verdict,
        title="The cell can be run.",
        message=reason,
        proof=proof,
    )
    return CellReport(
        id=cell.id,
        scenario=cell.scenario.name,
        description=cell.scenario.description,
        tags=cell.scenario.tags,
        backend=cell.backend,
        environment=cell.environment,
        proof=proof,
        subject=subject.name,
        verdict=verdict,
        duration_s=0.0,
        findings=(finding,),
        repeat=repeat_command(cell, subject, settings),
        skipped=reason if verdict is Verdict.SKIPPED else "",
    )


def secrets_of(seen: Observation) -> dict[str, str]:
    """Every secret that this cell knows of, by name."""
    secrets = {**seen.arranged.secrets, "user's token": seen.arranged.token}
    if seen.arranged.pgservices:
        secrets["PGSERVICE_FILE_CONTENTS"] = seen.arranged.pgservices
    if seen.probe is not None:
        secrets["QFIELDCLOUD_TOKEN"] = seen.probe["env"].get("QFIELDCLOUD_TOKEN", "")
    for worker in seen.workers:
        if "QFIELDCLOUD_TOKEN" in worker.env:
            secrets["QFIELDCLOUD_TOKEN"] = worker.env["QFIELDCLOUD_TOKEN"]
    return secrets


def _clean(finding: Finding, redact: Redaction) -> Finding:
    return Finding(
        check=finding.check,
        verdict=finding.verdict,
        title=finding.title,
        expected=redact(finding.expected, "findings"),
        actual=redact(finding.actual, "findings"),
        message=redact(finding.message, "findings"),
        where=redact(finding.where, "findings"),
        why=finding.why,
        fix=finding.fix,
        proof=finding.proof,
    )


def _timeline(seen: Observation, redact: Redaction) -> list[Moment]:
    moments: list[Moment] = []

    def note(
        at: datetime | None, lane: str, what: str, detail: str = "", seconds: float = 0
    ) -> None:
        if at is not None:
            moments.append(
                Moment(
                    at_s=round((at - seen.began).total_seconds(), 3),
                    lane=lane,
                    what=redact(what, "timeline"),
                    detail=redact(detail, "timeline")[:DETAIL_LIMIT],
                    seconds=round(seconds, 3),
                )
            )

    for entry in seen.snapshot["history"]:
        change = entry["op"]
        if entry["new_status"] != entry["old_status"]:
            change = f"{entry['old_status'] or ''} → {entry['new_status'] or 'deleted'}"
        changed = ", ".join(entry.get("changed") or ())
        note(time(entry["at"]), "row", change, changed)
    for worker in seen.workers:
        for state in worker.states:
            note(state.at, "worker", state.what, state.detail)
    for call in seen.calls:
        answer = str(call.status) + (f" {call.message}" if call.status >= 400 else "")
        answer += f" [{call.fault}]" if call.fault else ""
        note(call.at, "api", f"{call.method} {call.target}", answer, call.seconds)
    for deed in seen.deeds:
        note(deed.at, "event", deed.what)
    note(seen.ended, "wrapper", "returned")
    return sorted(moments, key=lambda one: one.at_s)[:MAXIMUM_MOMENTS]


def _rights(seen: Observation) -> tuple[Right, ...]:
    if seen.granted is None:
        return ()
    used: Counter[tuple[str, str, str]] = Counter()
    refused: Counter[tuple[str, str, str]] = Counter()
    for call in seen.calls:
        if call.right is not None and not call.injected:
            (refused if call.status == 403 else used)[call.right] += 1
    granted = {
        (verb, group, resource)
        for rule in seen.granted
        for verb in rule.verbs
        for group in rule.groups
        for resource in rule.resources
    }
    return tuple(
        Right(
            verb=verb,
            group=group,
            resource=resource,
            used=used[verb, group, resource],
            refused=refused[verb, group, resource],
            granted=any(rule.allows(verb, group, resource) for rule in seen.granted),
        )
        for verb, group, resource in sorted(
            {*used, *refused, *granted}, key=lambda right: (right[1:], right[0])
        )
    )


def _logs(seen: Observation) -> dict[str, str]:
    logs = {
        f"worker {worker.name}": worker.log.text
        for worker in seen.workers
        if worker.log is not None
    }
    for number, subject in enumerate(seen.subjects, start=1):
        words = [subject.log, subject.traceback]
        logs[f"wrapper, process {number} ({subject.action})"] = "\n".join(words).strip()
    logs["output in the row"] = str((seen.row or {}).get("output") or "")
    if seen.evidence.get("events"):
        logs["events of the cluster"] = "\n".join(seen.evidence["events"])
    for name, text in seen.evidence.get("described", {}).items():
        # a container's or pod's name alone says nothing of what the text is
        logs[name if " " in name else f"state of {name} at the end"] = text
    return {name: text for name, text in logs.items() if text}


def _bounded(text: str) -> str:
    if len(text) <= LOG_LIMIT:
        return text
    half = LOG_LIMIT // 2
    return f"{text[:half]}\n… {len(text) - LOG_LIMIT} characters …\n{text[-half:]}"


def _row(seen: Observation) -> dict[str, Any]:
    row: Mapping[str, Any] = seen.row or {}
    return {name: value for name, value in row.items() if name != "output"}


def _bounded_value(value: Any) -> Any:
    """A value of the row; whatever a worker wrote, the report stays readable."""
    if isinstance(value, Mapping):
        return {key: _bounded_value(one) for key, one in value.items()}
    if isinstance(value, list):
        kept = [_bounded_value(one) for one in value[:LONGEST_LIST]]
        more = len(value) - LONGEST_LIST
        return [*kept, f"… {more} more …"] if more > 0 else kept
    return _bounded(value) if isinstance(value, str) else value
