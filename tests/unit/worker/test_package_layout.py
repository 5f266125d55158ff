"""The layout of packages."""

from pathlib import Path

import pytest
from qfc_worker import package_layout


@pytest.mark.parametrize(
    ("properties", "is_vector", "action"),
    [
        ({}, True, "offline"),
        ({}, False, "copy"),
        ({"action": "remove"}, True, "remove"),
        ({"action": "remove", "cloud_action": "no_action"}, True, "no_action"),
    ],
)
def test_action(properties: dict[str, str], is_vector: bool, action: str) -> None:
    """The cloud's action comes before the cable's, and both before the default."""
    assert package_layout.action_of(properties, is_vector=is_vector) == action


def test_free_name() -> None:
    """Names are one whatever their case."""
    assert package_layout.free_name("fid", ["a"]) == "fid"
    assert package_layout.free_name("fid", ["FID", "fid_1"]) == "fid_2"


def test_files_outside_the_project_are_not_copied(tmp_path: Path) -> None:
    """A source that leads out of the folder isn't followed."""
    base, folder = tmp_path / "project", tmp_path / "package"
    (base / "maps").mkdir(parents=True)
    folder.mkdir()
    (tmp_path / "secret.tif").write_text("s")
    (base / "maps" / "a.tif").write_text("a")
    package_layout.copy_files("../secret.tif", base, folder)
    package_layout.copy_files("./maps/a.tif", base, folder)
    assert [path.name for path in folder.rglob("*.tif")] == ["a.tif"]
    assert (folder / "maps" / "a.tif").exists()
