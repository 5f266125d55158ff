"""Applying deltafiles: outcomes, and what becomes of the data (ogr engine)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely
from qfc_worker import deltafile
from qfc_worker.delta_apply import Application
from qfc_worker.ogr_engine.project import OgrProject

from .conftest import FIXTURES

Project = Callable[[str], Path]
QGIS_FILES = {
    "trees": "trees.qgs",
    "parcels": "parcels.qgs",
    "survey": "survey.qgz",
    "broken": "broken.qgs",
}
TREES = "trees_00000000_0000_4000_8000_000000000000"


def committed(name: str) -> dict[str, Any]:
    """A committed deltafile."""
    text = (FIXTURES / "deltas" / f"{name}.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def apply(
    folder: Path, document: dict[str, Any], *, overwrite: bool = False
) -> list[dict[str, Any]]:
    """Applies a deltafile to the project in the folder."""
    file = folder / QGIS_FILES[folder.name]
    application = Application(
        OgrProject(file), deltafile.parse(document), overwrite=overwrite
    )
    return application.run()


def delta(method: str, pk: str | None = None, **sides: Any) -> dict[str, Any]:
    """One delta on the trees, as a deltafile."""
    return {
        "version": "1.0",
        "id": "f",
        "deltas": [
            {
                "uuid": "u",
                "clientId": "c",
                "method": method,
                "localPk": pk or "-1",
                "sourcePk": pk,
                "localLayerId": TREES,
                "sourceLayerId": TREES,
                **sides,
            }
        ],
    }


def rows(path: Path, layer: str | None = None) -> dict[int, dict[str, Any]]:
    """A layer's features by fid, geometry as WKT."""
    meta, fids, geometry, columns = pyogrio.raw.read(
        path, layer=layer, return_fids=True
    )
    found = {}
    for index, fid in enumerate(fids):
        values = {
            name: column[index]
            for name, column in zip(meta["fields"], columns, strict=True)
        }
        wkb = None if geometry is None else geometry[index]
        values["wkt"] = shapely.from_wkb(wkb).wkt if wkb is not None else None
        found[int(fid)] = values
    return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("trees-create", "applied"),
        ("trees-patch", "applied applied"),
        ("trees-delete", "applied"),
        ("trees-conflict", "conflict applied"),
        ("trees-missing-pk", "apply_failed apply_failed applied"),
        ("trees-bad-geometry", "apply_failed apply_failed applied"),
        ("trees-attachment", "applied applied"),
        ("trees-create-then-patch", "applied applied applied"),
        ("trees-patch-created", "apply_failed"),
        ("trees-unknown-layer", "apply_failed applied"),
        ("trees-unknown-attribute", "apply_failed apply_failed"),
        ("parcels-several-layers", "applied applied applied applied"),
        (
            "survey-geojson-and-shapefile",
            "applied applied applied applied applied applied",
        ),
        ("broken-missing-file", "apply_failed applied"),
    ],
)
def test_committed_deltafiles(project: Project, name: str, expected: str) -> None:
    """Each deltafile does what it is named for, and each delta gets its own outcome."""
    document = committed(name)
    outcomes = apply(project(name.partition("-")[0]), document)
    assert [item["status"] for item in outcomes] == [
        f"status_{word}" for word in expected.split()
    ]
    assert [item["delta_id"] for item in outcomes] == [
        item["uuid"] for item in document["deltas"]
    ]
    assert {item["delta_file_id"] for item in outcomes} == {document["id"]}


def test_every_committed_deltafile_is_tested() -> None:
    """A new deltafile needs a row above."""
    marks = test_committed_deltafiles.pytestmark
    tested = {row[0] for row in marks[0].args[1]}
    assert tested == {path.stem for path in (FIXTURES / "deltas").glob("*.json")}


