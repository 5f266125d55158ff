"""Archives that come into a pod."""

import io
import tarfile
from pathlib import Path

import pytest

from harness.incluster import files


def archive(name: str, content: bytes = b"x", **changes: object) -> bytes:
    """A tar archive with one member."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        for key, value in changes.items():
            setattr(member, key, value)
        tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def test_an_archive_is_unpacked(tmp_path: Path) -> None:
    """With the directories that it needs."""
    files.unpack(archive("package/deep/module.py", b"a = 1\n"), tmp_path / "code")
    assert (tmp_path / "code/package/deep/module.py").read_text() == "a = 1\n"


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "a/../../outside"])
def test_nothing_is_written_outside(tmp_path: Path, name: str) -> None:
    """A member that leads out is a mistake."""
    with pytest.raises(ValueError, match="leads out"):
        files.unpack(archive(name), tmp_path / "code")


def test_what_is_packed_comes_out_again(tmp_path: Path) -> None:
    """Nothing is the empty archive."""
    assert files.pack(tmp_path / "nowhere") == b""
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/c").write_bytes(b"\x00\xff")
    files.unpack(files.pack(tmp_path / "a"), tmp_path / "out")
    assert (tmp_path / "out/b/c").read_bytes() == b"\x00\xff"


def test_a_directory_is_emptied_and_stays(tmp_path: Path) -> None:
    """Also of links, which are not followed."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("")
    place = tmp_path / "place"
    (place / "deep/er").mkdir(parents=True)
    (place / "link").symlink_to(outside)
    (place / "file").write_text("")
    files.empty(place)
    assert list(place.iterdir()) == []
    assert (outside / "kept").exists()
