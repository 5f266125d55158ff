"""What the harness does in a directory of a pod: fill, list, empty it."""

import io
import os
import shutil
import tarfile
from collections.abc import Collection
from pathlib import Path
from typing import Any


def unpack(archive: bytes, directory: Path) -> None:
    """Unpack a tar archive, compressed or not, into a directory that may exist."""
    directory.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            target = directory / member.name
            if directory.resolve() not in (target.resolve(), *target.resolve().parents):
                raise ValueError(f"{member.name} leads out of {directory}")
            if member.isdir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            content = tar.extractfile(member)
            if content is None:
                continue  # neither file nor directory: none of ours
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)  # it may be another user's
            with content, target.open("wb") as file:
                shutil.copyfileobj(content, file)


def pack(directory: Path) -> bytes:
    """A tar archive of the files below a directory; empty if there are none."""
    buffer = io.BytesIO()
    found = [path for path in sorted(directory.rglob("*")) if path.is_file()]
    if not found:
        return b""
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
        for path in found:
            tar.add(path, arcname=str(path.relative_to(directory)), recursive=False)
    return buffer.getvalue()


def listing(directory: Path) -> list[dict[str, Any]]:
    """Everything below a directory, by its path there; links are not followed."""
    found: list[dict[str, Any]] = []
    for place, folders, files in os.walk(directory):
        for name in (*folders, *files):
            path = Path(place, name)
            is_directory = name in folders and not path.is_symlink()
            inside = str(path.relative_to(directory))
            found.append({"path": inside, "directory": is_directory})
    return sorted(found, key=lambda one: str(one["path"]))


def empty(directory: Path, spare: Collection[Path] = ()) -> None:
    """Remove what is in a directory, and not the directory."""
    for path in directory.iterdir():
        if path in spare:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
