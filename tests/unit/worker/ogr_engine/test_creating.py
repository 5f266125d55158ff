"""Projects made from plans."""

from pathlib import Path

import pyogrio
import pytest
from qfc_worker.errors import UnableToContinueError
from qfc_worker.layer_editing import Kind
from qfc_worker.ogr_engine import creating, project_xml
from qfc_worker.ogr_engine.project import OgrProject
from qfc_worker.project_plan import Basemap, PlannedField, PlannedLayer, ProjectPlan

PLAN = ProjectPlan(
    title="Žluťoučký <kůň> & spol.",
    crs="EPSG:2056",
    extent=(8.4, 47.3, 8.6, 47.4),
    layers=[
        PlannedLayer(
            name="Öl & <Gas>",
            geometry="Polygon",
            crs="EPSG:2056",
            fields=[
                PlannedField(name=kind.name.lower(), kind=kind)
                for kind in (Kind.TEXT, Kind.INTEGER, Kind.REAL, Kind.BOOLEAN)
            ],
        ),
        PlannedLayer(
            name="table",
            geometry="NoGeometry",
            crs="EPSG:2056",
            fields=[PlannedField(name="a", required=True)],
        ),
    ],
    basemaps=[Basemap(name="tiles", url="https://x/{z}/{x}/{y}.png?a=1")],
)


def test_what_was_planned_is_there(tmp_path: Path) -> None:
    """Read back, the project has the plan's title, CRS and layers."""
    file = creating.create(PLAN, tmp_path)
    details = OgrProject(file).details()
    assert details["project_name"] == PLAN.title
    assert details["crs"] == "EPSG:2056"
    layers = list(details["layers_by_id"].values())
    assert [layer["name"] for layer in layers] == ["Öl & <Gas>", "table", "tiles"]
    assert all(layer["is_valid"] for layer in layers)
    assert [layer["wkb_type"] for layer in layers] == [3, 100, None]
    assert layers[0]["fields"] == ["fid", "text", "integer", "real", "boolean"]


def test_types_of_columns(tmp_path: Path) -> None:
    """Each kind has its column type in the database."""
    creating.create(PLAN, tmp_path)
    info = pyogrio.read_info(tmp_path / "data.gpkg", layer="Öl & <Gas>")
    assert list(info["dtypes"]) == ["object", "int64", "float64", "bool"]
    assert info["crs"] == "EPSG:2056"


def test_view_is_in_the_projects_crs(tmp_path: Path) -> None:
    """The seed's degrees become metres near Zürich."""
    view = project_xml.read(creating.create(PLAN, tmp_path)).root.find(
        "ProjectViewSettings/DefaultViewExtent"
    )
    assert view is not None
    assert 2_670_000 < float(view.get("xmin", "0")) < 2_680_000


def test_unknown_crs(tmp_path: Path) -> None:
    """A CRS that PROJ doesn't know is told by name."""
    with pytest.raises(UnableToContinueError, match="EPSG:999999"):
        creating.create(ProjectPlan(title="t", crs="EPSG:999999"), tmp_path)
