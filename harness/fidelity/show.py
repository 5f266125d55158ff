"""The table of fidelity, for people and for programs."""

from collections.abc import Iterator
from typing import Any

from ..parity.comparison import Difference
from ..parity.known import ABSENT
from ..report.model import as_json
from .fidelity import Fidelity

LONGEST = 160


def lines(found: Fidelity, *, every_field: bool) -> Iterator[str]:
    """The table, a line for each cell, and below it the fields that differ."""
    for pair in sorted(found.pairs, key=lambda one: one.id):
        compared = pair.compared
        known = len(compared.differences) - len(pair.unexplained)
        sign = "differs" if pair.unexplained else "agrees"
        yield (
            f"{sign:8}{pair.id}: {compared.fields - len(compared.differences)} of "
            f"{compared.fields} fields equal, {known} known differences"
        )
        shown = compared.differences if every_field else pair.unexplained
        for one in shown:
            yield from _field(one)
    for words in found.alone:
        yield f"alone   {words}"
    for row in found.unused:
        yield f"unused  {row.id}: {row.seen_in} doesn't show this difference any more"
    yield summary(found)


def _field(one: Difference) -> Iterator[str]:
    yield f"          {one.field}" + (f" (known: {one.known})" if one.known else "")
    yield f"            simulated: {_short(one.left)}"
    yield f"            real:      {_short(one.right)}"


def _short(value: str | None) -> str:
    text = ABSENT if value is None else value.replace("\n", "\\n")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def summary(found: Fidelity) -> str:
    """The sentence that the table comes down to."""
    unexplained = found.fields - found.equal - found.known
    return (
        f"{found.agree} of {len(found.pairs)} cells agree, {found.equal} of "
        f"{found.fields} fields; {found.known} fields differ for a known reason "
        f"(docs/known-differences.md), {unexplained} for none."
    )


def as_data(found: Fidelity) -> dict[str, Any]:
    """The same as JSON data."""
    return {
        "summary": summary(found),
        "cells": len(found.pairs),
        "cells_agree": found.agree,
        "fields": found.fields,
        "fields_equal": found.equal,
        "fields_known": found.known,
        "pairs": [
            {
                "id": one.id,
                "fields": one.compared.fields,
                "differences": as_json(one.compared.differences),
            }
            for one in found.pairs
        ],
        "alone": list(found.alone),
        "unused": [row.id for row in found.unused],
    }
