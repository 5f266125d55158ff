"""What the qgis and the ogr engine say and make, side by side.

Every difference that is allowed here is a row of fixtures/worker/README.md.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
import pytest
import shapely
from PIL import Image

from .conftest import FIXTURES
from .engine_run import QGIS_FILES

HERE = Path(__file__).parent
DELTAFILES = sorted(
    path.stem for path in (HERE.parents[2] / "fixtures" / "deltas").glob("*.json")
)
FLOAT32 = 2.4e-7
"""Relative, two units in the last place: QGIS takes a new table's extent from SQLite's
R-tree, which rounds outwards."""


def python_with_qgis() -> str | None:
    """An interpreter that has PyQGIS: this one, or the system's."""
    for python in (sys.executable, "/usr/bin/python3"):
        if shutil.which(python):
            test = [python, "-c", "import qgis.core"]
            if subprocess.run(test, capture_output=True, check=False).returncode == 0:
                return python
    return None


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By engine, the folder with all that it made."""
    python = python_with_qgis()
    if python is None:
        pytest.skip("PyQGIS is not installed: apt-get install python3-qgis")
    folders = {}
    grids = tmp_path_factory.mktemp("grids")
    shutil.copy(FIXTURES / "grids" / "BETA2007.gsb", grids)
    for engine, interpreter in (("qgis", python), ("ogr", sys.executable)):
        folders[engine] = tmp_path_factory.mktemp(engine)
        done = subprocess.run(
            [interpreter, HERE / "engine_run.py", engine, folders[engine]],
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(folders[engine]),
                "PROJ_USER_WRITABLE_DIRECTORY": str(grids),
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    return folders


def both(made: dict[str, Path], name: str) -> tuple[Any, Any]:
    """A JSON file of each engine."""
    qgis, ogr = (
        json.loads((made[engine] / name).read_text("utf-8"))
        for engine in ("qgis", "ogr")
    )
    return qgis, ogr


def without_provider_words(layers: dict[str, Any]) -> dict[str, Any]:
    """Known: the libraries' own words differ."""
    return {
        key: {**layer, "provider_error_message": None} for key, layer in layers.items()
    }


def numbers(rectangle: str | None) -> list[float]:
    """The coordinates of a rectangle's WKT."""
    return (
        []
        if rectangle is None
        else shapely.get_coordinates(shapely.from_wkt(rectangle)).flatten().tolist()
    )


@pytest.mark.parametrize("name", QGIS_FILES)
def test_details(made: dict[str, Path], name: str) -> None:
    """Everything that project_details says is the same, extents to 0.1 µm."""
    qgis, ogr = both(made, f"{name}/details.json")
    for details in (qgis, ogr):
        details["layers_by_id"] = without_provider_words(details["layers_by_id"])
    assert ogr == qgis


def test_both_use_the_grid(made: dict[str, Path]) -> None:
    """The transformation grid moves the extent to where it says."""
    for details in both(made, "datum/details.json"):
        assert details["extent"].startswith("Polygon ((500000 57983")


@pytest.mark.parametrize("name", QGIS_FILES)
def test_packaged_layers(made: dict[str, Path], name: str) -> None:
    """Sources, keys, fields and counts are the same; extents nearly."""
    qgis, ogr = (
        without_provider_words(layers) for layers in both(made, f"{name}/layers.json")
    )
    for layer_id, layer in qgis.items():
        expected = pytest.approx(numbers(layer.pop("extent")), rel=FLOAT32, abs=1e-9)
        assert numbers(ogr[layer_id].pop("extent")) == expected
    assert ogr == qgis


@pytest.mark.parametrize("name", QGIS_FILES)
def test_packaged_tables(made: dict[str, Path], name: str) -> None:
    """Every table has the same columns and rows, those of the log too."""
    files = [
        made[engine] / name / "package" / "data.gpkg" for engine in ("qgis", "ogr")
    ]
    names = [sorted(map(str, pyogrio.list_layers(file)[:, 0])) for file in files]
    assert names[0] == names[1]
    for layer in names[0]:
        assert table(files[1], layer) == table(files[0], layer)


