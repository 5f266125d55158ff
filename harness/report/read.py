"""A run's report read back from its JSON, so that it can be written again."""

import json
from functools import cache

from pydantic import TypeAdapter, ValidationError

from ..errors import UsageError
from .model import SCHEMA_VERSION, Report

HINT = "Name a report.json that `qfc-harness run` wrote."


def loaded(text: str, source: str) -> Report:
    """A report that was dumped.

    Keys that this version doesn't know are left out.

    :raises UsageError: it is none, or of another version
    """
    try:
        report = _adapter().validate_json(whole(text))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"{source}: no report of a run: {where or 'JSON'}: {first['msg']}", HINT
        ) from error
    if report.schema_version != SCHEMA_VERSION:
        raise UsageError(
            f"{source}: has schema {report.schema_version}, not {SCHEMA_VERSION}.",
            "Use the qfc-harness that wrote it, or repeat that run.",
        )
    return report


def whole(text: str) -> str:
    """The text without halves of surrogate pairs, which a wrapper may have written."""
    if "\\ud" not in text.lower():
        return text
    try:
        data = json.loads(text)
    except ValueError:
        return text  # to be told by whoever reads it
    raw = json.dumps(data, ensure_ascii=False).encode("utf-16", "surrogatepass")
    return raw.decode("utf-16", "replace")


@cache
def _adapter() -> TypeAdapter[Report]:
    return TypeAdapter(Report)
