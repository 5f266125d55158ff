"""Takes secret values out of a report, and keeps account of it; see also ``vault``."""

import base64
import html
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from ..preflight.model import Masked

SHORTEST = 8
"""Shorter values occur by chance; taking them out would garble the report."""


class Redaction:
    """The secret values of a cell, and the names that stand in their place."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self.secrets = dict(secrets)
        self._counts: Counter[tuple[str, str]] = Counter()
        self._forms = {
            form: name
            for name, value in sorted(secrets.items(), key=lambda item: -len(item[1]))
            if len(value) >= SHORTEST
            for form in forms(value)
        }

    def __call__(self, value: Any, where: str = "") -> Any:
        """The same data without the secrets.

        :param where: what the data is, for the account of what was masked
        """
        if isinstance(value, str):
            for form, name in self._forms.items():
                times = value.count(form)
                if times:
                    self._counts[name, where] += times
                    value = value.replace(form, f"‹{name}›")
            return value
        if isinstance(value, Mapping):
            return {key: self(item, where) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self(item, where) for item in value)
        return value

    @property
    def masked(self) -> tuple[Masked, ...]:
        """What has been taken out until now."""
        return tuple(
            Masked(name=name, where=where, times=times)
            for (name, where), times in sorted(self._counts.items())
        )


def forms(value: str) -> dict[str, None]:
    """How a value may be written: raw, JSON, URL, HTML, or somewhere in base64."""
    return dict.fromkeys(
        (
            value,
            json.dumps(value)[1:-1],
            json.dumps(value, ensure_ascii=False)[1:-1],
            quote(value, safe=""),
            quote_plus(value),
            html.escape(value),
            base64.b64encode(value.encode()).decode(),
            *(_in_base64(value, shift) for shift in range(3)),
            *(_in_base64(value, shift, altchars=b"-_") for shift in range(3)),
        )
    )


def _in_base64(value: str, shift: int, altchars: bytes | None = None) -> str:
    """The characters that a value always makes if so many bytes modulo 3 precede it."""
    data = b"\0" * shift + value.encode()
    text = base64.b64encode(data, altchars).decode()
    return text[-(-shift * 8 // 6) : len(data) * 8 // 6]


def total(masked: Iterable[Masked]) -> tuple[Masked, ...]:
    """What was masked in several parts, summed up."""
    counts: Counter[tuple[str, str]] = Counter()
    for one in masked:
        counts[one.name, one.where] += one.times
    return tuple(
        Masked(name=name, where=where, times=times)
        for (name, where), times in sorted(counts.items())
    )
