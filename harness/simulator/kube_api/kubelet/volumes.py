"""A pod's volumes on this machine: a directory for each, made before its containers."""

import contextlib
import os
import shutil
import stat
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from harness.simulator.clock import Clock
from harness.simulator.kube_api import quantity
from harness.simulator.kube_api.kubelet import volume_files
from harness.simulator.kube_api.kubelet.problems import MountError
from harness.simulator.kube_api.kubelet.volume_files import Sources
from harness.simulator.kube_api.objects import Object, name_of, namespace_of
from harness.simulator.world import HostPaths

_FROM_FILES = ("secret", "configMap", "downwardAPI", "projected")


@dataclass(frozen=True, kw_only=True, slots=True)
class Volume:
    """A volume that is set up: where it lies, or how much memory it is."""

    path: Path
    read_only: bool = False
    memory: int | None = None
    """Bytes of a volume in memory; 0 for no bound."""
    made_by_runtime: bool = False
    """A host's directory that is missing: mounting all of it makes it."""
    on_node: str = ""
    """How the node calls it, where it is not made for the pod."""


class Volumes:
    """Sets up and tears down the volumes of one pod."""

    def __init__(
        self, directory: Path, sources: Sources, host_paths: HostPaths, clock: Clock
    ) -> None:
        self._directory = directory
        self._sources = sources
        self._host_paths = host_paths
        self._clock = clock
        self._ready: dict[str, Volume] = {}

    def set_up(self) -> dict[str, Volume]:
        """Return all volumes by name; raise MountError for the first that fails."""
        for volume in self._sources.pod["spec"].get("volumes") or ():
            name = volume["name"]
            if name in self._ready:
                continue
            try:
                self._ready[name] = self._make(volume)
            except (MountError, OSError) as problem:
                raise MountError(
                    f'MountVolume.SetUp failed for volume "{name}" : {problem}'
                ) from None
        return self._ready

    @staticmethod
    def remove(directory: Path) -> None:
        """Remove what was made for a pod alone; what lies elsewhere stays."""
        shutil.rmtree(directory, ignore_errors=True)

    def _make(self, volume: Object) -> Volume:
        path = self._directory / "volumes" / volume["name"]
        if "emptyDir" in volume:
            return self._empty_dir(volume, path)
        if "hostPath" in volume:
            source = volume["hostPath"]
            return self._host_path(source["path"], source.get("type", ""))
        if "persistentVolumeClaim" in volume:
            return self._claim(volume["persistentVolumeClaim"])
        assert any(kind in volume for kind in _FROM_FILES)
        content = volume_files.content_of(volume, self._sources)
        volume_files.write(path, content, self._clock)
        return Volume(path=path, read_only=True)

    def _empty_dir(self, volume: Object, path: Path) -> Volume:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o777)
        source = volume["emptyDir"]
        spec = self._sources.pod["spec"]
        users = sum(
            mount["name"] == volume["name"]
            for kind in ("containers", "initContainers")
            for container in spec.get(kind) or ()
            for mount in container.get("volumeMounts") or ()
        )
        # memory that several containers share would need a mount of ours
        if source.get("medium") != "Memory" or users > 1:
            return Volume(path=path)
        size = source.get("sizeLimit")
        return Volume(path=path, memory=quantity.parse(size).ceil() if size else 0)

    def _claim(self, source: Object) -> Volume:
        namespace, name = namespace_of(self._sources.pod), source["claimName"]
        store = self._sources.store
        claim = store.get("persistentvolumeclaims", namespace, name)
        bound = claim["spec"].get("volumeName") if claim else None
        volume = store.get("persistentvolumes", "", bound) if bound else None
        if volume is None:
            raise MountError(f'persistentvolumeclaim "{name}" is not bound')
        spec = volume["spec"]
        if "local" in spec:
            found = self._host_path(spec["local"]["path"], "Directory")
        else:
            host_path = spec["hostPath"]
            found = self._host_path(host_path["path"], host_path.get("type", ""))
        return replace(found, read_only=bool(source.get("readOnly")))

    def _host_path(self, path: str, kind: str) -> Volume:
        """Return the directory behind a node's path, checked as its type says."""
        node = name_of(self._sources.node)
        found = self._host_paths.on_node(node, path)
        if kind == "":
            return Volume(
                path=found,
                made_by_runtime=not os.path.lexists(found),
                on_node=path,
            )
        if kind == "DirectoryOrCreate":
            found.mkdir(parents=True, mode=0o755, exist_ok=True)
            return Volume(path=found)
        if kind == "FileOrCreate":
            found.touch(exist_ok=True)
            return Volume(path=found)
        wanted = {
            "Directory": (stat.S_ISDIR, "a directory"),
            "File": (stat.S_ISREG, "a file"),
            "Socket": (stat.S_ISSOCK, "a socket"),
            "CharDevice": (stat.S_ISCHR, "a character device"),
            "BlockDevice": (stat.S_ISBLK, "a block device"),
        }
        check, text = wanted[kind]
        with contextlib.suppress(OSError):
            if check(found.stat().st_mode):
                return Volume(path=found)
        raise MountError(f"hostPath type check failed: {path} is not {text}")


def sub_path(volume: Volume, relative: str) -> Path:
    """Return a path below a volume, made where it is missing.

    Raises OSError where it leads out of the volume or can't be made.
    """
    base = volume.path.resolve(strict=True)
    path = base
    for part in PurePosixPath(relative).parts:
        path = (path / part).resolve()
        if not path.is_relative_to(base):
            raise PermissionError(f"{relative} leads out of the volume")
    if not path.exists():
        if volume.read_only:
            raise PermissionError(f"{relative} is missing in a read-only volume")
        path.mkdir(parents=True, mode=0o750)
    return path