def test_create_patch_delete_in_a_geopackage(project: Project) -> None:
    """The right rows change, all others stay, and GDAL finds the file in order."""
    folder = project("trees")
    before = rows(folder / "trees.gpkg", "trees")
    for name in ("trees-create", "trees-patch", "trees-delete"):
        apply(folder, committed(name))
    after = rows(folder / "trees.gpkg", "trees")
    assert after.keys() == (before.keys() - {5}) | {25}
    assert after[25]["remarks"] == "neu gepflanzt"
    assert after[25]["planted"] == np.datetime64("2024-04-20")
    assert after[25]["wkt"] == "POINT (2683400.5 1247000.25)"
    assert (after[1]["height"], after[1]["remarks"]) == (27.1, "Krone gekürzt")
    assert after[2]["wkt"] == "POINT (2683640 1247063)"
    untouched = before.keys() - {1, 2, 5}
    assert {fid: after[fid] for fid in untouched} == {
        fid: before[fid] for fid in untouched
    }


def test_spatial_index_and_extent_follow(project: Project) -> None:
    """A feature outside the old extent is found there, and the extent has grown."""
    folder = project("trees")
    new = {"geometry": "Point (2690000 1250000)", "attributes": {"height": 1.5}}
    apply(folder, delta("create", new=new))
    path = folder / "trees.gpkg"
    box = (2689999, 1249999, 2690001, 1250001)
    _, fids, _, _ = pyogrio.raw.read(
        path, layer="trees", bbox=box, columns=[], return_fids=True
    )
    assert list(fids) == [25]
    bounds = pyogrio.read_info(path, layer="trees", force_total_bounds=True)
    assert bounds["total_bounds"][2:] == (2690000.0, 1250000.0)


def test_geojson_and_shapefile(project: Project) -> None:
    """Both are changed where they should be; field widths and encoding stay."""
    folder = project("survey")
    shapefile = (folder / "plots.dbf").read_bytes()
    apply(folder, committed("survey-geojson-and-shapefile"))
    observations = rows(folder / "observations.geojson")
    by_fid = {item["fid"]: item for item in observations.values()}
    assert by_fid.keys() == {1, 2, 3, 4, 6}
    assert (by_fid[2]["what"], by_fid[2]["count"]) == ("vrána šedá", 5)
    assert by_fid[6]["wkt"] == "POINT (14.5 50.1)"
    plots = {item["fid"]: item for item in rows(folder / "plots.shp").values()}
    assert plots.keys() == {2, 3, 4}
    assert (plots[2]["name"], plots[2]["slope"]) == ("Südhang", 2.75)
    assert plots[4]["name"] == "Räuber"
    changed = (folder / "plots.dbf").read_bytes()
    assert changed[32:129] == shapefile[32:129], "the field descriptors"
    assert "Südhang".encode("latin-1") in changed


def test_geojson_keeps_what_it_does_not_know(project: Project) -> None:
    """Foreign members and untouched features stay as they were."""
    folder = project("survey")
    path = folder / "observations.geojson"
    document = json.loads(path.read_text("utf-8"))
    document["generator"] = {"name": "x"}
    document["features"][0]["note"] = "mine"
    path.write_text(json.dumps(document), "utf-8")
    apply(folder, committed("survey-geojson-and-shapefile"))
    after = json.loads(path.read_text("utf-8"))
    assert after["generator"] == {"name": "x"}
    assert after["crs"] == document["crs"]
    assert after["features"][0] == document["features"][0]


def test_conflict_changes_nothing_and_names_the_difference(project: Project) -> None:
    """The feature keeps its values; the conflict says which attribute and values."""
    folder = project("trees")
    conflict, applied = apply(folder, committed("trees-conflict"))
    assert conflict["conflicts"] == ['The attribute "height" is 4.6, not 99.9']
    assert (conflict["e_type"], conflict["modified_pk"]) == ("conflict", None)
    assert (applied["conflicts"], applied["modified_pk"]) == (None, "1")
    assert rows(folder / "trees.gpkg", "trees")[3]["height"] == 4.6


