"""Files in /io, which a project's own code may have prepared as a trap."""

import os
import shutil
from pathlib import Path

import pytest

from worker_wrapper import left_files


def test_a_file_is_read(tmp_path):
    """Up to the last byte that is allowed."""
    (tmp_path / "f").write_bytes(b"12345")
    assert left_files.read(tmp_path / "f", 5) == b"12345"


def test_a_file_that_is_too_large_is_not(tmp_path):
    """The message says both sizes."""
    (tmp_path / "f").write_bytes(b"123456")
    with pytest.raises(left_files.TooLarge, match=r"6 bytes, more than the 5"):
        left_files.read(tmp_path / "f", 5)


def test_a_sparse_giant_is_refused_without_reading_it(tmp_path):
    """A terabyte that takes no room."""
    with (tmp_path / "f").open("wb") as file:
        file.truncate(1024**4)
    with pytest.raises(left_files.TooLarge, match=str(1024**4)):
        left_files.read(tmp_path / "f", 100)


def test_a_link_is_not_followed(tmp_path):
    """It would be read with the wrapper's rights."""
    (tmp_path / "secret").write_text("token")
    (tmp_path / "f").symlink_to(tmp_path / "secret")
    with pytest.raises(OSError, match=r"f|symbolic|loop"):
        left_files.read(tmp_path / "f", 100)


def test_a_named_pipe_does_not_block(tmp_path):
    """Nobody writes into it."""
    os.mkfifo(tmp_path / "f")
    with pytest.raises(OSError, match="not a regular file"):
        left_files.read(tmp_path / "f", 100)


def test_a_directory_is_refused(tmp_path):
    """As any other thing that is no file."""
    (tmp_path / "f").mkdir()
    with pytest.raises(OSError, match="not a regular file"):
        left_files.read(tmp_path / "f", 100)


def test_a_missing_file_is_told_apart(tmp_path):
    """For some files that is no error."""
    with pytest.raises(FileNotFoundError):
        left_files.read(tmp_path / "f", 100)


def test_what_is_refused_leaves_nothing_open(tmp_path):
    """A wrapper runs for months."""
    (tmp_path / "f").mkdir()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        with pytest.raises(OSError, match="not a regular file"):
            left_files.read(tmp_path / "f", 100)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_directory_that_is_not_there_is_no_error(tmp_path):
    """Another wrapper has removed it."""
    left_files.remove(tmp_path / "gone")


def test_two_wrappers_may_remove_the_same_directory(tmp_path, monkeypatch):
    """What the other one was faster with is no error, and nothing stays."""
    directory = tmp_path / "job"
    (directory / "sub").mkdir(parents=True)
    (directory / "a").touch()
    (directory / "sub" / "b").touch()
    remove, calls = shutil.rmtree, []

    def slower(path: Path) -> None:
        calls.append(path)
        if len(calls) == 1:
            (directory / "a").unlink()
            raise FileNotFoundError(directory / "a")
        remove(path)

    monkeypatch.setattr(shutil, "rmtree", slower)
    left_files.remove(directory)
    assert len(calls) == 2
    assert not directory.exists()
