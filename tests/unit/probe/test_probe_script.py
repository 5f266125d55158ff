"""Scripts: what is accepted, and how mistakes are told."""

import json
from pathlib import Path

import pytest

from .conftest import PROBE


@pytest.mark.parametrize(
    "script",
    [
        {},
        {"run_s": 0.5, "exit_code": 3, "steps": ["feedback", "run_s"]},
        {"signal": 9},
        {"signal": "SEGV"},
        {"signal": "SIGKILL"},
        {"memory": {"bytes": 1, "rate": 10.5, "in_child": True, "hold_s": 0}},
        {"children": 2},
        {"children": {"count": 1, "run_s": 3, "new_session": True}},
        {"log": {"lines": ["a"], "bytes": 5, "non_utf8": True, "stream": "both"}},
        {"feedback": "cut"},
        {"feedback": {"merge": {"error": "x"}}},
        {"feedback": {"replace": None}},
        {"feedback": {"huge": 10}},
        {"on_sigterm": {"exit_code": 0}},
        {"write_files": [{"path": "a/b", "mode": "0600", "uid": 5}]},
    ],
    ids=json.dumps,
)
def test_good_scripts(script: object) -> None:
    """Each documented form is accepted."""
    import probe_script

    assert probe_script.check(script) == []


@pytest.mark.parametrize(
    ("script", "mistake"),
    [
        ([], "the script is [], must be an object"),
        ({"run_s": "1"}, "run_s is '1', must be a number"),
        ({"run_s": -1}, "run_s is -1, must be between 0 and inf"),
        ({"exit_code": True}, "exit_code is True, must be a whole number"),
        ({"exit_code": 256}, "exit_code is 256, must be between 0 and 255"),
        ({"signal": "KILLED"}, "signal is 'KILLED', must be a signal such as 9,"),
        ({"memory": {}}, "memory.bytes is missing"),
        ({"memory": {"bytes": 1, "x": 1}}, "memory.x is unknown; allowed: bytes, "),
        ({"children": -1}, "children is -1, must be between 0"),
        ({"children": "2"}, "children is '2', must be a whole number"),
        ({"log": {"lines": "a"}}, "log.lines is 'a', must be a list"),
        ({"log": {"lines": [1]}}, "log.lines[0] is 1, must be a string"),
        ({"log": {"stream": "out"}}, "must be one of stdout, stderr, both"),
        ({"feedback": "none"}, "feedback is 'none', must be one of default, missing"),
        ({"feedback": {}}, "feedback must have exactly one of huge, merge, replace"),
        ({"feedback": {"merge": 3}}, "feedback.merge is 3, must be an object"),
        ({"thumbnail": "png"}, "must be one of ok, missing, not_png"),
        ({"write_files": [{"path": "../x"}]}, "write_files[0].path is '../x'"),
        ({"write_files": [{"path": "x", "mode": 600}]}, 'in quotes such as "0600"'),
        ({"steps": ["exit_code"]}, "steps[0] is 'exit_code', must be one of log,"),
        ({"steps": ["log", "log"]}, "steps names an act twice"),
        ({"exit_code": 1, "signal": 9}, "exit_code and signal exclude each other"),
        (
            {"ignore_sigterm": True, "on_sigterm": {"exit_code": 1}},
            "ignore_sigterm and on_sigterm exclude each other",
        ),
    ],
    ids=lambda value: json.dumps(value) if not isinstance(value, str) else "",
)
def test_mistakes(script: object, mistake: str) -> None:
    """A mistake is told with its key, its value and what would be right."""
    import probe_script

    (told,) = probe_script.check(script)
    assert mistake in told


def test_every_key_is_documented() -> None:
    """README.md has a row for each key."""
    import probe_script

    text = (PROBE / "README.md").read_text()
    assert [key for key in probe_script.KEYS if f"| `{key}` |" not in text] == []


def test_script_file_is_taken_without_api(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the API has no script, the image's file is played."""
    import probe_api
    import probe_script

    file = tmp_path / "script.json"
    file.write_text('{"exit_code": 5}')
    monkeypatch.setattr(probe_script, "SCRIPT_FILE", str(file))
    api = probe_api.ControlApi("", "")
    assert probe_script.load(api) == ({"exit_code": 5}, str(file))
