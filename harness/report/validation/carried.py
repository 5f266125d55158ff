"""The large parts of a validation's page: logs, timelines, answers of the API."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from markupsafe import Markup

from ...preflight.model import Evidence, RealJob, Status, Validation
from .. import model as run_model
from ..page import shell
from ..page.budget import LOG_LIMIT, Part
from ..page.plain_text import cut, pre
from ..page.time_axis import time_axis

BODY_LIMIT = 6_000
"""Characters of one answer of the API."""
NOTHING = Markup()


def parts(report: Validation) -> Iterator[Part]:
    """Jobs by their number, evidence by its number after that of all jobs."""
    wanted = {
        name
        for one in report.results
        if one.status in (Status.FAIL, Status.ERROR)
        for name in one.evidence
    }
    for number, job in enumerate(report.jobs):
        bad = job.status is not Status.PASS
        if job.timeline:
            write = partial(_timeline, job)
            yield _part(number, "timeline", (0 if bad else 4, number), write)
        if job.log:
            write = partial(_log, job)
            yield _part(number, "log", (1 if bad else 5, number), write)
    for number, one in enumerate(report.evidence, start=len(report.jobs)):
        if one.body is not None:
            write = partial(_body, one)
            rank = 2 if one.id in wanted else 6
            yield _part(number, "body", (rank, number), write)


def _part(number: int, name: str, rank: tuple[int, int], write: Any) -> Part:
    instead = Markup(
        '<p class="left-out">Left out, or this page would be too large: '
        "see validation.json.</p>"
    )
    return Part(cell=number, name=name, rank=rank, write=write, instead=instead)


def _timeline(job: RealJob) -> Markup:
    moments = [
        run_model.Moment(at_s=one.at_s, lane=one.lane, what=one.what, detail=one.detail)
        for one in job.timeline
    ]
    template = shell.pages().get_template("cell/timeline.html")
    axis = time_axis(moments)
    text = template.render(moments=moments, axis=axis, heading="h4")
    return Markup(text.strip())  # noqa: S704 (escaped by the template)


def _log(job: RealJob) -> Markup:
    return pre(cut(job.log, LOG_LIMIT), f"Log of {job.name}")


def _body(one: Evidence) -> Markup:
    body = one.body
    if not isinstance(body, str):
        body = json.dumps(body, indent=1, ensure_ascii=False, default=str)
    return pre(cut(body, BODY_LIMIT), f"Answer to {one.call}")
