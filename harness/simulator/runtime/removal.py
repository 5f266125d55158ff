"""Removes what programs have left, whatever modes they gave it."""

import os
import shutil
from pathlib import Path


def remove_tree(folder: Path) -> None:
    """Remove a directory and all in it; links aren't followed.

    A program may have left directories that even their owner can't look into: they
    are opened first. What is gone already is no error.
    """
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except PermissionError:
        _open_up(folder)
        shutil.rmtree(folder)


def _open_up(folder: Path) -> None:
    folder.chmod(0o700)
    with os.scandir(folder) as children:
        for child in children:
            if child.is_dir(follow_symlinks=False):
                _open_up(Path(child.path))
