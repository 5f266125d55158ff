"""A subject's process: started in milliseconds, its end and its words kept."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL
from typing import Any, Protocol

from ..environment.kube_host_place import HostPlace
from ..environment.place import Bind, Place
from ..environment.pod_place import PodPlace
from ..standin.forkserver import Child, ForkServer
from . import in_pod
from .child import HOME
from .locate import Subject
from .profile import Profile
from .sandbox import REPLACED
from .seen import SubjectSeen, seen_of

KEEP_LOG = 64 * 1024
KILLED_TIMEOUT_S = 10.0


class Running(Protocol):
    """One process that runs the job, or only sweeps."""

    def wait(self, timeout_s: float) -> SubjectSeen:
        """Wait for its end; after the time it is killed."""

    def signal(self, signum: int) -> None:
        """Send it a signal."""

    def kill(self) -> None:
        """End it at once, and wait until it is gone."""


class SubjectProcess:
    """One process on this machine."""

    def __init__(self, action: str, child: Child, result: Path, log: Path) -> None:
        self._action = action
        self._child = child
        self._result = result
        self._log = log

    def wait(self, timeout_s: float) -> SubjectSeen:
        """Wait for its end; after the time it is killed."""
        code = self._child.wait(timeout_s)
        if code is None:
            self._child.stop(grace_s=1.0)
        result = self._result.read_text() if self._result.exists() else ""
        log = _end_of(self._log).decode(errors="backslashreplace")
        return seen_of(self._action, code, result=result, log=log)

    def signal(self, signum: int) -> None:
        """Send it a signal."""
        self._child.signal(signum)

    def kill(self) -> None:
        """End it at once, and wait until it is gone."""
        self._child.signal(SIGKILL)
        self._child.wait(KILLED_TIMEOUT_S)  # nobody tells of it once the run is ended


@dataclass(frozen=True, kw_only=True, slots=True)
class Runner:
    """Starts processes of one subject."""

    subject: Subject
    forks: ForkServer
    sandboxed: bool

    def prepare(self, place: Place) -> None:
        """Begin what takes a while, before the rows are arranged."""
        if isinstance(place, PodPlace):
            in_pod.begin(self.subject, place)

    def start(
        self,
        action: str,
        place: Place,
        *,
        job: Mapping[str, str],
        settings: Mapping[str, str],
        directory: Path,
        number: int = 1,
    ) -> Running:
        """Start one.

        :param job: ``id``, ``type`` and ``backend``
        :param settings: Django settings of the scenario
        """
        if isinstance(place, PodPlace):
            return self._start_in_pod(action, place, job, settings, number)
        log = directory / f"subject-{number}.log"
        result = directory / f"subject-{number}.json"
        profile = self.subject.profile
        filled = _filler(place, job["backend"])
        environ = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "PGAPPNAME": f"subject-{number}",
            "HOME": HOME,
            **place.app.environ,
            **place.environ,
            **settings,
            **{name: filled(value) for name, value in profile.environ.items()},
        }
        home = directory / "home"
        home.mkdir(exist_ok=True)
        binds = [
            *place.binds,
            *_pod_mounts(self.subject.profile, place),
            Bind(source=str(home), target=HOME),
            Bind(source=place.app.environ["QFC_APP_STORAGE_DIR"], target=STORAGE),
            *code_binds(self.subject, [*sys.path, sys.prefix]),
        ]
        arguments = self._arguments(action, place, job)
        arguments |= {"result": str(result), "root": str(self.subject.root)}
        if self.sandboxed:
            environ |= _inside(environ, binds)
            root = directory / f"root-{number}"
            root.mkdir()
            arguments["sandbox_root"] = str(root)
        arguments["binds"] = [(one.source, one.target, one.read_only) for one in binds]
        child = self.forks.spawn(
            "harness.subject.child:main", arguments, environ=environ, log=log
        )
        return SubjectProcess(action, child, result, log)

    def _start_in_pod(
        self,
        action: str,
        place: PodPlace,
        job: Mapping[str, str],
        settings: Mapping[str, str],
        number: int,
    ) -> Running:
        filled = _filler(place, job["backend"])
        profile = self.subject.profile
        environ = {
            "PGAPPNAME": f"subject-{number}",
            **settings,
            **{name: filled(value) for name, value in profile.environ.items()},
        }
        arguments = self._arguments(action, place, job)
        return in_pod.start(
            action,
            place,
            arguments,
            environ,
            number=number,
            ending=lambda: self.forks.closed,
        )

    def _arguments(
        self, action: str, place: Place, job: Mapping[str, str]
    ) -> dict[str, Any]:
        """What `child.main` is told, wherever it runs."""
        filled = _filler(place, job["backend"])
        profile = self.subject.profile
        return {
            "action": action,
            "modules": list(self.subject.modules),
            "job_id": job["id"],
            "job_type": job["type"],
            "backend": job["backend"],
            "classes": dict(profile.classes),
            "sweep": profile.sweep,
            "settings": {
                name: filled(value) for name, value in profile.settings.items()
            },
            "sandbox_root": "",
            "binds": [],
        }


def _end_of(path: Path) -> bytes:
    """The last of a log, however long it is."""
    if not path.exists():
        return b""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - KEEP_LOG))
        return file.read(KEEP_LOG)


def code_binds(subject: Subject, search_path: Iterable[str]) -> Iterator[Bind]:
    """Python code that lies where the sandbox begins empty, shown where it is.

    A checkout below ``/tmp``, ``/mnt`` or ``/srv`` has to stay importable.
    """
    tops = {module.split(".", maxsplit=1)[0] for module in subject.modules}
    places = {Path(one) for one in search_path} | {subject.root}
    for place in sorted(places):
        if not place.is_absolute() or not place.exists():
            continue
        if len(place.parts) < 2 or place.parts[1] not in REPLACED:
            continue
        if len(place.parts) > 2:
            yield Bind(source=str(place), target=str(place), read_only=True)
            continue
        for top in sorted(tops):  # a module in /tmp itself: not the whole of /tmp
            for name in (top, f"{top}.py"):
                path = place / name
                if path.exists():
                    yield Bind(source=str(path), target=str(path), read_only=True)


def _pod_mounts(profile: Profile, place: Place) -> Iterator[Bind]:
    """What the wrapper's pod has mounted where its own code expects it."""
    if not isinstance(place, HostPlace):
        return
    if profile.io_mount_path:
        yield Bind(source=str(place.io_directory), target=profile.io_mount_path)
    for path in profile.node_directories:
        yield Bind(source=str(place.node_directory(path)), target=path)


