"""feedback.json: read with suspicion, made storable."""

import json

import pytest

from worker_wrapper import failures, feedback

BAD = "\N{REPLACEMENT CHARACTER}"


def read(tmp_path, content: bytes):
    """What is made of a file with this content."""
    path = tmp_path / "feedback.json"
    path.write_bytes(content)
    return feedback.read(path)


def test_an_object_is_read_as_it_is(tmp_path):
    """With all types of JSON."""
    value = {"a": [1, 2.5, None, True, {"ü": "日本"}]}
    assert read(tmp_path, json.dumps(value).encode()) == value


def test_what_jsonb_refuses_is_replaced(tmp_path):
    """NUL, lone surrogates, NaN: in values and in keys."""
    content = b'{"a\\u0000": "x\\u0000y", "b": ["\\ud800"], "c": NaN, "d": -Infinity}'
    assert read(tmp_path, content) == {
        f"a{BAD}": f"x{BAD}y",
        "b": [BAD],
        "c": None,
        "d": None,
    }


def test_a_pair_of_surrogates_is_one_letter(tmp_path):
    """It is how JSON writes what lies beyond the first plane."""
    assert read(tmp_path, b'{"a": "\\ud83d\\ude00"}') == {"a": "\N{GRINNING FACE}"}


def test_bytes_that_are_not_utf8_do_not_lose_the_rest(tmp_path):
    """One wrong byte in a name."""
    assert read(tmp_path, b'{"a": "x\xffy"}') == {"a": f"x{BAD}y"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "0 bytes"),
        (b'{"a": ', "is not JSON"),
        (b"[1]", "holds a list, not an object"),
        (b'"x"', "holds a str"),
        (b"[" * 100_000, "is not JSON"),
    ],
    ids=["empty", "cut", "list", "text", "deep"],
)
def test_what_is_no_object_is_invalid(tmp_path, content, words):
    """The message says what it is."""
    with pytest.raises(failures.WorkerFailed, match=words) as caught:
        read(tmp_path, content)
    assert caught.value.failure.kind is failures.FEEDBACK_INVALID


def test_a_missing_file_has_a_kind_of_its_own(tmp_path):
    """It tells that /io isn't shared."""
    with pytest.raises(failures.WorkerFailed) as caught:
        feedback.read(tmp_path / "feedback.json")
    assert caught.value.failure.kind is failures.FEEDBACK_MISSING


def test_a_link_counts_as_missing(tmp_path):
    """What it leads to isn't read."""
    (tmp_path / "feedback.json").symlink_to("/etc/passwd")
    with pytest.raises(failures.WorkerFailed) as caught:
        feedback.read(tmp_path / "feedback.json")
    assert caught.value.failure.kind is failures.FEEDBACK_MISSING
    assert "root:" not in str(caught.value)


def test_one_too_large_is_not_storable(tmp_path):
    """jsonb takes no more than 256 MB, and nobody needs that much."""
    path = tmp_path / "feedback.json"
    with path.open("wb") as file:
        file.truncate(feedback.MAXIMUM_BYTES + 1)
    with pytest.raises(failures.WorkerFailed) as caught:
        feedback.read(path)
    assert caught.value.failure.kind is failures.FEEDBACK_NOT_STORABLE
