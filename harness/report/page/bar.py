"""The bar that stays at a page's top: verdict, filter, chips, moves; and its help."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Chip:
    """A term of the filter as a button."""

    query: str
    label: str
    slug: str = ""
    """Of its icon; "" for none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """What the bar shows."""

    slug: str
    """Of the verdict."""
    headline: str
    noun: str
    """What is filtered: ``cell``."""
    count: int
    example: str
    """Of a filter."""
    chips: tuple[Chip, ...]
    terms: tuple[tuple[str, str], ...]
    """What the help says: terms, and which ones they show."""
    warns: bool = False
    """Whether there is something between failed and passed."""