STORAGE = "/run/qfc-harness/storage"
DATABASE = "/run/qfc-harness/postgres"


def _inside(environ: Mapping[str, str], binds: list[Bind]) -> dict[str, str]:
    """Variables that name places which are elsewhere in the sandbox."""
    changed = {"QFC_APP_STORAGE_DIR": STORAGE}
    if environ["POSTGRES_HOST"].startswith("/"):
        binds.append(Bind(source=environ["POSTGRES_HOST"], target=DATABASE))
        changed["POSTGRES_HOST"] = DATABASE
    return changed


def _filler(place: Place, backend: str):  # type: ignore[no-untyped-def]
    """Fills the harness's values into a profile's texts."""
    environ = place.environ
    values = {
        "image": environ["QFIELDCLOUD_QGIS_IMAGE_NAME"],
        "namespace": environ.get("QFIELDCLOUD_K8S_NAMESPACE", ""),
        "service_account": environ.get("QFIELDCLOUD_K8S_SERVICE_ACCOUNT", ""),
        "io_claim": environ.get("QFIELDCLOUD_K8S_IO_PVC", ""),
        "io_path": environ.get("QFIELDCLOUD_K8S_IO_MOUNT_PATH", ""),
        "grids_claim": environ.get("QFIELDCLOUD_K8S_TRANSFORMATION_GRIDS_PVC", ""),
        "backend": backend,
    }

    def fill(text: str) -> str:
        for name, value in values.items():
            text = text.replace("{" + name + "}", value)
        return text

    return fill
