"""Attribute values against fields."""

from typing import Any

import pytest
from qfc_worker.field_values import fit, same
from qfc_worker.layer_editing import DeltaError, Field, Kind


@pytest.mark.parametrize(
    ("kind", "value", "fitted"),
    [
        (Kind.INTEGER, "5", 5),
        (Kind.INTEGER, 5.0, 5),
        (Kind.REAL, 5, 5.0),
        (Kind.REAL, "2.5", 2.5),
        (Kind.TEXT, 3, "3"),
        (Kind.TEXT, "", ""),
        (Kind.BOOLEAN, 1, True),
        (Kind.DATE, "2024-05-01T10:00:00Z", "2024-05-01"),
        (Kind.TIME, "10:20:30.5", "10:20:30"),
        (Kind.DATETIME, "2024-05-01T10:00:00Z", "2024-05-01T10:00:00.000"),
        (Kind.DATETIME, "2024-05-01T12:00:00+02:00", "2024-05-01T10:00:00.000"),
        (Kind.TEXT, None, None),
    ],
)
def test_values_that_fit(kind: Kind, value: Any, fitted: Any) -> None:
    """A value becomes what the field holds."""
    assert fit(Field("f", kind), value) == fitted


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.INTEGER, "five"),
        (Kind.INTEGER, 2.5),
        (Kind.REAL, "inf"),
        (Kind.BOOLEAN, "yes"),
        (Kind.DATE, "01.05.2024"),
        (Kind.TEXT, ["a"]),
        (Kind.TEXT, {"a": 1}),
        (Kind.BINARY, "AAAA"),
    ],
)
def test_values_that_do_not_fit(kind: Kind, value: Any) -> None:
    """The error names field, value and what would fit."""
    with pytest.raises(DeltaError, match=f'"f" can\'t be .*must be {kind.value}'):
        fit(Field("f", kind), value)


def test_integer_that_is_too_large() -> None:
    """The field's size is a limit."""
    field = Field("f", Kind.INTEGER, bits=32)
    assert fit(field, -(2**31)) == -(2**31)
    with pytest.raises(DeltaError, match="must fit in 32 bits"):
        fit(field, 2**31)


def test_text_that_is_too_long() -> None:
    """The field's length is a limit, in characters."""
    assert fit(Field("f", Kind.TEXT, 3), "äöü") == "äöü"
    with pytest.raises(DeltaError, match="at most 3 characters"):
        fit(Field("f", Kind.TEXT, 3), "äöüß")


@pytest.mark.parametrize(
    ("kind", "one", "other", "expected"),
    [
        (Kind.REAL, 0.1 + 0.2, 0.3, True),
        (Kind.REAL, 0.3, 0.3001, False),
        (Kind.INTEGER, "4", 4, True),
        (Kind.TEXT, "", None, False),
        (Kind.TEXT, None, None, True),
        (Kind.DATETIME, "2024-05-01T12:00:00+02:00", "2024-05-01T10:00:00.000", True),
        (Kind.INTEGER, "x", 4, False),
    ],
)
def test_sameness(kind: Kind, one: Any, other: Any, expected: bool) -> None:
    """Values are compared as the field holds them."""
    assert same(Field("f", kind), one, other) is expected
