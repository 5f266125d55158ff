"""QGIS's data sources."""

from pathlib import Path

import pytest
from qfc_worker import sources


@pytest.mark.parametrize(
    ("source", "path", "layer", "subset"),
    [
        ("./a.shp", "./a.shp", None, None),
        ("./a b.gpkg|layername=c d", "./a b.gpkg", "c d", None),
        ("./a.gpkg|layerid=2", "./a.gpkg", 2, None),
        (
            "./a.gpkg|layername=t|subset=\"x\" = 'a|b'",
            "./a.gpkg",
            "t",
            "\"x\" = 'a|b'",
        ),
        ("./a|b.gpkg|layername=t", "./a|b.gpkg", "t", None),
        ("./d.gpkg|layername=t|option:QGIS_FORCE_WAL=ON", "./d.gpkg", "t", None),
    ],
)
def test_parse(
    source: str, path: str, layer: str | int | None, subset: str | None
) -> None:
    """Path, layer and filter, whatever characters are in them."""
    parsed = sources.parse(source)
    assert (parsed.path, parsed.layer, parsed.subset) == (path, layer, subset)


def test_password_is_not_shown() -> None:
    """Quoted or not."""
    shown = sources.without_password(
        "host=db password='a b\\'c' user=u pwd=x sslmode=y"
    )
    assert shown == "host=db password=… user=u pwd=… sslmode=y"


def test_shapefile_is_several_files(tmp_path: Path) -> None:
    """Its parts, and no others of a similar name."""
    for name in ("a [1].shp", "a [1].dbf", "a [1].txt", "a 1.shp", "a [1].shp.xml"):
        (tmp_path / name).touch()
    found = sources.files_of(tmp_path / "a [1].shp")
    assert [path.name for path in found] == ["a [1].dbf", "a [1].shp"]
    assert sources.files_of(tmp_path / "missing.gpkg") == []
