"""What became of the changes from the field."""

from collections import Counter
from collections.abc import Iterator

from ..replay.observation import Observation
from .finding import Result, check, equal

FINAL = ("applied", "conflict", "not_applied", "error", "ignored", "unpermitted")
_FROM_FEEDBACK = {
    "status_applied": "applied",
    "status_conflict": "conflict",
    "status_apply_failed": "not_applied",
}


@check(
    "deltas.final",
    "Every delta of a job that has ended has a final status.",
    why="A delta that stays started is never tried again, and its change is lost.",
    fix="After any failure set all deltas of the job to error.",
)
def final(seen: Observation) -> Iterator[Result]:
    """Of the delta itself, and of its part in the job."""
    row = seen.row
    if row is None or row["status"] not in ("finished", "failed", "stopped"):
        return
    for delta in seen.snapshot["deltas"]:
        yield Result(
            ok=delta["last_status"] in FINAL,
            expected="one of " + ", ".join(FINAL[:4]),
            actual=delta["last_status"],
            where=f"delta {delta['id']}.last_status",
        )
    for link in seen.snapshot["apply_job_deltas"]:
        yield Result(
            ok=link["status"] in FINAL,
            expected="one of " + ", ".join(FINAL[:4]),
            actual=link["status"],
            where=f"ApplyJobDelta {link['delta_id']}.status",
        )


@check(
    "deltas.as-reported",
    "Each delta has the status, feedback and primary key that the worker reported.",
    why="A change that was refused would look applied, or the other way round.",
    fix="Map delta_feedback by delta_id, onto Delta and onto ApplyJobDelta.",
)
def as_reported(seen: Observation) -> Iterator[Result]:
    """Against ``feedback.outputs.apply_deltas.delta_feedback``."""
    if seen.row is None or seen.row["status"] != "finished":
        return
    outputs = seen.feedback.get("outputs") or {}
    reported = {
        str(one.get("delta_id")): one
        for one in (outputs.get("apply_deltas") or {}).get("delta_feedback") or ()
    }
    links = {str(one["delta_id"]): one for one in seen.snapshot["apply_job_deltas"]}
    for delta in seen.snapshot["deltas"]:
        told = reported.get(str(delta["id"]))
        if told is None:
            continue
        wanted = _FROM_FEEDBACK.get(str(told.get("status")), "error")
        where = f"delta {delta['id']}"
        yield equal(wanted, delta["last_status"], f"{where}.last_status")
        pk = told.get("modified_pk")
        yield equal(
            _text(pk), _text(delta["last_modified_pk"]), f"{where}.last_modified_pk"
        )
        yield Result(
            ok=bool(delta["last_feedback"] and delta["last_apply_attempt_at"]),
            expected="last_feedback and last_apply_attempt_at are set",
            actual=f"{delta['last_feedback']!r}, {delta['last_apply_attempt_at']}",
            where=where,
        )
        link = links.get(str(delta["id"]))
        if link is not None:
            yield equal(wanted, link["status"], f"ApplyJobDelta {delta['id']}.status")


def _text(value: object) -> str:
    return "" if value is None else str(value)


@check(
    "expect.deltas",
    "As many deltas end in each status as the scenario expects.",
    why="It is what the map maker sees of each change.",
    fix="Compare with the worker's delta_feedback.",
)
def counts(seen: Observation) -> Iterator[Result]:
    """Applied, conflict, not applied, error."""
    expected = seen.cell.scenario.expect.deltas
    if expected is None:
        return
    told = Counter(delta["last_status"] for delta in seen.snapshot["deltas"])
    wanted = {name: n for name, n in expected.model_dump().items() if n}
    yield equal(wanted, dict(told), "deltas.last_status")


@check(
    "deltas.data-updated-at",
    "A job that changed data dates the project's data anew.",
    why="QFieldCloud packages a project again when its data is newer than its package.",
    fix="Set project.data_last_updated_at when a delta was applied.",
)
def data_updated(seen: Observation) -> Iterator[Result]:
    """data_last_updated_at against the job's start."""
    applied = any(one["last_status"] == "applied" for one in seen.snapshot["deltas"])
    row, project = seen.row, seen.snapshot["project"]
    if not applied or row is None or row["status"] != "finished" or project is None:
        return
    updated = project["data_last_updated_at"]
    yield Result(
        ok=bool(updated and updated >= row["started_at"]),
        expected=f"not before {row['started_at']}",
        actual=str(updated),
        where="project.data_last_updated_at",
    )