def test_geometry_that_moved_meanwhile_is_a_conflict(project: Project) -> None:
    """The old geometry counts like the old attributes."""
    old, new = ({"geometry": f"Point ({x} 1247000)"} for x in (1, 2))
    (outcome,) = apply(project("trees"), delta("patch", "1", old=old, new=new))
    assert outcome["status"] == "status_conflict"
    assert outcome["conflicts"] == ["The geometry is not the same"]


def test_overwriting(project: Project) -> None:
    """With the option, conflicts don't matter; a missing feature still does."""
    folder = project("trees")
    outcomes = apply(folder, committed("trees-conflict"), overwrite=True)
    assert [item["status"] for item in outcomes] == ["status_applied"] * 2
    assert rows(folder / "trees.gpkg", "trees")[3]["height"] == 5.0
    missing = apply(folder, committed("trees-missing-pk"), overwrite=True)
    assert missing[0]["e_type"] == "feature_not_found"


@pytest.mark.parametrize(
    "key", ["{client}__25", f"{{client}}__{TREES}__25"], ids=["short", "with-layer"]
)
def test_client_pks(project: Project, key: str) -> None:
    """A feature created by an earlier job is found by what the wrapper passes."""
    folder = project("trees")
    document = committed("trees-patch-created")
    client = document["deltas"][0]["clientId"]
    document["clientPks"] = {key.format(client=client): 7}
    document["deltas"][0]["old"] = {}
    (outcome,) = apply(folder, document)
    assert (outcome["status"], outcome["modified_pk"]) == ("status_applied", "7")
    assert rows(folder / "trees.gpkg", "trees")[7]["height"] == 2.7


def test_taken_key_of_a_new_feature_is_replaced(project: Project) -> None:
    """Two clients may count alike; the second gets another key."""
    document = committed("survey-geojson-and-shapefile")
    create = document["deltas"][1]
    create["new"]["attributes"]["fid"] = 3
    document["deltas"] = [create]
    folder = project("survey")
    (outcome,) = apply(folder, document)
    assert outcome["modified_pk"] == "6"
    keys = [item["fid"] for item in rows(folder / "observations.geojson").values()]
    assert sorted(keys) == [1, 2, 3, 4, 5, 6]


def test_key_can_not_be_changed(project: Project) -> None:
    """A patch of the primary key is refused; the same value does no harm."""
    folder = project("trees")
    new = {"attributes": {"fid": 99, "height": 1.0}}
    (refused,) = apply(folder, delta("patch", "1", new=new))
    assert refused["e_type"] == "bad_attribute"
    (taken,) = apply(folder, delta("patch", "1", new={"attributes": {"fid": 1}}))
    assert taken["status"] == "status_applied"


def test_what_the_provider_refuses(project: Project) -> None:
    """The database's own words are in provider_errors, and the rest is applied."""
    import sqlite3

    folder = project("trees")
    connection = sqlite3.connect(folder / "trees.gpkg")
    connection.execute(
        "CREATE TRIGGER low BEFORE UPDATE OF height ON trees WHEN NEW.height > 50 "
        "BEGIN SELECT RAISE(ABORT, 'no tree is that high'); END"
    )
    connection.commit()
    connection.close()
    document = committed("trees-patch")
    document["deltas"][0]["new"]["attributes"]["height"] = 51
    refused, applied = apply(folder, document)
    assert refused["status"] == "status_apply_failed"
    assert refused["provider_errors"] == "no tree is that high"
    assert applied["status"] == "status_applied"
    assert rows(folder / "trees.gpkg", "trees")[1]["remarks"] is None


def test_file_that_can_not_be_written(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Applied deltas of a layer that can't be saved have not been applied."""
    from qfc_worker.ogr_engine import write_geojson

    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write_geojson, "rewrite", full)
    outcomes = apply(project("survey"), committed("survey-geojson-and-shapefile"))
    assert [item["status"].removeprefix("status_") for item in outcomes] == [
        "apply_failed",
        "apply_failed",
        "apply_failed",
        "applied",
        "applied",
        "applied",
    ]
    assert "No space left" in outcomes[0]["provider_errors"]
    assert outcomes[0]["modified_pk"] is None


