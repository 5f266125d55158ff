"""Reads scenario files and says all that is wrong with them at once, with the lines."""

import copy
import difflib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from ..errors import UsageError
from . import consistency
from .schema import Scenario

Location = tuple[str | int, ...]
SUFFIXES = (".yaml", ".yml")
DEEPEST = 50
NOT_AT_ALL = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """One thing that is wrong in a scenario file."""

    source: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.key}: {self.message}"


class ScenarioMistakes(UsageError):
    """One or more scenario files are wrong; has a line for each mistake."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        count = f"{len(mistakes)} mistake{'s' if len(mistakes) > 1 else ''}"
        super().__init__("\n".join(map(str, mistakes)), f"{count}; nothing was run.")
        self.mistakes = mistakes


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """A scenario and the file it is from."""

    scenario: Scenario
    path: Path


class _Lines:
    """The line of each key path of a YAML document, and the keys given twice."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Location, int] = {}
        self.twice: list[Location] = []
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is not None:
            self._walk(root, ())

    def _walk(self, node: yaml.Node, path: Location) -> None:
        self._lines.setdefault(path, node.start_mark.line + 1)
        if len(path) > DEEPEST:
            raise yaml.YAMLError("it is nested too deep, or an alias holds itself")
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                inside = (*path, str(key.value))
                if inside in self._lines and path not in self.twice:
                    self.twice.append(inside)
                self._lines[inside] = key.start_mark.line + 1
                self._walk(value, inside)
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                self._walk(value, (*path, index))

    def of(self, path: Location) -> int:
        """The line of a key path, or of the nearest part of it that is written."""
        while path not in self._lines and path:
            path = path[:-1]
        return self._lines.get(path, 1)


def parse(text: str, source: str) -> Scenario:
    """The scenario in a YAML text.

    :param source: what the text is called in messages
    :raises ScenarioMistakes: with every mistake found
    """
    try:
        lines = _Lines(text)
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: such as a 13th month
        raise ScenarioMistakes([_not_yaml(error, source)]) from None
    if not isinstance(data, dict):
        message = "a scenario is a mapping; begin with `name: …`"
        raise ScenarioMistakes(
            [Mistake(source=source, line=1, key="(file)", message=message)]
        )

    def mistake(path: Location, message: str) -> Mistake:
        key = ".".join(map(str, path)) or "(file)"
        return Mistake(source=source, line=lines.of(path), key=key, message=message)

    mistakes = [mistake(path, "is given twice; keep one") for path in lines.twice]
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        wrong = _merged(error, data)
        mistakes += [
            mistake(path, _explain(path, items, data)) for path, items in wrong.items()
        ]
        mistakes += [mistake(path, text) for path, text in _else_wrong(data, wrong)]
        raise ScenarioMistakes(sorted(mistakes, key=lambda one: one.line)) from None
    mistakes += [mistake(path, text) for path, text in consistency.check(scenario)]
    if mistakes:
        raise ScenarioMistakes(sorted(mistakes, key=lambda one: one.line))
    return scenario


def _else_wrong(
    data: dict[Any, Any], wrong: Iterable[Location]
) -> list[tuple[Location, str]]:
    """Contradictions in what is left of a scenario without the keys that are wrong.

    None beside such a key, where it may only follow from that; nor in a list that has
    fewer items than the file.
    """
    rest = copy.deepcopy(data)
    for path in sorted(wrong, key=str, reverse=True):
        above = _at(rest, path[:-1])
        try:
            del above[path[-1]]
        except (LookupError, TypeError):
            return []  # a key that is missing
    try:
        found = consistency.check(Scenario.model_validate(rest))
    except ValidationError:
        return []
    beside = {path[:-1] for path in wrong}
    shorter = {path[0] for path in wrong if any(isinstance(key, int) for key in path)}
    return [
        (path, text)
        for path, text in found
        if path[:-1] not in beside and path[0] not in shorter
    ]


def _not_yaml(error: Exception, source: str) -> Mistake:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    line = mark.line + 1 if mark else 1
    message = f"is not YAML: {problem}"
    return Mistake(source=source, line=line, key="(file)", message=message)


def _merged(error: ValidationError, data: Any) -> dict[Location, list[Any]]:
    """Pydantic's errors by key path.

    Where a value may be one of several (a union), pydantic has the errors of each
    branch; the one with the fewest keys unknown or missing is the one meant.
    """
    items = [(*_written(item, data), item) for item in error.errors(include_url=False)]
    worse: dict[Location, Counter[str]] = defaultdict(Counter)
    for path, branches, item in items:
        for union, branch in branches:
            worse[union][branch] += _distance(path, union, item)
    best = {union: min(found.values()) for union, found in worse.items()}
    merged: dict[Location, list[Any]] = defaultdict(list)
    for path, branches, item in items:
        if all(worse[union][branch] == best[union] for union, branch in branches):
            merged[path].append(item)
    return merged


