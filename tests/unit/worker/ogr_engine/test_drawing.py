"""The thumbnail."""

from collections.abc import Callable
from pathlib import Path

from PIL import Image
from qfc_worker.ogr_engine.project import OgrProject

Project = Callable[[str], Path]


def draw(folder: Path, name: str) -> Image.Image:
    """The thumbnail of a project."""
    OgrProject(folder / name).draw(folder / "thumbnail.png")
    with Image.open(folder / "thumbnail.png") as picture:
        picture.load()
        assert (picture.format, picture.size) == ("PNG", (100, 100))
        return picture.convert("RGB")


def colours(picture: Image.Image) -> set[tuple[int, ...]]:
    """All colours in a picture."""
    return {colour for _, colour in picture.getcolors(10_000)}


def test_renderers_colours_on_the_background(project: Project) -> None:
    """Each species' colour is there, where its trees are."""
    found = colours(draw(project("trees"), "trees.qgs"))
    wanted = {(0x4D, 0xAF, 0x4A), (0xE4, 0x1A, 0x1C), (0x98, 0x4E, 0xA3)}
    assert wanted | {(0xEE, 0xF5, 0xE9)} <= found


def test_hole_shows_the_background(project: Project) -> None:
    """Polygons are filled but for their holes."""
    picture = draw(project("parcels"), "parcels.qgs")
    orange = (255, 213, 138)
    assert picture.getpixel((20, 20)) == orange
    inside = [picture.getpixel((x, 59)) for x in range(33, 40)]
    assert any(min(colour) > 200 for colour in inside), "white shines through"


def test_layer_that_is_switched_off_is_not_drawn(project: Project) -> None:
    """As in QGIS's map."""
    folder = project("survey")
    both = colours(draw(folder, "survey.qgz"))
    from qfc_worker.ogr_engine import project_xml

    xml = project_xml.read(folder / "survey.qgz")
    for node in xml.root.iter("layer-tree-layer"):
        if node.get("name") == "observations":
            node.set("checked", "Qt::Unchecked")
    xml.write(folder / "one.qgs")
    orange = (0xD9, 0x5F, 0x02)
    assert orange in both
    assert orange not in colours(draw(folder, "one.qgs"))


def test_project_without_readable_layers_is_its_background(project: Project) -> None:
    """No data, no error."""
    folder = project("trees")
    (folder / "trees.gpkg").unlink()
    assert colours(draw(folder, "trees.qgs")) == {(0xEE, 0xF5, 0xE9)}
