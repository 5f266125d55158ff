"""The checks of what the harness sends."""

import pytest
from qfieldcloud.control.checks import check, one_of, require
from qfieldcloud.core.exceptions import ValidationError

SHAPE = {
    "name": str,
    "size": (int, type(None)),
    "flag": bool,
    "any": object,
    "items": [{"id": str}],
}


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"name": "x", "size": None, "flag": True, "any": [1, None], "items": []},
        {"size": 1, "any": True, "items": [{"id": "a"}, {}]},
    ],
)
def test_what_fits(value):
    """Every key is optional; null only where it is allowed."""
    check(value, SHAPE, "top")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            {"nam": "x"},
            r"top: unknown key 'nam'; allowed: name, size, flag, any, items",
        ),
        ({"items": [{}, {"x": 1}]}, r"top\.items\[1\]: unknown key 'x'; allowed: id"),
        ({"name": 1}, r"top\.name: 1 should be text"),
        ({"size": True}, r"top\.size: True should be a whole number or null"),
        ({"flag": 1}, r"top\.flag: 1 should be true or false"),
        ({"items": {}}, r"top\.items: \{\} should be a list"),
        ([], r"top: \[\] should be an object"),
    ],
)
def test_what_does_not_fit_is_named(value, message):
    """Where it stands, what it is, what it should be."""
    with pytest.raises(ValidationError, match=message):
        check(value, SHAPE, "top")


def test_a_missing_key_is_named():
    """With its place."""
    with pytest.raises(ValidationError, match="top: the key 'b' is missing"):
        require({"a": 1}, ("a", "b"), "top")


def test_a_value_out_of_a_list_is_named():
    """With those that are allowed."""
    with pytest.raises(ValidationError, match=r"top: 'x' .* one of a, b"):
        one_of("x", ("a", "b"), "top")
