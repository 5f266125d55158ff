"""Tests of query parameters."""

import pytest

from harness.simulator.docker_api import query
from harness.simulator.docker_api.errors import ApiError, InvalidError


@pytest.mark.parametrize("text", ["1", "true", "True", "yes", "anything", "-1"])
def test_yes(text: str) -> None:
    """Everything but a few words."""
    assert query.boolean({"all": text}, "all")


@pytest.mark.parametrize("text", ["", "0", "no", "false", "FALSE", "none", " 0 "])
def test_no(text: str) -> None:
    """The few words."""
    assert not query.boolean({"all": text}, "all")


def test_default() -> None:
    """Where it isn't given."""
    assert query.boolean({}, "all", default=True)
    assert query.integer({}, "limit") is None


@pytest.mark.parametrize("text", ["abc", "1.5", " 1", "٣", "0x1"])
def test_no_number(text: str) -> None:
    """An internal error with Go's words; digits are ASCII."""
    with pytest.raises(ApiError, match=r"strconv\.Atoi: parsing") as caught:
        query.integer({"t": text}, "t")
    assert caught.value.status == 500


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("", None),
        ("0", 0),
        ("1.5", 1_500_000_000),
        ("12.000000001", 12_000_000_001),
        ("-3", -3_000_000_000),
    ],
)
def test_timestamp(text: str, ns: int | None) -> None:
    """Seconds with a fraction of up to nine digits."""
    assert query.timestamp_ns(text) == ns


def test_filters_in_both_forms() -> None:
    """Lists, and the map of before API 1.22, whose values never counted."""
    new = query.filters({"filters": '{"label": ["a=b"]}'}, ("label",))
    old = query.filters({"filters": '{"label": {"a=b": false}}'}, ("label",))
    assert new == old == {"label": ["a=b"]}


def test_unknown_filter() -> None:
    """The client's error."""
    with pytest.raises(InvalidError, match="Invalid filter 'foo'"):
        query.filters({"filters": '{"foo": []}'}, ("label",))


def test_filters_that_are_no_object() -> None:
    """An internal error."""
    with pytest.raises(ApiError, match="cannot unmarshal array into Go value"):
        query.filters({"filters": "[]"}, ("label",))


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ([], True),
        (["a"], True),
        (["a=1"], True),
        (["a=2"], False),
        (["a=1", "b"], True),
        (["a", "c"], False),
        (["b="], True),
    ],
)
def test_labels(wanted: list[str], fits: bool) -> None:
    """All of them have to be there; a bare name takes any value."""
    assert query.label_matches({"a": "1", "b": ""}, wanted) is fits
