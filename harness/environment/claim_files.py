"""The claim that wrapper and workers share, as the harness sees it from outside."""

import io
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from ..incluster import files
from .place import NEIGHBOUR


class ClaimFiles(Protocol):
    """What can be done there, wherever the claim's volume lies."""

    def listing(self) -> list[dict[str, Any]]:
        """Everything below its root: ``path`` and whether it is a ``directory``."""

    def put(self, archive: bytes) -> None:
        """Unpack a tar archive there."""


class LocalFiles:
    """A claim whose volume is a directory of this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def listing(self) -> list[dict[str, Any]]:
        """Everything below its root."""
        return files.listing(self._root)

    def put(self, archive: bytes) -> None:
        """Unpack a tar archive there."""
        files.unpack(archive, self._root)


def neighbours(folders: Iterable[str]) -> bytes:
    """An archive of directories of another job, each with a file in it."""
    buffer = io.BytesIO()
    content = b"another job's\n"
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for folder in folders:
            member = tarfile.TarInfo(f"{folder}/{NEIGHBOUR}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def left(listing: Iterable[Mapping[str, Any]], job_id: str) -> list[str]:
    """What a wrapper left there: all but the neighbour's, and folders of structure.

    :param job_id: a folder that is named after it is none of structure

    >>> left([{"path": "jobs", "directory": True},
    ...       {"path": "jobs/1", "directory": True},
    ...       {"path": "job-1", "directory": True}], "1")
    ['jobs/1', 'job-1']
    """
    entries = {str(one["path"]): bool(one["directory"]) for one in listing}
    others = {
        str(PurePosixPath(path).parent)
        for path in entries
        if PurePosixPath(path).name == NEIGHBOUR
    }
    found = []
    for path, directory in entries.items():
        above = {str(one) for one in PurePosixPath(path).parents}
        structure = "/" not in path and directory and job_id not in path
        if not (structure or path in others or above & others):
            found.append(path)
    return found
