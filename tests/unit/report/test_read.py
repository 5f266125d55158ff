"""A report read back from its JSON."""

import json

import pytest

from harness.errors import UsageError
from harness.report import save
from harness.report.html import html
from harness.report.read import loaded

from . import samples


@pytest.mark.parametrize("name", ["few", "hostile", "none-run", "interrupted"])
def test_what_is_read_is_what_was_written(name, tmp_path):
    """The page and the XML made of it are the same, to the letter."""
    report = samples.SAMPLES[name]()
    save.write(save.texts(report), tmp_path)
    read = loaded((tmp_path / save.DATA).read_text("utf-8"), "report.json")
    assert html(read) == html(report)
    assert save.texts(read)[save.JUNIT] == save.texts(report)[save.JUNIT]
    assert read == report or name == "hostile"  # halves of surrogate pairs are gone


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cells": None}, "cells: Input should be a valid array"),
        ({"verdict": "good"}, "verdict: Input should be 'not_applicable'"),
        ({"schema_version": 99}, "has schema 99, not 1"),
        ({"began": "yesterday"}, "began: Input should be a valid datetime"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(change, said):
    """The file, the key, and what to name instead."""
    data = {**json.loads(save.dumped(samples.few())), **change}
    with pytest.raises(UsageError) as raised:
        loaded(json.dumps(data), "here.json")
    assert f"here.json: {said}" in str(raised.value).replace("no report of a run: ", "")


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"cells": []}', "\\ud800"])
def test_what_is_no_report_is_told(text):
    """Whatever it is instead."""
    with pytest.raises(UsageError, match="no report of a run"):
        loaded(text, "here.json")
