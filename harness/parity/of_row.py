"""The facts that QFieldCloud keeps of a job: its row, feedback, deltas and files."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from ..replay.observation import Observation, time
from .tokens import Tokens

TIMES = (
    "created_at",
    "started_at",
    "docker_started_at",
    "docker_finished_at",
    "finished_at",
)
"""In the order in which they have to be."""
_IGNORED = ("updated_at", "job_ptr_id", *TIMES)
_LONG = ("output", "feedback")
_OF_PROJECT = ("project_details", "thumbnail", "created_at", "updated_at")


def fields(seen: Observation, tokens: Tokens) -> Iterator[tuple[str, Any]]:
    """Name and value of each."""
    yield from _history(seen)
    yield from _tokens(seen)
    yield from _project(seen.snapshot)
    row = seen.row
    if row is None:
        yield "row", "gone"
        return
    for name, value in row.items():
        if name not in (*_IGNORED, *_LONG):
            yield f"row.{name}", value
    # two streams are not always read in turn; the check output.whole knows their order
    yield "row.output", "\n".join(sorted(tokens(row.get("output") or "").splitlines()))
    yield from _times(row)
    yield from _feedback(seen.feedback)


def _history(seen: Observation) -> Iterator[tuple[str, Any]]:
    """Statuses, and which columns were written in which order."""
    writes = [
        f"{entry['new_status'] or 'deleted'}({', '.join(_columns(entry))})"
        for entry in seen.snapshot["history"]
    ]
    yield "row.writes", " → ".join(writes)


def _columns(entry: Mapping[str, Any]) -> list[str]:
    hidden = ("updated_at", "status")
    return [one for one in entry.get("changed") or () if one not in hidden]


def _times(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Which times there are, whether they are in order, and the spans between them."""
    found = [(name, time(row.get(name))) for name in TIMES]
    told = [(name, at) for name, at in found if at is not None]
    yield "times.set", ", ".join(name for name, _ in told)
    wrong = [
        f"{later[0]} before {sooner[0]}"
        for sooner, later in pairwise(told)
        if later[1] < sooner[1]
    ]
    yield "times.order", ", ".join(wrong) or "in order"
    times = dict(told)
    for name, begin, end in (
        ("times.worker, seconds", "docker_started_at", "docker_finished_at"),
        ("times.whole, seconds", "started_at", "finished_at"),
    ):
        if begin in times and end in times:
            yield name, f"{(times[end] - times[begin]).total_seconds():.1f}"


def _feedback(feedback: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in feedback.items():
        if name == "outputs" and isinstance(value, Mapping):
            for step, said in value.items():
                yield f"feedback.outputs.{step}", said
            continue
        if name == "steps":
            value = [f"{one.get('id')}: stage {one.get('stage')}" for one in value]
        yield f"feedback.{name}", "null" if value is None else value


def _project(snapshot: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for number, delta in enumerate(snapshot["deltas"]):
        yield f"delta {number}.status", delta["last_status"]
        yield f"delta {number}.feedback", delta["last_feedback"]
    for kind in ("package_files", "project_files"):
        names = sorted(f"{one['name']} v{one['version']}" for one in snapshot[kind])
        yield kind, ", ".join(names)
    project = snapshot["project"]
    if project is None:
        yield "project", "gone"
        return
    for name, value in project.items():
        if name.endswith("_at") and value is not None:
            value = "set"
        if name not in _OF_PROJECT:
            yield f"project.{name}", value
    yield "project.project_details", project["project_details"]
    thumbnail = snapshot["thumbnail"]
    yield "project.thumbnail", thumbnail["sha256"][:16] if thumbnail else "none"


def _tokens(seen: Observation) -> Iterator[tuple[str, Any]]:
    """A token is over when it was deleted, or has expired as the wrapper returns."""
    over = 0
    for one in seen.snapshot["tokens"]:
        expires = time(one["expires_at"])
        over += bool(one["deleted_at"] or (expires and expires <= seen.ended))
    yield "tokens", f"{len(seen.snapshot['tokens'])} made, {over} over"
