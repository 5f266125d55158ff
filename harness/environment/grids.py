"""PROJ's transformation grids, as an archive that an engine unpacks into a volume."""

import io
import tarfile
from pathlib import Path

from .. import resources


def unpack(directory: Path) -> None:
    """Copy the grids into a directory."""
    for path in resources.fixture("grids").glob("*.gsb"):
        target = directory / path.name
        if not target.exists():
            target.write_bytes(path.read_bytes())


def archive() -> bytes:
    """A tar archive of ``fixtures/grids``."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in sorted(resources.fixture("grids").glob("*.gsb")):
            tar.add(path, arcname=path.name)
    return buffer.getvalue()
