"""Tests of removing what programs have left."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.simulator.runtime.removal import remove_tree


@pytest.fixture
def folder() -> Iterator[Path]:
    """A directory with a closed one in it, and a link that leads out."""
    with tempfile.TemporaryDirectory() as path:
        Path(path).chmod(0o777)  # also for another user
        yield _filled(Path(path))


def _filled(parent: Path) -> Path:
    (parent / "kept").touch()
    folder = parent / "folder"
    (folder / "closed" / "deep").mkdir(parents=True)
    (folder / "closed" / "deep" / "file").touch()
    (folder / "out").symlink_to(parent / "kept")
    (folder / "closed" / "deep").chmod(0)
    (folder / "closed").chmod(0o100)
    return folder


def test_closed_directories(folder: Path) -> None:
    """They are removed; what a link leads to isn't."""
    remove_tree(folder)
    assert not folder.exists()
    assert (folder.parent / "kept").exists()


@pytest.mark.skipif(os.getuid() != 0, reason="becomes another user")
def test_closed_directories_of_an_ordinary_user(folder: Path) -> None:
    """Root may look anywhere; others have to open what is theirs first."""
    for where, names, files in os.walk(folder.parent):
        for name in (".", *names, *files):
            os.chown(Path(where, name), 65534, 65534, follow_symlinks=False)
    child = os.fork()
    if child == 0:
        try:
            os.setuid(65534)
            remove_tree(folder)
            os._exit(0)
        except BaseException:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert not folder.exists()


def test_what_is_gone(tmp_path: Path) -> None:
    """It is no error."""
    remove_tree(tmp_path / "nope")
