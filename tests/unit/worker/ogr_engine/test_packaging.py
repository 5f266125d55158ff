"""Packages."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from qfc_worker.ogr_engine import project_xml
from qfc_worker.ogr_engine.project import OgrProject

Project = Callable[[str], Path]
TREES = "trees_00000000_0000_4000_8000_000000000000"
INSPECTIONS = "inspections_00000000_0000_4000_8000_000000000001"


@pytest.fixture
def package(tmp_path: Path) -> Callable[..., Path]:
    """A function that packages a project; the packaged project's file."""

    def make(file: Path, offliner: str = "qgiscore") -> Path:
        folder = tmp_path / "package"
        folder.mkdir()
        return OgrProject(file).package(folder, offliner)

    return make


def query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a GeoPackage."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_features_are_copied_exactly(
    project: Project, package: Callable[..., Path]
) -> None:
    """Attributes, nulls and geometries are those of the source, the key's too."""
    folder = project("trees")
    file = package(folder / "trees.qgs")
    columns = "fid, species, height, planted, remarks, photo, protected"
    before = query(folder / "trees.gpkg", f"SELECT {columns} FROM trees")
    after = query(file.parent / "data.gpkg", f'SELECT {columns} FROM "{TREES}"')
    assert after == before
    assert any(None in row for row in after)


def test_changed_data_give_a_changed_package(
    project: Project, package: Callable[..., Path]
) -> None:
    """What is packaged is what is in the data now."""
    folder = project("trees")
    connection = sqlite3.connect(folder / "trees.gpkg")
    connection.execute("UPDATE inspections SET result = 'neu' WHERE tree = 3")
    connection.commit()
    connection.close()
    file = package(folder / "trees.qgs")
    sql = f'SELECT result FROM "{INSPECTIONS}" WHERE tree = 3'
    assert query(file.parent / "data.gpkg", sql) == [("neu",)]


def test_sources_are_rewritten_and_remembered(
    project: Project, package: Callable[..., Path]
) -> None:
    """Layer and tree have the new source; the old one is a property."""
    file = package(project("survey") / "survey.qgz")
    assert file.name == "survey_qfield.qgs"
    xml = project_xml.read(file)
    for layer in xml.layers():
        assert layer.source.startswith(f"./data.gpkg|layername={layer.id}")
        assert layer.provider == "ogr"
        assert layer.property("remoteLayerId") == layer.id
        assert layer.property("isOfflineEditable") is True
    nodes = xml.root.iter("layer-tree-layer")
    assert all("data.gpkg" in node.get("source", "") for node in nodes)
    assert file.read_bytes().startswith(b"<!DOCTYPE qgis")


def test_log_tables_say_which_feature_is_which(
    project: Project, package: Callable[..., Path]
) -> None:
    """qgiscore's log maps new fids to former ones; GeoJSON's count from 0."""
    file = package(project("survey") / "survey.qgz")
    sql = "SELECT offline_fid, remote_fid FROM log_fids WHERE layer_id = 0"
    assert query(file.parent / "data.gpkg", sql)[:2] == [(1, 0), (2, 1)]


def test_pythonmini_has_no_log(project: Project, package: Callable[..., Path]) -> None:
    """The other offliner only exports the layers."""
    file = package(project("parcels") / "parcels.qgs", "pythonmini")
    sql = "SELECT name FROM sqlite_master WHERE name LIKE 'log_%'"
    assert query(file.parent / "data.gpkg", sql) == []
    assert query(file.parent / "data.gpkg", "SELECT count(*) FROM gpkg_contents") == [
        (3,)
    ]


def test_broken_layers_stay_as_they_are(
    project: Project, package: Callable[..., Path]
) -> None:
    """The good ones are packaged all the same."""
    file = package(project("broken") / "broken.qgs")
    sources = {layer.name: layer.source for layer in project_xml.read(file).layers()}
    assert sources["missing"] == "./missing.gpkg|layername=missing"
    assert "data.gpkg" in sources["good"]
    assert "data.gpkg" in sources["no crs"]


@pytest.mark.parametrize(
    ("action", "source", "copied"),
    [
        ("copy", "./observations.geojson", ["observations.geojson"]),
        ("no_action", "./observations.geojson", []),
        ("remove", None, []),
    ],
)
def test_actions(
    project: Project,
    package: Callable[..., Path],
    action: str,
    source: str | None,
    copied: list[str],
) -> None:
    """QFieldSync's actions: copied as a file, left alone, or taken out."""
    folder = project("survey")
    xml = project_xml.read(folder / "survey.qgz")
    xml.layers()[0].set_property("QFieldSync/cloud_action", action)
    xml.write(folder / "a.qgs")
    file = package(folder / "a.qgs")
    packaged = project_xml.read(file)
    found = {layer.name: layer.source for layer in packaged.layers()}
    assert found.get("observations") == source
    names = {path.name for path in file.parent.iterdir()}
    assert names == {"a_qfield.qgs", "data.gpkg", *copied}
    in_tree = [node.get("name") for node in packaged.root.iter("layer-tree-layer")]
    assert ("observations" in in_tree) is (source is not None)


def test_what_is_not_touched_stays(
    project: Project, package: Callable[..., Path]
) -> None:
    """Forms, styles and relations come through unchanged."""
    folder = project("parcels")
    file = package(folder / "parcels.qgs")

    def untouched(root: ET.Element) -> list[str]:
        parts = [root.find("relations"), *root.iter("renderer-v2")]
        return [ET.tostring(part, "unicode") for part in parts if part is not None]

    before = project_xml.read(folder / "parcels.qgs").root
    assert untouched(project_xml.read(file).root) == untouched(before)
