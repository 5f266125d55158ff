"""Files of a container's mounts as tar, in and out.

The mounts are on this machine whether the container runs or not; what a running
container has besides is in its own memory and not reached from here.
"""

import base64
import io
import json
import stat
import tarfile
from pathlib import Path, PurePosixPath

from harness.simulator.docker_api.container import Container
from harness.simulator.docker_api.engine import Engine
from harness.simulator.docker_api.errors import (
    ApiError,
    InvalidError,
    NotFoundError,
    not_modelled,
)
from harness.simulator.docker_api.mounts import MountPoint
from harness.simulator.docker_api.views import moment


def pack(engine: Engine, container: Container, path: str) -> tuple[bytes, str]:
    """The tar of a file or directory, and its description as a header's value."""
    _, source = _find(engine, container, path)
    if not source.exists():
        raise _missing(container, path)
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        tar.add(source, arcname=PurePosixPath(path).name or "/")
    return data.getvalue(), _described(source, path)


def describe(engine: Engine, container: Container, path: str) -> str:
    """The value of ``X-Docker-Container-Path-Stat``."""
    _, source = _find(engine, container, path)
    if not source.exists():
        raise _missing(container, path)
    return _described(source, path)


def unpack(engine: Engine, container: Container, path: str, data: bytes) -> None:
    """Put a tar's members into a directory."""
    point, target = _find(engine, container, path)
    if not target.exists():
        raise _missing(container, path)
    if not target.is_dir():
        raise ApiError("extraction point is not a directory")
    if point.read_only:
        raise ApiError("mounted volume is marked read-only")
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            # what is refused is decided here; Python before 3.12 has no filters
            tar.extraction_filter = getattr(tarfile, "fully_trusted_filter", None)
            for member in tar:
                _extract(tar, member, target)
    except tarfile.TarError as error:
        raise ApiError(f"Error processing tar file: {error}") from error


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    """One member; one that would leave the directory is refused."""
    place = (target / member.name.lstrip("/")).resolve()
    if not place.is_relative_to(target.resolve()) or member.isdev():
        raise ApiError(f"{member.name} is outside of the extraction point")
    if member.issym() or member.islnk():
        linked = (place.parent / member.linkname).resolve()
        if not linked.is_relative_to(target.resolve()):
            raise not_modelled("archives with links that lead out", "archive.py")
    member.name = member.name.lstrip("/")
    tar.extract(member, target, set_attrs=True)


def _find(engine: Engine, container: Container, path: str) -> tuple[MountPoint, Path]:
    if not path:
        raise InvalidError("bad parameter: pathcannot be empty")
    wanted = PurePosixPath("/", path)
    by_length = sorted(container.mounts, key=lambda p: len(p.target), reverse=True)
    for point in by_length:
        if not wanted.is_relative_to(point.target) or point.kind == "tmpfs":
            continue
        if point.kind == "volume":
            source = engine.volumes.get(point.volume).data
        else:
            source = engine.world.host_paths.on_docker_host(point.source)
        return point, source / wanted.relative_to(point.target)
    raise not_modelled(
        f"files of a container outside its mounts ({path})", "archive.py"
    )


def _missing(container: Container, path: str) -> NotFoundError:
    return NotFoundError(
        f"Could not find the file {path} in container {container.name}"
    )


def _described(source: Path, path: str) -> str:
    status = source.lstat()
    mode = stat.S_IMODE(status.st_mode)
    if source.is_dir():
        mode |= 1 << 31  # Go's ModeDir
    text = {
        "name": PurePosixPath(path).name or "/",
        "size": status.st_size,
        "mode": mode,
        "mtime": moment(status.st_mtime_ns),
        "linkTarget": "",
    }
    return base64.b64encode(json.dumps(text).encode()).decode()
