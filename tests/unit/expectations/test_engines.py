"""The comparison of a real worker's outputs with the ogr engine's."""

import re
from types import SimpleNamespace
from typing import Any

import pytest

from harness import resources
from harness.expectations import engines
from harness.replay.outputs import Outputs

LAYERS = {"trees_1": {"name": "trees", "extent": "Polygon ((1.5 2, 3 4))", "crs": "a"}}
TABLES = {"data.gpkg": {"trees": {"columns": {"kind": "object"}, "rows": {"1": ["a"]}}}}


def made(engine: str = "qgis", **changes: Any) -> Outputs:
    """What an engine made of a package job."""
    said = {"start_qgis_app": {"engine": engine}, **changes.pop("said", {})}
    content: dict[str, Any] = {
        "files": ("data.gpkg", "trees_qfield.qgs"),
        "tables": TABLES,
        "colours": (100, 100, *[200] * 1200),
    }
    said.setdefault("qfield_layer_data", {"layers_by_id": LAYERS})
    return Outputs(engine=engine, said=said, **(content | changes))


def results(worker: Outputs, ogr: Outputs | None = None, job_type: str = "package"):
    """What the check finds."""
    job = SimpleNamespace(type=job_type)
    seen: Any = SimpleNamespace(
        compared=(worker, ogr or made("ogr")),
        cell=SimpleNamespace(scenario=SimpleNamespace(job=job)),
    )
    return list(engines.outputs(seen))


def layer(**changes: Any) -> dict[str, Any]:
    """The feedback's outputs with a layer that is a little different."""
    layers = {"trees_1": {**LAYERS["trees_1"], **changes}}
    return {"qfield_layer_data": {"layers_by_id": layers}}


def test_what_is_the_same_passes():
    """All values counted, the engine's own name left out."""
    found = results(made())
    assert [one.ok for one in found] == [True, True]
    assert found[0].actual == "7 the same"


LAYER = "said/qfield_layer_data/layers_by_id/trees_1"
OTHER_TREE = {"trees": {**TABLES["data.gpkg"]["trees"], "rows": {"1": ["b"]}}}
DIFFERENT: tuple[tuple[dict[str, Any], str], ...] = (
    ({"said": layer(crs="b")}, f"{LAYER}/crs"),
    ({"said": layer(more=1)}, f"{LAYER}/more"),
    ({"said": layer(extent="Polygon ((1.6 2, 3 4))")}, f"{LAYER}/extent"),
    ({"files": ("data.gpkg",)}, "files/trees_qfield.qgs"),
    ({"tables": {"data.gpkg": OTHER_TREE}}, "tables/data.gpkg/trees/rows/1/0"),
    ({"colours": (100, 100, *[190] * 1200)}, "thumbnail"),
    ({"colours": (50, 100, *[200] * 1200)}, "thumbnail"),
    ({"colours": ()}, "thumbnail"),
)


@pytest.mark.parametrize(("changes", "where"), DIFFERENT)
def test_a_difference_fails_and_says_where(changes: dict[str, Any], where: str):
    """A value, a key that is missing or too many, a feature, a picture."""
    bad = [one for one in results(made(**changes)) if not one.ok]
    assert [one.where for one in bad] == [where]


def test_a_known_difference_is_counted():
    """An extent that is rounded to 32 bits."""
    found = results(made(said=layer(extent="Polygon ((1.50000001 2, 3 4))")))
    assert found[0].ok
    assert "1 × known: extent of a layer" in found[0].actual


def test_ids_that_are_made_anew_are_no_difference():
    """The layers of a created project are known by their names."""

    def created(engine: str, key: str, source: str) -> Outputs:
        layers = {key: {"id": key, "name": "base", "datasource": source}}
        return made(engine, said={"qgis_layers_data": {"layers_by_id": layers}})

    ours = created("qgis", "base_77", "crs=EPSG:3857&format&type=xyz&url=u")
    theirs = created("ogr", "base_1", "type=xyz&url=u")
    found = results(ours, theirs, "create_project")
    assert [one.ok for one in found] == [True, True]
    assert "basemaps of a created project" in found[0].actual
    other = created("ogr", "base_1", "type=xyz&url=another")
    assert not results(ours, other, "create_project")[0].ok


def test_an_image_without_qgis_proves_nothing():
    """The ogr engine compared with itself is no comparison."""
    (found,) = results(made("ogr"))
    assert found.ok is None


def test_an_engine_that_failed_is_the_harnesss_fault():
    """Not the worker's."""
    (found,) = results(made(), Outputs(engine="ogr", error="it failed"))
    assert found.harness_at_fault


def test_each_known_difference_is_in_the_readme():
    """With its reason."""
    text = (resources.fixture("worker") / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| .+ \| .+ \| (.+) \|$", text, re.MULTILINE)
    reasons = dict(rows)
    for known in engines.KNOWN:
        assert reasons[known.what]
