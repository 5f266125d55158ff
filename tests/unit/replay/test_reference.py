"""The ogr engine's own run of a job, which a worker's outputs are compared with."""

import dataclasses
from pathlib import Path

import pytest

from harness import resources
from harness.environment import registry
from harness.replay import reference
from harness.replay.outputs import Outputs
from harness.scenario import cells, load


def by_ogr(name: str, folder: Path) -> Outputs:
    """What the engine makes of a smoke scenario's job."""
    loaded = load.load([resources.scenarios() / "smoke" / f"{name}.yaml"])
    (cell,) = cells.plan(
        loaded,
        environments=[("docker_engine", registry.BACKENDS["docker_engine"])],
        backends=["docker"],
    )
    return reference._by_ogr(cell, folder)


@pytest.mark.parametrize(
    ("name", "step", "file"),
    [
        ("package-trees", "qfield_layer_data", "data.gpkg"),
        ("delta-apply-trees", "apply_deltas", "trees.gpkg"),
        ("create-project-layers", "qgis_layers_data", "data.gpkg"),
    ],
)
def test_files_and_words_are_there(name: str, step: str, file: str, tmp_path: Path):
    """The feedback's outputs, and every feature of what was uploaded."""
    made = by_ogr(name, tmp_path)
    assert made.error == ""
    assert made.said[step]
    assert made.tables[file], made.files
    assert all("rows" in table for table in made.tables[file].values())


def test_deltas_show_in_the_features(tmp_path: Path):
    """What is read is what the job left, not what it was given."""
    folders = [tmp_path / name for name in ("before", "after")]
    for folder in folders:
        folder.mkdir()
    before = by_ogr("process-projectfile-trees", folders[0])
    after = by_ogr("delta-apply-trees", folders[1])
    assert before.files == after.files
    assert before.tables != after.tables


def test_the_picture_is_there_in_squares(tmp_path: Path):
    """Width, height, and three channels of each square."""
    colours = by_ogr("process-projectfile-trees", tmp_path).colours
    assert colours[:2] == (100, 100)
    assert len(colours) == 2 + 3 * 20 * 20


def test_a_failure_of_the_engine_is_told(tmp_path: Path, monkeypatch):
    """Nothing is compared with half a result."""
    monkeypatch.setattr(reference, "ENGINE", "none")
    made = by_ogr("package-trees", tmp_path)
    assert "neither" in made.error or "none" in made.error
    assert dataclasses.replace(made, error="") == Outputs(engine="none")