def _distance(path: Location, union: Location, item: Any) -> int:
    """How far an error shows a branch to be from what the file says."""
    if path == union:
        return NOT_AT_ALL
    return int(item["type"] in ("missing", "extra_forbidden"))


def _written(item: Any, data: Any) -> tuple[Location, list[tuple[Location, str]]]:
    """The key path as it stands in the file, and pydantic's branches on the way."""
    path: list[str | int] = []
    branches: list[tuple[Location, str]] = []
    for part in item["loc"]:
        inside = data[part : part + 1] if _is_index(part, data) else data
        if isinstance(data, dict) and part in data:
            data = data[part]
        elif _is_index(part, data) and inside:
            data = inside[0]
        elif item["type"] != "missing" or part != item["loc"][-1]:
            branches.append((tuple(path), str(part)))
            continue
        path.append(part)
    return tuple(path), branches


def _is_index(part: str | int, data: Any) -> bool:
    return isinstance(part, int) and isinstance(data, list)


def _explain(path: Location, items: list[Any], data: Any) -> str:
    match items[0]["type"]:
        case "extra_forbidden":
            known = _siblings(path)
            near = difflib.get_close_matches(str(path[-1]), known, 1)
            near = near or _elsewhere(path)
            advice = f"; did you mean `{near[0]}`?" if near else "."
            allowed = f" Known here: {', '.join(sorted(known))}." if known else ""
            return f"unknown key{advice}{allowed}"
        case "missing":
            return "is required"
    wanted = " or ".join(dict.fromkeys(_wanted(item) for item in items))
    return f"should {wanted}, not {_at(data, path)!r}"


def _wanted(item: Any) -> str:
    """What would be right, in the words of YAML."""
    match item["type"]:
        case "model_type" | "dict_type":
            return "be a mapping"
        case "tuple_type":
            return "be a list"
    text = str(item["msg"])
    return text.partition("should ")[2].partition(", unable")[0] or f"be right ({text})"


def _at(data: Any, path: Location) -> Any:
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _siblings(path: Location) -> list[str]:
    """The keys that are known where ``path`` ends."""
    model: Any = Scenario
    for part in path[:-1]:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        model = _model_in(field.annotation) if field else None
        if model is None:
            return []
    return list(model.model_fields)


def _elsewhere(path: Location) -> list[str]:
    """Where in a scenario the key would be known, if that is not where it stands."""
    key = str(path[-1])
    if key in Scenario.model_fields:
        return [f"{key}` at the top, not below `{path[0]}"]
    return [
        f"{name}.{key}"
        for name, field in Scenario.model_fields.items()
        if key in getattr(_model_in(field.annotation), "model_fields", ())
    ][:1]


def _model_in(annotation: Any) -> Any:
    """The model in an annotation such as ``tuple[Model, ...]`` or ``Model | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None


def files(paths: Iterable[Path]) -> list[Path]:
    """The scenario files that these files and folders hold, sorted.

    :raises UsageError: a path isn't there, or holds none
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.suffix in SUFFIXES)
            if not inside:
                raise UsageError(
                    f"{path} holds no scenario.", "Scenario files end in .yaml."
                )
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise UsageError(
                f"{path}: there is no such file or folder.",
                "`qfc-harness scenarios list` shows what there is; -k chooses by name.",
            )
    return list({path.resolve(): path for path in reversed(found)}.values())[::-1]


def load(paths: Iterable[Path]) -> list[Loaded]:
    """Every scenario of these files and folders.

    :raises ScenarioMistakes: with every mistake of every file
    """
    loaded: list[Loaded] = []
    mistakes: list[Mistake] = []
    names: dict[str, Path] = {}
    for path in files(paths):
        try:
            scenario = parse(_read(path), str(path))
        except ScenarioMistakes as error:
            mistakes += error.mistakes
            continue
        if scenario.name in names:
            message = f"{scenario.name!r} is also the name of {names[scenario.name]}"
            mistakes.append(
                Mistake(source=str(path), line=1, key="name", message=message)
            )
        names[scenario.name] = path
        loaded.append(Loaded(scenario=scenario, path=path))
    if mistakes:
        raise ScenarioMistakes(mistakes)
    return loaded


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        message = f"is not UTF-8: {error.reason} at byte {error.start}"
    except OSError as error:
        message = f"can't be read: {error.strerror}"
    raise ScenarioMistakes(
        [Mistake(source=str(path), line=1, key="(file)", message=message)]
    )
