"""Reads a file that a worker left in ``/io``, and no other; removes all of it.

The worker runs what a project brings along. A link of its making would be followed with
the wrapper's eyes, to its tokens or another job's files; a named pipe would never end.
"""

import contextlib
import os
import shutil
import stat
from pathlib import Path


class TooLarge(Exception):
    """The file has more bytes than are allowed; the message says how many."""


def read(path: Path, maximum: int) -> bytes:
    """The content of a regular file of at most ``maximum`` bytes.

    :raises FileNotFoundError: there is none
    :raises OSError: it is a link, a pipe, a directory, or can't be read
    :raises TooLarge: it is larger
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)  # a directory can't even be made a file object
        raise OSError(f"{path.name} is not a regular file")
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(maximum + 1)
    if len(content) > maximum:
        raise TooLarge(
            f"{path.name} has {max(status.st_size, len(content))} bytes, more than the "
            f"{maximum} allowed."
        )
    return content


def remove(directory: Path) -> None:
    """Remove a job's directory, if it is there; another wrapper may be doing the same.

    :raises OSError: something in it can't be removed
    """
    while directory.exists():
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(directory)
