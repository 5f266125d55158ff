"""A run's report as one self-contained HTML page: no network, no inline handler."""

from ..expectations.finding import Verdict
from .model import Report
from .page import checks, shell, view
from .page.bar import Bar, Chip
from .page.budget import Carried
from .page.parity import parity_view
from .page.parts import NAMES, parts
from .page.words import ORDER, WORDS, headline, slug

FIRST_ROWS = 20
"""So many rows of the matrix are shown at least; beyond, what passed is folded."""
TERMS = (
    ("s:fail", f"with this verdict: {', '.join(map(slug, ORDER))}"),
    ("b:docker e:simulated", "of this backend, in this environment"),
    ("t:smoke", "whose scenario has this tag"),
    ("c:rbac", "where a check of this name was not passed"),
)


def html(report: Report) -> str:
    """The page's text; pure, of at most two megabytes for 200 cells.

    What would make it larger is left out, with a sentence in its place.
    """
    scenarios = view.scenarios(report)
    cells = view.in_order(scenarios)
    return shell.render(
        "page.html",
        report=report,
        bar=_bar(report),
        scenarios=scenarios,
        first_rows=_first_rows(scenarios),
        columns=view.columns(report),
        tasks=checks.tasks(cells),
        checks=checks.checks(cells),
        parts=Carried(parts(scenarios, shell.pages())),
        names=NAMES,
        parity=parity_view(report),
    )


def _first_rows(scenarios: tuple[view.ScenarioView, ...]) -> int:
    """How many rows of the matrix are not folded."""
    return max(FIRST_ROWS, sum(one.verdict is not Verdict.PASS for one in scenarios))


def _bar(report: Report) -> Bar:
    columns = view.columns(report)
    backends = dict.fromkeys(one.backend for one in columns)
    environments = dict.fromkeys(one.environment for one in columns)
    return Bar(
        slug=slug(report.verdict),
        headline=headline(report),
        noun="cell",
        count=len(report.cells),
        example="s:fail b:kubernetes text",
        chips=(
            *(
                Chip(
                    query=f"s:{slug(one)}",
                    label=f"{WORDS[one]} {report.counts[one]}",
                    slug=slug(one),
                )
                for one in ORDER
                if report.counts[one]
            ),
            *(Chip(query=f"b:{one}", label=one) for one in backends),
            *(Chip(query=f"e:{one}", label=one) for one in environments),
        ),
        terms=TERMS,
    )
