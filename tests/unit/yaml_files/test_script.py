"""The worker's script says what the probe understands, no more and no less."""

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from harness import resources
from harness.scenario.load import ScenarioMistakes
from harness.scenario.script import Script

from .texts import scenario


@pytest.fixture(scope="module")
def probe_script() -> ModuleType:
    """The probe's own reading of scripts."""
    folder = str(resources.fixture("probe"))
    sys.path.insert(0, folder)
    try:
        return importlib.import_module("probe_script")
    finally:
        sys.path.remove(folder)


def test_both_know_the_same_keys(probe_script: ModuleType) -> None:
    """A key of one side alone would be a promise that nobody keeps."""
    assert set(Script.model_fields) == set(probe_script.KEYS)


def test_both_know_the_same_feedbacks(probe_script: ModuleType) -> None:
    """By name."""
    from typing import get_args

    from harness.scenario import script

    assert set(get_args(script.Feedback)) == set(probe_script.FEEDBACKS)


EVERYTHING = """{
  run_s: 0.5, memory: {bytes: 1000, rate: 10, in_child: true, hold_s: 1},
  children: {count: 2, run_s: 1, new_session: true},
  log: {lines: [a], bytes: 10, long_line: 5, non_utf8: true, nul: true,
        stream: both, rate: 9},
  thumbnail: not_png, touch_outside: [/etc/passwd],
  on_sigterm: {exit_code: 7, after_s: 1},
  write_files: [{path: a, content: b, mode: "600", uid: 1, gid: 2},
                {path: c, bytes: 3}, {path: d, link_to: e}],
  steps: [log, run_s], exit_code: 3 }"""


@pytest.mark.parametrize(
    "written",
    [
        EVERYTHING,
        "{signal: KILL}",
        "{signal: 9, children: 3, ignore_sigterm: true}",
        "{feedback: missing}",
        "{feedback: {huge: 1000}}",
        "{feedback: {merge: {error: x}}}",
        "{feedback: {replace: [1, null]}}",
    ],
)
def test_the_probe_takes_what_the_schema_takes(
    written: str, probe_script: ModuleType
) -> None:
    """A script that is read without a mistake is played."""
    script: Any = scenario(worker=written).worker
    assert probe_script.check(script.as_json()) == []


@pytest.mark.parametrize(
    "written",
    [
        "{run_s: -1}",
        "{exit_code: 256}",
        "{children: {count: -1}}",
        "{feedback: nonsense}",
        "{thumbnail: big}",
        "{log: {stream: stdin}}",
        "{memory: {}}",
        "{exit_code: 1, signal: 9}",
        "{ignore_sigterm: true, on_sigterm: {exit_code: 1}}",
    ],
)
def test_both_refuse_the_same(written: str, probe_script: ModuleType) -> None:
    """A mistake is found when the file is read, not in the worker."""
    import yaml

    assert probe_script.check(yaml.safe_load(written))
    with pytest.raises(ScenarioMistakes):
        scenario(worker=written)


def test_only_what_was_written_is_sent() -> None:
    """The probe's own defaults hold for the rest."""
    script: Any = scenario(worker="{log: {bytes: 5}}").worker
    assert script.as_json() == {"log": {"bytes": 5}}


def test_the_probe_lies_where_it_is_looked_for() -> None:
    """The schema says so in its first words."""
    assert Path(resources.fixture("probe"), "probe_script.py").is_file()
