"""Tests of JSON in Go's words."""

import pytest

from harness.simulator.docker_api import go_json


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "unexpected end of JSON input"),
        ("{", "unexpected end of JSON input"),
        ('{"a"', "unexpected end of JSON input"),
        ('"abc', "unexpected end of JSON input"),
        ("nope", "invalid character 'o' in literal null (expecting 'u')"),
        ("tru", "unexpected end of JSON input"),
        ("xyz", "invalid character 'x' looking for beginning of value"),
        ("{1}", "invalid character '1' looking for beginning of object key string"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a":1 2}', "invalid character '2' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ('["]" 2]', "invalid character '2' after array element"),
        ("1 2", "invalid character '2' after top-level value"),
    ],
)
def test_errors(text: str, message: str) -> None:
    """The texts are those of encoding/json."""
    with pytest.raises(go_json.GoJsonError) as caught:
        go_json.decode(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(("text", "message"), [("", "EOF"), ("{", "unexpected EOF")])
def test_errors_of_a_stream(text: str, message: str) -> None:
    """A request's body ends differently."""
    with pytest.raises(go_json.GoJsonError) as caught:
        go_json.decode(text, stream=True)
    assert str(caught.value) == message


def test_stream_stops_after_the_first_value() -> None:
    """What follows is never looked at, as a Decoder does it."""
    assert go_json.decode('{"a": 1} rubbish', stream=True) == {"a": 1}


def test_encode() -> None:
    """One line, with the characters escaped that HTML would mind."""
    assert go_json.encode({"a": "<ü&>"}) == (
        '{"a":"\\u003cü\\u0026\\u003e"}\n'.encode()
    )


@pytest.mark.parametrize(
    ("value", "go_type", "fits"),
    [
        (None, "string", True),
        ("x", "string", True),
        (1, "string", False),
        (True, "int64", False),
        (1, "int64", True),
        (1.5, "int64", False),
        (["a"], "[]string", True),
        (["a", 1], "[]string", False),
        ("a", "[]string", False),
        ({"a": "b"}, "map[string]string", True),
        ({"a": 1}, "map[string]string", False),
        ({"a": {}}, "map[string]any", True),
    ],
)
def test_matches(value: object, go_type: str, fits: bool) -> None:
    """Whether a value goes into a variable of a type."""
    assert go_json.matches(value, go_type) is fits
