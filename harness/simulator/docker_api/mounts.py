"""Binds, mounts, volumes and tmpfs: read as the engine reads them.

``-v`` (Binds) makes a missing directory of the host, ``--mount`` (Mounts) refuses it;
a source that isn't an absolute path is the name of a volume.
"""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.simulator.docker_api.errors import (
    ApiError,
    InvalidError,
    not_modelled,
)
from harness.simulator.world import HostPaths

_MODES = ("ro", "rw", "z", "Z", "copy", "nocopy", "consistent", "cached", "delegated")
_PROPAGATION = ("private", "rprivate")
_OTHER_PROPAGATION = ("shared", "rshared", "slave", "rslave")
_UNITS = {"b": 1, "k": 2**10, "m": 2**20, "g": 2**30}


@dataclass(frozen=True, kw_only=True, slots=True)
class MountPoint:
    """One mount of a container."""

    kind: str
    """``bind``, ``volume`` or ``tmpfs``."""
    target: str
    source: str = ""
    """Of a bind: the path on the daemon's host."""
    volume: str = ""
    """Of a volume: its name; empty for one that has to be made up."""
    mode: str = ""
    read_only: bool = False
    copy: bool = True
    """An empty volume gets what the image has at the target."""
    makes_source: bool = False
    """``-v``: a missing source is made."""
    size: int = 0
    """Of a tmpfs: bytes, 0 for no limit."""
    anonymous: bool = False
    listed: bool = True
    """Inspect shows it; ``--tmpfs`` is only shown in HostConfig."""


def parse(
    host: Mapping[str, Any], volumes: Mapping[str, Any] | None, paths: HostPaths
) -> tuple[MountPoint, ...]:
    """All mount points of a container; raises ApiError in the engine's words."""
    found: dict[str, MountPoint] = {}
    for point in _all_of(host, paths):
        if point.target in found:
            raise InvalidError(f"Duplicate mount point: {point.target}")
        found[point.target] = point
    for target in volumes or {}:
        path = posixpath.normpath(target)
        if path not in found:
            found[path] = MountPoint(kind="volume", target=path, anonymous=True)
    return tuple(found.values())


def _all_of(host: Mapping[str, Any], paths: HostPaths) -> Iterator[MountPoint]:
    for text in host["Binds"] or ():
        yield _bind(text)
    for given in host.get("Mounts") or ():
        yield _mount(given, paths)
    for target, options in (host.get("Tmpfs") or {}).items():
        yield MountPoint(
            kind="tmpfs",
            target=posixpath.normpath(target),
            size=_tmpfs_size(options),
            listed=False,
        )


def _bind(text: str) -> MountPoint:
    """``source:target[:mode]``, or a target alone for an anonymous volume."""
    parts = text.split(":")
    if len(parts) > 3 or not all(parts):
        raise ApiError(f"invalid volume specification: '{text}'")
    if len(parts) == 1:
        _check_target(parts[0], kind="volume", text=text)
        target = posixpath.normpath(parts[0])
        return MountPoint(kind="volume", target=target, mode="z", anonymous=True)
    source, target, mode = parts[0], parts[1], parts[2] if len(parts) == 3 else ""
    options = _options(mode)
    is_path = source.startswith("/")
    _check_target(target, kind="bind" if is_path else "volume", text=text)
    common = MountPoint(
        kind="bind" if is_path else "volume",
        target=posixpath.normpath(target),
        source=posixpath.normpath(source) if is_path else "",
        volume="" if is_path else source,
        mode=mode if is_path else mode or "z",
        read_only="ro" in options,
        copy="nocopy" not in options,
        makes_source=is_path,
    )
    if not is_path:
        check_volume_name(source)
    return common


def _options(mode: str) -> list[str]:
    options = mode.split(",") if mode else []
    for option in options:
        if option in _OTHER_PROPAGATION:
            raise not_modelled(f"the mount propagation {option!r}", "mounts.py")
        if option not in (*_MODES, *_PROPAGATION):
            raise ApiError(f"invalid mode: {mode}")
    return options


def _check_target(target: str, *, kind: str, text: str) -> None:
    problem = _target_problem(target)
    if problem:
        raise ApiError(
            f"invalid volume specification: '{text}': invalid mount config for type "
            f'"{kind}": {problem}'
        )


def _target_problem(target: str) -> str | None:
    if not target:
        return "field Target must not be empty"
    if not target.startswith("/"):
        return f"invalid mount path: '{target}' mount path must be absolute"
    if posixpath.normpath(target) == "/":
        return "invalid specification: destination can't be '/'"
    return None


def _mount(given: Mapping[str, Any], paths: HostPaths) -> MountPoint:
    kind = given.get("Type", "")
    problem = _mount_problem(given, kind, paths)
    if problem:
        raise InvalidError(f'invalid mount config for type "{kind}": {problem}')
    target = posixpath.normpath(given["Target"])
    read_only = bool(given.get("ReadOnly"))
    if kind == "bind":
        options = given.get("BindOptions") or {}
        if options.get("Propagation", "") not in ("", *_PROPAGATION):
            raise not_modelled("mount propagation", "mounts.py")
        source = posixpath.normpath(given["Source"])
        return MountPoint(kind=kind, target=target, source=source, read_only=read_only)
    if kind == "tmpfs":
        size = (given.get("TmpfsOptions") or {}).get("SizeBytes") or 0
        return MountPoint(kind=kind, target=target, size=size)
    options = given.get("VolumeOptions") or {}
    if options.get("DriverConfig") or options.get("Labels"):
        raise not_modelled("driver and labels of a volume in Mounts", "mounts.py")
    name = given.get("Source") or ""
    if name:
        check_volume_name(name)
    return MountPoint(
        kind=kind,
        target=target,
        volume=name,
        mode="z",
        read_only=read_only,
        copy=not options.get("NoCopy"),
        anonymous=not name,
    )


def _mount_problem(given: Mapping[str, Any], kind: str, paths: HostPaths) -> str | None:
    if kind not in ("bind", "volume", "tmpfs"):
        return "mount type unknown"
    source = given.get("Source") or ""
    if not given.get("Target"):
        return "field Target must not be empty"
    problem = _target_problem(given["Target"])
    if problem:
        return problem
    if kind == "tmpfs" and source:
        return "field Source must not be specified"
    if kind != "bind":
        return None
    if not source:
        return "field Source must not be empty"
    if not source.startswith("/"):
        return f"invalid mount path: '{source}' mount path must be absolute"
    if not paths.on_docker_host(source).exists():
        return f"bind source path does not exist: {source}"
    return None


def check_volume_name(name: str) -> None:
    """Raise InvalidError for what can't be the name of a local volume."""
    if len(name) == 1:
        raise InvalidError(
            f"create {name}: volume name is too short, names should be at least two "
            "alphanumeric characters"
        )
    first, rest = name[:1], name[1:]
    allowed = first.isascii() and first.isalnum()
    if not allowed or not all(
        c.isascii() and (c.isalnum() or c in "_.-") for c in rest
    ):
        raise InvalidError(
            f'create {name}: "{name}" includes invalid characters for a local volume '
            'name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to '
            "pass a host directory, use absolute path"
        )


def _tmpfs_size(options: str) -> int:
    """The size of ``size=64m,mode=1770``; what isn't understood fails at the start."""
    for option in options.split(","):
        name, _, value = option.partition("=")
        if name == "size" and value[:-1].isdigit() and value[-1:].lower() in _UNITS:
            return int(value[:-1]) * _UNITS[value[-1].lower()]
        if name == "size" and value.isdigit():
            return int(value)
    return 0