def test_unforeseen_errors_stay_with_their_delta(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug in one delta is told as such, and the next one is tried."""
    from qfc_worker.ogr_engine.edit_geopackage import GeoPackageLayer

    real = GeoPackageLayer.find
    calls = iter([RuntimeError("bug"), None])

    def find(self: Any, pk: str) -> Any:
        error = next(calls)
        if error:
            raise error
        return real(self, pk)

    monkeypatch.setattr(GeoPackageLayer, "find", find)
    first, second = apply(project("trees"), committed("trees-patch"))
    assert first["status"] == "status_unknown_error"
    assert first["msg"] == "RuntimeError: bug"
    assert second["status"] == "status_applied"


def test_files_without_changes_keep_their_bytes(project: Project) -> None:
    """Deltas that fail leave nothing to upload."""
    folder = project("trees")
    before = (folder / "trees.gpkg").read_bytes()
    document = committed("trees-bad-geometry")
    del document["deltas"][2]
    apply(folder, document)
    assert (folder / "trees.gpkg").read_bytes() == before
    assert not list(folder.glob("*-journal"))


def test_every_record_of_a_shapefile_can_go(project: Project) -> None:
    """An empty Shapefile is still one, with its fields."""
    folder = project("survey")
    document = committed("survey-geojson-and-shapefile")
    template = document["deltas"][5]
    document["deltas"] = [
        {**template, "uuid": str(pk), "sourcePk": str(pk), "old": {}}
        for pk in (1, 2, 3)
    ]
    outcomes = apply(folder, document)
    assert {item["status"] for item in outcomes} == {"status_applied"}
    info = pyogrio.read_info(folder / "plots.shp", force_feature_count=True)
    assert info["features"] == 0
    assert list(info["fields"]) == ["fid", "name", "slope"]


@pytest.mark.parametrize(
    ("layer", "name"),
    [("observations", "observations.geojson"), ("plots", "plots.shp")],
)
def test_filtered_layers_lose_nothing(project: Project, layer: str, name: str) -> None:
    """Features that the layer's filter hides are still in the file afterwards."""
    from qfc_worker.ogr_engine import project_xml

    folder = project("survey")
    xml = project_xml.read(folder / "survey.qgz")
    for found in xml.layers():
        source = found.element.find("datasource")
        assert source is not None
        source.text = f"{source.text}|subset=fid < 2"
    xml.write(folder / "filtered.qgs")
    document = committed("survey-geojson-and-shapefile")
    document["deltas"] = [
        {**item, "old": {}, "sourcePk": "1"}
        for item in document["deltas"]
        if item["localLayerName"] == layer and item["method"] == "patch"
    ]
    before = len(rows(folder / name))
    outcomes = Application(
        OgrProject(folder / "filtered.qgs"), deltafile.parse(document), overwrite=False
    ).run()
    assert [item["status"] for item in outcomes] == ["status_applied"]
    assert len(rows(folder / name)) == before > 1


def test_geojson_that_is_no_collection(project: Project) -> None:
    """A single feature can't be changed, and that is said."""
    folder = project("survey")
    path = folder / "observations.geojson"
    document = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(document["features"][0]), "utf-8")
    outcomes = apply(folder, committed("survey-geojson-and-shapefile"))
    assert outcomes[0]["e_type"] == "layer_not_editable"
    assert "FeatureCollection" in outcomes[0]["msg"]
    assert outcomes[3]["status"] == "status_applied"


def test_integer_beyond_its_column(project: Project) -> None:
    """SQLite would take it; QGIS and every other reader would not."""
    new = {"attributes": {"species": 2**31}}
    (outcome,) = apply(project("trees"), delta("patch", "1", new=new))
    assert outcome["e_type"] == "bad_attribute"
    assert "32 bits" in outcome["msg"]