@pytest.mark.parametrize("name", DELTAFILES)
def test_outcomes_of_deltas(made: dict[str, Path], name: str) -> None:
    """Each delta has the same status, key, message and conflicts."""
    qgis, ogr = both(made, f"deltas-{name}/outcomes.json")
    for outcome in (*qgis, *ogr):
        outcome["provider_errors"] = outcome["provider_errors"] is not None
    assert ogr == qgis


@pytest.mark.parametrize("name", DELTAFILES)
def test_data_after_deltas(made: dict[str, Path], name: str) -> None:
    """Every layer of every file holds the same features afterwards."""
    folders = [
        made[engine] / f"deltas-{name}" / "project" for engine in ("qgis", "ogr")
    ]
    data = (".gpkg", ".geojson", ".shp")
    files = [path for path in sorted(folders[0].rglob("*")) if path.suffix in data]
    readable = [path for path in files if path.name != "invalid.gpkg"]
    assert readable
    for file in readable:
        other = folders[1] / file.relative_to(folders[0])
        for layer in map(str, pyogrio.list_layers(file)[:, 0]):
            assert table(other, layer) == table(file, layer)


@pytest.mark.parametrize("name", ["seed-layers", "seed-xlsform"])
def test_created_projects(made: dict[str, Path], name: str) -> None:
    """Title, CRS and layers are the same; ids are made anew each time."""
    qgis, ogr = both(made, f"{name}/details.json")

    def comparable(details: dict[str, Any]) -> dict[str, Any]:
        layers = [
            {**details["layers_by_id"][key], "id": None, "datasource": None}
            for key in details["ordered_layer_ids"]
        ]
        return {**details, "ordered_layer_ids": None, "layers_by_id": layers}

    assert comparable(ogr) == comparable(qgis)
    for layer in map(str, pyogrio.list_layers(made["qgis"] / name / "data.gpkg")[:, 0]):
        files = [made[engine] / name / "data.gpkg" for engine in ("qgis", "ogr")]
        assert table(files[1], layer) == table(files[0], layer)


@pytest.mark.parametrize("name", QGIS_FILES)
def test_thumbnails_look_alike(made: dict[str, Path], name: str) -> None:
    """Same size, and on average nearly the same colours: edges differ, places don't."""
    pictures = []
    for engine in ("qgis", "ogr"):
        with Image.open(made[engine] / name / "thumbnail.png") as picture:
            small = picture.convert("RGB").resize((20, 20), Image.Resampling.BOX)
            pictures.append(np.asarray(small, dtype=float))
            assert picture.size == (100, 100)
    assert np.abs(pictures[0] - pictures[1]).mean() < 4


def table(file: Path, layer: str) -> tuple[Any, ...]:
    """Columns with their types, and all features, in a form to be compared."""
    meta, fids, geometry, columns = pyogrio.raw.read(
        file, layer=layer, return_fids=True
    )
    rows = [
        (
            int(fid),
            None if geometry is None else wkt(geometry[index]),
            *(str(column[index]) for column in columns),
        )
        for index, fid in enumerate(fids)
    ]
    kinds = list(zip(map(str, meta["fields"]), map(str, meta["dtypes"]), strict=True))
    return kinds, meta["geometry_type"], known_crs(meta["crs"]), sorted(rows)


def known_crs(crs: str | None) -> str:
    """Known: without a CRS, QGIS writes srs_id 0 and GDAL 99999, both undefined."""
    return "" if crs is None or "Undefined" in crs else crs


def wkt(wkb: bytes | None) -> str | None:
    """A geometry as text, in its normal form."""
    return None if wkb is None else str(shapely.normalize(shapely.from_wkb(wkb)).wkt)
