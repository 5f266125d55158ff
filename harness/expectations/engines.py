"""Does the real worker make of a job what the ogr engine makes of it?

Every run in the simulator rests on the ogr engine, so what it does differently from
QGIS has to be known: the differences that are allowed are listed here, with reasons,
and in fixtures/worker/README.md.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from ..replay.observation import Observation
from ..replay.outputs import Outputs
from .finding import Result, cannot_look, check

FLOAT32 = 2.4e-7
"""Relative, two units in the last place of a 32-bit float."""
COLOUR_DISTANCE = 4.0
"""Of 255, on average over the thumbnail's squares and channels."""
SHOWN = 5
ABOUT_ITSELF = "start_qgis_app"
"""The step whose outputs tell of the engine, and not of the job."""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
Test = Callable[[Any, Any], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A difference that is allowed."""

    what: str
    """As in the README's table."""
    path: re.Pattern[str]
    holds: Test
    """Whether worker's and ogr engine's values differ in just this way."""


def _nearly(worker: Any, ogr: Any) -> bool:
    """The same text but for numbers, and those as near as 32 bits can be."""
    texts = [_NUMBER.sub("#", str(one)) for one in (worker, ogr)]
    numbers = [[float(n) for n in _NUMBER.findall(str(one))] for one in (worker, ogr)]
    return texts[0] == texts[1] and all(
        math.isclose(one, other, rel_tol=FLOAT32, abs_tol=1e-9)
        for one, other in zip(*numbers, strict=True)
    )


def _same_basemap(worker: Any, ogr: Any) -> bool:
    """The source of a tile layer, to which QGIS adds defaults."""
    sources = [dict(parse_qsl(str(one))) for one in (worker, ogr)]
    return "url" in sources[1] and sources[1].items() <= sources[0].items()


KNOWN = (
    Known(
        what="extent of a layer in a package made with `qgiscore`",
        path=re.compile(r"said/qfield_layer_data/layers_by_id/.*/extent"),
        holds=_nearly,
    ),
    Known(
        what="basemaps of a created project",
        path=re.compile(r"said/qgis_layers_data/layers_by_id/.*/datasource"),
        holds=_same_basemap,
    ),
)


@check(
    "worker.outputs",
    "The worker makes of the job what the ogr engine makes of it.",
    why="What was seen with the ogr engine in the simulator would not hold for QGIS.",
    fix="Mend the engine that is wrong; or list the difference, with its reason, in "
    "harness/expectations/engines.py and fixtures/worker/README.md.",
)
def outputs(seen: Observation) -> Iterator[Result]:
    """Value by value: the feedback's outputs, files, their layers, the thumbnail."""
    if not seen.compared:
        return
    worker, ogr = seen.compared
    for one in seen.compared:
        if one.error:
            yield Result(ok=False, actual=one.error, harness_at_fault=True)
            return
    if _engine(worker) == ogr.engine:
        yield cannot_look(
            "The worker worked with the ogr engine itself: is QGIS in its image?",
            "feedback.outputs.start_qgis_app.engine",
        )
        return
    job_type = seen.cell.scenario.job.type
    values = [dict(flat(comparable(one, job_type))) for one in (worker, ogr)]
    paths = sorted(set(values[0]) | set(values[1]))
    unlisted = [path for path in paths if not _allowed(path, *values)]
    for path in unlisted[:SHOWN]:
        yield Result(
            ok=False,
            expected=values[1].get(path, "nothing"),
            actual=values[0].get(path, "nothing"),
            where=path,
            message=f"{len(unlisted)} of {len(paths)} values differ from those of the "
            "ogr engine.",
        )
    if not unlisted:
        yield Result(
            ok=True,
            expected=f"the {len(paths)} values of the ogr engine",
            actual=_counted(paths, *values),
            where="feedback and files",
        )
    yield from _looks(worker, ogr)


def _engine(made: Outputs) -> str:
    """Which engine a worker says it has; QFieldCloud's own doesn't say."""
    return str((made.said.get(ABOUT_ITSELF) or {}).get("engine") or "qgis")


def _allowed(path: str, worker: Mapping[str, Any], ogr: Mapping[str, Any]) -> bool:
    if path in worker and path in ogr and worker[path] == ogr[path]:
        return True
    return _rule(path, worker, ogr) is not None


def _rule(path: str, worker: Mapping[str, Any], ogr: Mapping[str, Any]) -> Known | None:
    for known in KNOWN:
        if known.path.fullmatch(path) and known.holds(worker.get(path), ogr.get(path)):
            return known
    return None


def _counted(
    paths: list[str], worker: Mapping[str, Any], ogr: Mapping[str, Any]
) -> str:
    differ = [path for path in paths if worker.get(path) != ogr.get(path)]
    rules = [_rule(path, worker, ogr) for path in differ]
    counts = {
        known.what: sum(rule is known for rule in rules)
        for known in KNOWN
        if known in rules
    }
    listed = "".join(f"; {count} × known: {what}" for what, count in counts.items())
    return f"{len(paths) - len(differ)} the same{listed}"


def _looks(worker: Outputs, ogr: Outputs) -> Iterator[Result]:
    """Both have a thumbnail, of the same size and nearly the same colours, or none."""
    pictures = (worker.colours, ogr.colours)
    if not any(pictures):
        return
    far = math.inf
    if all(pictures) and worker.colours[:2] == ogr.colours[:2]:
        pairs = list(zip(worker.colours[2:], ogr.colours[2:], strict=True))
        far = sum(abs(one - other) for one, other in pairs) / len(pairs)
    yield Result(
        ok=far < COLOUR_DISTANCE,
        expected=f"colours at most {COLOUR_DISTANCE:g} of 255 away on average",
        actual=f"{far:.1f} away",
        where="thumbnail",
    )


def comparable(made: Outputs, job_type: str) -> dict[str, Any]:
    """All but the thumbnail; what is made anew each time is left out."""
    content: dict[str, Any] = {
        "said": {step: one for step, one in made.said.items() if step != ABOUT_ITSELF},
        "files": dict.fromkeys(made.files, "there"),
        "tables": dict(made.tables),
    }
    if job_type == "create_project":
        content = _named(content, _names(made))
    if job_type == "delta_apply":
        content = _without_key(content, "delta_file_id")
    return content


def _names(made: Outputs) -> dict[str, str]:
    """The layers' names by their ids, which are random in a new project."""
    layers = (made.said.get("qgis_layers_data") or {}).get("layers_by_id") or {}
    return {str(key): str(layer.get("name")) for key, layer in layers.items()}


def _named(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {_named(k, names): _named(v, names) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_named(item, names) for item in value]
    if isinstance(value, str):
        for key, name in names.items():
            value = value.replace(key, f"<id of {name}>")
    return value


def _without_key(value: Any, unwanted: str) -> Any:
    if isinstance(value, Mapping):
        return {
            key: _without_key(item, unwanted)
            for key, item in value.items()
            if key != unwanted
        }
    if isinstance(value, list):
        return [_without_key(item, unwanted) for item in value]
    return value


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with the path to it; an empty list or object is a value."""
    items: Iterator[tuple[Any, Any]] | None = None
    if isinstance(value, Mapping) and value:
        items = iter(value.items())
    elif isinstance(value, (list, tuple)) and value:
        items = iter(enumerate(value))
    if items is None:
        yield path, value
        return
    for key, item in items:
        yield from flat(item, f"{path}/{key}" if path else str(key))
