"""Pairs of cells, and what they come down to."""

import json

import pytest

from harness.errors import UsageError
from harness.fidelity import measure, show
from harness.fidelity.command import exit_code
from harness.fidelity.fidelity import CellFacts, cells_of, fidelity
from harness.fidelity.table import KNOWN
from harness.report.model import as_json


def cell(proof="simulated", scenario="worker-given", backend="docker", **facts):
    """A cell with facts."""
    environment = "simulated" if proof == "simulated" else "docker_engine"
    return CellFacts(
        scenario=scenario,
        backend=backend,
        environment=environment,
        proof=proof,
        verdict="pass",
        facts=facts,
    )


def test_equal_cells_agree():
    """Every field is counted."""
    found = fidelity([cell(a="1", b="2"), cell("real", a="1", b="2")])
    assert (found.agree, len(found.pairs)) == (1, 1)
    assert (found.equal, found.fields, found.known) == (2, 2, 0)
    assert "1 of 1 cells agree, 2 of 2 fields" in show.summary(found)


def test_one_field_is_enough_to_disagree():
    """It is named with both values."""
    found = fidelity([cell(verdict="pass", a="1"), cell("real", verdict="fail", a="1")])
    assert found.agree == 0
    text = "\n".join(show.lines(found, every_field=False))
    assert "differs worker-given-docker-docker_engine: 1 of 2 fields" in text
    assert "simulated: pass" in text
    assert "real:      fail" in text


def test_a_known_difference_is_counted_and_agrees():
    """It is shown only when all are."""
    name = "probe.process.seccomp"
    found = fidelity([cell(**{name: "0"}), cell("real", **{name: "2"})])
    assert (found.agree, found.equal, found.known) == (1, 0, 1)
    assert name not in "\n".join(show.lines(found, every_field=False))
    assert f"{name} (known: sandbox-seccomp)" in "\n".join(
        show.lines(found, every_field=True)
    )


def test_the_other_way_round_is_not_known():
    """A simulator with a filter where the real one has none would be news."""
    name = "probe.process.seccomp"
    assert fidelity([cell(**{name: "2"}), cell("real", **{name: "0"})]).agree == 0


def test_rows_that_are_not_needed_any_more_are_told():
    """Only of scenarios that ran, on the backend that the row is about."""
    found = fidelity([cell(a="1"), cell("real", a="1")])
    names = {row.id for row in found.unused}
    assert "sandbox-seccomp" in names
    assert "service-port" not in names, "it is seen on Kubernetes alone"
    assert "traceback" not in names, "its scenario didn't run"
    assert any("sandbox-seccomp" in one for one in show.lines(found, every_field=False))


def test_cells_without_a_counterpart_are_named():
    """A skipped cell, a backend that isn't there."""
    skipped = cell("real", scenario="image-missing")
    found = fidelity([skipped, cell(backend="kubernetes", a="1")])
    assert len(found.alone) == 2
    assert not found.pairs
    assert exit_code(found.agree, len(found.pairs)) == 4


def test_exit_codes():
    """As in the README."""
    assert exit_code(2, 2) == 0
    assert exit_code(1, 2) == 1


def test_the_data_is_json():
    """For programs."""
    data = show.as_data(fidelity([cell(a="1"), cell("real", a="2")]))
    again = json.loads(json.dumps(data))
    assert again["pairs"][0]["differences"][0]["right"] == "2"


def test_saved_reports_are_compared_without_running_anything(tmp_path, monkeypatch):
    """Both sides from files: CI compares what other jobs have run."""
    paths = []
    for proof in ("real", "simulated"):
        one = as_json(cell(proof, a="1"))
        path = tmp_path / proof
        path.mkdir()
        (path / "report.json").write_text(json.dumps({"cells": [one]}))
        paths.append(path)
    monkeypatch.setattr(measure, "_run", None)  # would be called if a side were missing
    found = measure.measure(None, None, None, tuple(paths))
    assert (found.agree, found.fields) == (1, 1)


def test_ids_of_rows_are_unique():
    """They are what a difference names."""
    names = [row.id for row in KNOWN]
    assert len(names) == len(set(names))


def test_a_report_without_facts_is_refused(tmp_path):
    """With the file's name, and what to do."""
    path = tmp_path / "report.json"
    path.write_text('{"cells": [{"scenario": "a"}]}')
    with pytest.raises(UsageError) as raised:
        measure.read(path)
    assert str(path) in str(raised.value)
    assert "qfc-harness run --report-dir" in str(raised.value)
    assert cells_of({"cells": []}) == []
