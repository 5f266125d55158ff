"""Geometries."""

import pytest
import shapely
from qfc_worker.layer_editing import DeltaError
from qfc_worker.ogr_engine import geometry


@pytest.mark.parametrize(
    ("wkt", "layer_type", "expected"),
    [
        ("Point (1 2)", "Point", "POINT (1 2)"),
        ("Point Z (1 2 3)", "Point", "POINT (1 2)"),
        ("Point (1 2)", "2.5D Point", "POINT Z (1 2 0)"),
        ("Point (1 2)", "MultiPoint", "MULTIPOINT ((1 2))"),
        (
            "LineString (0 0, 1 1)",
            "MultiLineString Z",
            "MULTILINESTRING Z ((0 0 0, 1 1 0))",
        ),
        ("Polygon ((0 0, 1 0, 1 1, 0 0))", "Unknown", "POLYGON ((0 0, 1 0, 1 1, 0 0))"),
    ],
)
def test_made_to_fit(wkt: str, layer_type: str, expected: str) -> None:
    """Single becomes multi, and Z comes or goes, as the layer has it."""
    shape = geometry.parse(wkt, layer_type)
    assert shape == shapely.from_wkt(expected)
    assert shapely.has_z(shape) == (" Z " in expected)


@pytest.mark.parametrize(
    ("wkt", "layer_type", "said"),
    [
        ("Point (1", "Point", "not well-known text"),
        ("Point (1 2)", "Polygon", "of type Polygon"),
        ("MultiPoint ((1 2), (3 4))", "Point", "of type Point"),
        ("Point EMPTY", "Point", "empty"),
        ("Point (1 2)", None, "no geometries"),
        ("x" * 100, "Point", f"{'x' * 60}…"),
    ],
)
def test_unusable(wkt: str, layer_type: str | None, said: str) -> None:
    """The error says why."""
    with pytest.raises(DeltaError, match=said):
        geometry.parse(wkt, layer_type)


@pytest.mark.parametrize(
    "wkt",
    [
        "POINT (1 2)",
        "POINT Z (1 2 3)",
        "POLYGON ((0 0, 1 0, 1 1, 0 0))",
        "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))",
    ],
)
def test_geopackage_form(wkt: str) -> None:
    """A blob that was written is read back as it was."""
    shape = shapely.from_wkt(wkt)
    blob = geometry.to_geopackage(shape, 2056)
    assert blob is not None
    assert blob[:2] == b"GP"
    assert int.from_bytes(blob[4:8], "little") == 2056
    assert geometry.from_geopackage(blob) == shape
    assert geometry.to_geopackage(None, 2056) is None
    assert geometry.from_geopackage(None) is None


def test_sameness() -> None:
    """Within a millionth; single and multi of one part are the same."""
    one, near, far, multi = (
        shapely.from_wkt(wkt)
        for wkt in (
            "POINT (1 1)",
            "POINT (1.0000001 1)",
            "POINT (1.001 1)",
            "MULTIPOINT ((1 1))",
        )
    )
    assert geometry.same(one, near)
    assert geometry.same(one, multi)
    assert geometry.same(multi, one)
    assert not geometry.same(one, far)
    assert not geometry.same(one, None)
    assert geometry.same(None, None)
