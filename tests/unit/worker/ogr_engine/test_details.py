"""Descriptions of projects and layers."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from qfc_worker.ogr_engine.project import OgrProject

from ..conftest import FIXTURES

Project = Callable[[str], Path]
PROJECTS = ("trees", "parcels", "survey", "odd-names", "datum", "broken")


@pytest.mark.parametrize("name", PROJECTS)
def test_counts_of_project_yaml_are_the_datas(name: str, project: Project) -> None:
    """Each committed project has the layers, ids and feature counts that it says."""
    described = yaml.safe_load(
        (FIXTURES / "projects" / name / "project.yaml").read_text()
    )
    layers = OgrProject(project(name) / described["qgis_file"]).layers_data()
    found = {
        layer["name"]: {"id": layer["id"], "features": layer["feature_count"]}
        for layer in layers.values()
    }
    assert found == described["layers"]


def test_three_ways_to_be_broken(project: Project) -> None:
    """A missing file, an unreadable one and a missing CRS are told apart."""
    layers = OgrProject(project("broken") / "broken.qgs").layers_data()
    by_name = {layer["name"]: layer for layer in layers.values()}
    assert by_name["good"]["is_valid"]
    assert by_name["missing"]["error_code"] == "invalid_dataprovider"
    assert '"missing.gpkg"' in by_name["missing"]["error_message"]
    assert "is not among the project's files" in by_name["missing"]["error_message"]
    assert by_name["invalid"]["error_code"] == "invalid_dataprovider"
    assert "can't be read" in by_name["invalid"]["error_message"]
    assert "not recognized" in by_name["invalid"]["provider_error_message"]
    assert (by_name["no crs"]["is_valid"], by_name["no crs"]["crs"]) == (True, "")


def test_extent_is_in_the_projects_crs(project: Project) -> None:
    """Data in EPSG:25832 of a project in EPSG:3857 lie near Cologne there."""
    details = OgrProject(project("parcels") / "parcels.qgs").details()
    corner = details["extent"].removeprefix("Polygon ((").split(",")[0].split()
    x, y = map(float, corner)
    assert (773000 < x < 775000, 6610000 < y < 6612000) == (True, True)


def test_filter_counts(project: Project) -> None:
    """A layer's subset limits count and extent."""
    folder = project("trees")
    text = (folder / "trees.qgs").read_text("utf-8")
    filtered = text.replace(
        "trees.gpkg|layername=trees",
        "trees.gpkg|layername=trees|subset=&quot;fid&quot; &lt; 3",
    )
    (folder / "trees.qgs").write_text(filtered, "utf-8")
    layers = OgrProject(folder / "trees.qgs").layers_data().values()
    trees = next(layer for layer in layers if layer["name"] == "trees")
    assert trees["feature_count"] == 2
    assert "2683637.87 1247060.92" in trees["extent"]


def test_provider_that_is_not_there(project: Project) -> None:
    """A layer of a database is told as such, without its password."""
    folder = project("trees")
    text = (folder / "trees.qgs").read_text("utf-8")
    source = "dbname='gis' host=db password='s3cr3t' table=\"public\".\"trees\""
    text = text.replace("./trees.gpkg|layername=trees", source.replace('"', "&quot;"))
    text = text.replace('encoding="UTF-8">ogr<', 'encoding="UTF-8">postgres<')
    (folder / "trees.qgs").write_text(text, "utf-8")
    layers = OgrProject(folder / "trees.qgs").layers_data().values()
    trees = next(layer for layer in layers if layer["name"] == "trees")
    assert trees["error_code"] == "missing_dataprovider"
    assert "s3cr3t" not in str(trees)


def test_layer_name_that_is_not_in_the_file(project: Project) -> None:
    """The file is there, its layer isn't: invalid, and GDAL's words are told."""
    folder = project("trees")
    text = (folder / "trees.qgs").read_text("utf-8")
    (folder / "trees.qgs").write_text(text.replace("name=trees", "name=gone"), "utf-8")
    layers = OgrProject(folder / "trees.qgs").layers_data().values()
    trees = next(layer for layer in layers if layer["name"] == "trees")
    assert "gone" in trees["provider_error_message"]


def test_project_may_lie_in_a_subfolder(project: Project, tmp_path: Path) -> None:
    """Sources are relative to the QGIS file, wherever the process is."""
    shutil.move(project("parcels"), tmp_path / "deep er")
    layers = OgrProject(tmp_path / "deep er" / "parcels.qgs").layers_data()
    assert all(layer["is_valid"] for layer in layers.values())
