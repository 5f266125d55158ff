"""Checks of a QGIS file."""

import zipfile
from pathlib import Path

import pytest
from qfc_worker import project_file
from qfc_worker.errors import InvalidProjectFileError, ProjectFileNotFoundError

QGS = b"<!DOCTYPE qgis><qgis><title>t</title></qgis>"


def test_good_files(tmp_path: Path) -> None:
    """A .qgs and a .qgz with the same content are read as the same."""
    (tmp_path / "a.qgs").write_bytes(QGS)
    with zipfile.ZipFile(tmp_path / "a.qgz", "w") as archive:
        archive.writestr("inner.qgs", QGS)
        archive.writestr("inner.qgd", b"x")
    for name in ("a.qgs", "a.qgz"):
        project_file.check(tmp_path / name)
        assert project_file.read_xml(tmp_path / name).findtext("title") == "t"


def test_missing_file(tmp_path: Path) -> None:
    """A folder of that name is no file either."""
    (tmp_path / "a.qgs").mkdir()
    with pytest.raises(ProjectFileNotFoundError, match=r'"a\.qgs" is not among'):
        project_file.check(tmp_path / "a.qgs")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", QGS, "must end in"),
        ("a.qgs", QGS[:20], "not well-formed XML"),
        ("a.qgs", b"", "not well-formed XML"),
        ("a.qgs", b"<html/>", "root element is <html>"),
        ("a.qgz", QGS, "not a readable archive"),
    ],
)
def test_invalid_files(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    """The message says what is wrong with the file."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidProjectFileError, match=said):
        project_file.check(tmp_path / name)


def test_archive_without_project(tmp_path: Path) -> None:
    """An archive must have one .qgs."""
    with zipfile.ZipFile(tmp_path / "a.qgz", "w") as archive:
        archive.writestr("readme.txt", b"x")
    with pytest.raises(InvalidProjectFileError, match=r"has 0 \.qgs files"):
        project_file.check(tmp_path / "a.qgz")
