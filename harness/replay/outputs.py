"""What a job with a real worker left, in a form in which two of them compare.

The libraries that read the files are imported when there is something to read.
"""

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

DATA = (".gpkg", ".geojson", ".shp")
BESIDE = (".dbf", ".shx", ".prj", ".cpg")
"""A Shapefile is several files."""
SIDE = 20
"""A thumbnail is compared in so many squares by as many."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outputs:
    """What one engine made of a job."""

    engine: str
    error: str = ""
    """Why there is nothing to compare."""
    said: Mapping[str, Any] = field(default_factory=dict)
    """The feedback's outputs, by step."""
    files: tuple[str, ...] = ()
    tables: Mapping[str, Any] = field(default_factory=dict)
    """By file and layer: columns, geometry type, CRS and features."""
    colours: tuple[int, ...] = ()
    """Of the thumbnail's squares; empty where there is none."""


def outputs_of(
    engine: str,
    said: Mapping[str, Any],
    names: Iterable[str],
    read: Callable[[str], bytes],
    thumbnail: bytes | None,
) -> Outputs:
    """Read what a job left.

    :param said: the feedback's outputs, by step
    :param names: the files of the package, or of the project if there is none
    :param read: gives the content of one of them
    """
    files = sorted(names)
    with tempfile.TemporaryDirectory(prefix="qfc-outputs-") as folder:
        root = Path(folder)
        for name in files:
            if name.endswith((*DATA, *BESIDE)):
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(read(name))
        tables = {
            str(path.relative_to(root)): _layers(path)
            for path in sorted(root.rglob("*"))
            if path.suffix in DATA
        }
    return Outputs(
        engine=engine,
        said=said,
        files=tuple(files),
        tables=tables,
        colours=_colours(thumbnail) if thumbnail else (),
    )


def _layers(path: Path) -> dict[str, Any]:
    import pyogrio

    try:
        names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
        return {name: _table(path, name) for name in names}
    except (RuntimeError, ValueError) as error:  # GDAL's, all of them
        return {"unreadable": f"{type(error).__name__}"}


def _table(path: Path, layer: str) -> dict[str, Any]:
    import pyogrio.raw

    meta, fids, geometry, columns = pyogrio.raw.read(
        path, layer=layer, return_fids=True
    )
    rows = {
        str(fid): [
            _wkt(None if geometry is None else geometry[index]),
            *(str(column[index]) for column in columns),
        ]
        for index, fid in enumerate(fids)
    }
    return {
        "columns": dict(
            zip(map(str, meta["fields"]), map(str, meta["dtypes"]), strict=True)
        ),
        "geometry": str(meta["geometry_type"]),
        "crs": str(meta["crs"]),
        "rows": rows,
    }


def _wkt(wkb: bytes | None) -> str | None:
    import shapely

    return None if wkb is None else str(shapely.normalize(shapely.from_wkb(wkb)).wkt)


def _colours(png: bytes) -> tuple[int, ...]:
    from PIL import Image

    with Image.open(BytesIO(png)) as picture:
        width, height = picture.size
        box = Image.Resampling.BOX
        small = picture.convert("RGB").resize((SIDE, SIDE), box)
        return (width, height, *small.tobytes())
