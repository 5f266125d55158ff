"""feedback.json."""

import json
from pathlib import Path

import pytest
from qfc_worker import feedback
from qfc_worker.errors import UnableToContinueError
from qfc_worker.workflow import Run, Step, Workflow, run


def outcome(error: Exception | None = None) -> Run:
    """A run of two steps, of which the second may fail."""

    def second() -> None:
        if error is not None:
            raise error

    steps = [
        Step("one", "One", lambda: {"layers": {"a": 1, "b": 2}, "count": 3}),
        Step("two", "Two", second),
        Step("three", "Three", lambda: None),
    ]
    return run(Workflow("w", "W", steps))


def test_a_good_run() -> None:
    """Steps are complete, and the outputs are those of the steps that have any."""
    built = feedback.build(outcome())
    assert [step["stage"] for step in built["steps"]] == [2, 2, 2]
    assert built["outputs"] == {"one": {"layers": {"a": 1, "b": 2}, "count": 3}}
    assert built["steps"][0]["returns"] == {"layers": "2 items", "count": 3}
    assert (built["feedback_version"], built["workflow_id"]) == ("2.0", "w")
    assert "error" not in built


def test_a_failed_run() -> None:
    """The error has type, class and stack; what came before it stays."""
    built = feedback.build(outcome(UnableToContinueError("no deltafile")))
    assert [step["stage"] for step in built["steps"]] == [2, 1, 0]
    assert built["error"] == "no deltafile"
    assert built["error_type"] == "UNABLE_TO_CONTINUE"
    assert built["error_class"] == "UnableToContinueError"
    assert any("second" in line for line in built["error_stack"])
    assert "one" in built["outputs"]


def test_an_error_without_text_has_its_class() -> None:
    """An empty error would look like success to a wrapper."""
    built = feedback.build(outcome(KeyError()))
    assert built["error"] == "KeyError"
    assert built["error_type"] == "UNKNOWN"


def test_what_json_and_jsonb_do_not_take(tmp_path: Path) -> None:
    """NaN, NUL, lone surrogates and odd keys are made storable."""
    odd = {"a": float("nan"), "b": "x\0y", "c": "\udcff", 4: (1, float("inf"))}
    feedback.write(odd, tmp_path / "feedback.json")
    text = (tmp_path / "feedback.json").read_text("utf-8")
    parsed = json.loads(text, parse_constant=pytest.fail)
    assert parsed == {
        "a": None,
        "b": "x\N{REPLACEMENT CHARACTER}y",
        "c": "\\udcff",
        "4": [1, None],
    }
    assert "\\u0000" not in text


def test_nothing_half_is_left(tmp_path: Path) -> None:
    """A value that can't be written leaves the earlier file as it was."""
    path = tmp_path / "feedback.json"
    feedback.write({"old": 1}, path)
    with pytest.raises(TypeError):
        feedback.write({"new": object()}, path)
    assert json.loads(path.read_text()) == {"old": 1}
    assert [item.name for item in tmp_path.iterdir()] == ["feedback.json"]
