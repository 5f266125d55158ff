"""The parts of a cell that may be large: each written once, in order of worth."""

import json
from collections.abc import Callable, Iterator
from functools import partial

from jinja2 import Environment
from markupsafe import Markup

from ..model import CellReport, as_json
from .budget import LOG_LIMIT, Part
from .difference import difference
from .plain_text import cut
from .time_axis import time_axis
from .view import CellView, ScenarioView, in_order

NAMES = ("findings", "passed", "timeline", "rights", "logs", "row")
_NEED_A_LOOK = ("findings", "timeline", "rights", "facts", "logs", "row", "passed")
_OTHERS = ("findings", "facts", "timeline", "rights", "logs", "row", "passed")


def parts(views: tuple[ScenarioView, ...], pages: Environment) -> Iterator[Part]:
    """Every part that a cell has; those of cells that need a look come first."""
    for place, view in enumerate(in_order(views)):
        for name, write in _writers(view, pages).items():
            yield _part(view, name, write, place)
    for place, scenario in enumerate(views):
        if scenario.facts:
            write = partial(_facts, pages, scenario)
            yield _part(scenario.cells[0], "facts", write, place)


def _writers(view: CellView, pages: Environment) -> dict[str, Callable[[], Markup]]:
    has = {
        "findings": view.to_read,
        "passed": view.passed or view.not_applicable,
        "timeline": view.cell.timeline,
        "rights": view.cell.rights,
        "logs": view.cell.logs,
        "row": view.cell.row,
    }
    return {name: partial(_WRITERS[name], pages, view) for name in NAMES if has[name]}


def _part(view: CellView, name: str, write: Callable[[], Markup], place: int) -> Part:
    order = _NEED_A_LOOK if view.needs_a_look else _OTHERS
    rank = order.index(name) + (0 if view.needs_a_look else len(order))
    return Part(
        cell=view.number,
        name=name,
        rank=(rank, place),
        write=write,
        instead=_instead(view, name),
    )


def _instead(view: CellView, name: str) -> Markup:
    """The names of the checks at least."""
    if name not in ("findings", "passed"):
        return Markup()
    found = view.to_read if name == "findings" else view.passed
    names = dict.fromkeys(one.check for one in found)
    word = "Passed" if name == "passed" else view.tally
    text = Markup('<p class="part in-short {}">{}: <code>{}</code></p>')
    return text.format(name, word, ", ".join(names))


def _render(pages: Environment, name: str, view: CellView, **more: object) -> Markup:
    template = pages.get_template(f"cell/{name}.html")
    return Markup(template.render(view=view, cell=view.cell, **more).strip())  # noqa: S704


def _findings(pages: Environment, view: CellView) -> Markup:
    return _render(pages, "findings", view, difference=difference)


def _passed(pages: Environment, view: CellView) -> Markup:
    return _render(pages, "passed", view)


def _timeline(pages: Environment, view: CellView) -> Markup:
    moments = view.cell.timeline
    axis = time_axis(moments)
    return _render(pages, "timeline", view, moments=moments, axis=axis, heading="h5")


def _rights(pages: Environment, view: CellView) -> Markup:
    rights = sorted(view.cell.rights, key=lambda one: (not one.refused, one.granted))
    return _render(pages, "rights", view, rights=rights)


def _logs(pages: Environment, view: CellView) -> Markup:
    return _render(pages, "logs", view, logs=list(_log_texts(view.cell)))


def _log_texts(cell: CellReport) -> Iterator[tuple[str, str, str, str]]:
    """Name, text, length and the name of an earlier log that says the same."""
    seen: dict[str, str] = {}
    for name, text in cell.logs.items():
        same = seen.setdefault(text.strip(), name)
        lines = text.count("\n") + 1
        size = f"{lines:,} lines, {len(text):,} characters"
        yield name, cut(text, LOG_LIMIT), size, "" if same == name else same


def _row(pages: Environment, view: CellView) -> Markup:
    text = json.dumps(as_json(view.cell.row), indent=1, ensure_ascii=False)
    return _render(pages, "row", view, text=cut(text, LOG_LIMIT))


def _facts(pages: Environment, scenario: ScenarioView) -> Markup:
    template = pages.get_template("facts.html")
    return Markup(template.render(scenario=scenario).strip())  # noqa: S704


_WRITERS: dict[str, Callable[[Environment, CellView], Markup]] = {
    "findings": _findings,
    "passed": _passed,
    "timeline": _timeline,
    "rights": _rights,
    "logs": _logs,
    "row": _row,
}
