"""A validation as one self-contained HTML page: the verdict first, then what to do."""

import hashlib
import json

from ...preflight import model
from ...preflight.model import Validation
from ..page import shell
from ..page.bar import Bar, Chip
from ..page.budget import Carried
from ..page.view import fragment
from . import words
from .carried import parts
from .compare import Comparison
from .view import Page, page
from .words import GROUPS

ROOM = 900_000
"""Bytes for logs, timelines and answers; the rest of a page takes 2 kB a check."""
DATA_ROOM = 400_000
"""Characters of JSON that the page holds to be copied."""
TERMS = (
    ("s:fail", f"that ended so: {', '.join(one.slug for one in GROUPS)}"),
    ("c:rights", "of this category"),
    ("p:real-job", "proven so: read, dry-run, impersonated, real-job …"),
    ("id:QFV-3", "whose id holds this"),
)


def html(report: Validation, comparison: Comparison | None = None) -> str:
    """The page's text; pure, of at most two megabytes with 200 checks and 20 logs.

    What would make it larger is left out, with a sentence in its place.

    :param comparison: with an earlier report, where one was named
    """
    data = model.dumped(report)
    found = page(report)
    ids = [
        f"evidence-{number}-{fragment(one.id)[:60]}"
        for number, one in enumerate(report.evidence)
    ]
    return shell.render(
        "validation.html",
        report=report,
        decision=report.decision,
        scope=report.scope,
        slug=words.SLUGS[report.decision.word],
        page=found,
        bar=_bar(report, found),
        groups=GROUPS,
        comparison=comparison,
        words=words,
        carried=Carried(parts(report), ROOM),
        evidence_ids=ids,
        evidence_anchors=_first(report, ids),
        data=data if len(data) <= DATA_ROOM else _shortened(data),
        shortened=len(data) > DATA_ROOM,
        digest=hashlib.sha256(data.encode()).hexdigest(),
    )


def _first(report: Validation, ids: list[str]) -> dict[str, str]:
    """Addresses by the evidence's id, which reports that were merged have twice."""
    pairs = zip(report.evidence, ids, strict=True)
    return {one.id: address for one, address in reversed(list(pairs))}


def _shortened(data: str) -> str:
    """The data without what is large: answers of the API, logs and timelines."""
    found = json.loads(data)
    found["evidence"] = [{**one, "body": None} for one in found["evidence"]]
    found["jobs"] = [{**one, "log": "", "timeline": []} for one in found["jobs"]]
    text = json.dumps(found, ensure_ascii=False)
    return text if len(text) <= DATA_ROOM else ""


def _bar(report: Validation, found: Page) -> Bar:
    return Bar(
        slug=words.SLUGS[report.decision.word],
        headline=report.decision.word.value,
        noun="check",
        count=len(report.results),
        example="s:fail c:rights !text",
        chips=(
            *(
                Chip(
                    query=f"s:{one.slug}",
                    label=f"{one.word} {found.counts[one.slug]}",
                    slug=one.slug,
                )
                for one in GROUPS
                if found.counts[one.slug]
            ),
            *(
                Chip(query=f"c:{one.name.replace(' ', '-')}", label=one.name)
                for one in found.categories
            ),
        ),
        terms=TERMS,
        warns=True,
    )
