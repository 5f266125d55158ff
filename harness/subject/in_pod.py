"""A subject's process in the wrapper's pod: its code goes in, its words come out."""

import io
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..environment.pod_objects import ExtraMounts
from ..environment.pod_place import PodPlace
from ..errors import UsageError
from .locate import Subject
from .seen import SubjectSeen, seen_of

POLL_S = 5.0
"""How long one question for the process's end waits."""
ANSWER_S = 20.0
LARGEST = 16 * 1024**2
"""Bytes of code; a wrapper has some tens of kilobytes."""


class PodProcess:
    """One process of the subject in the pod of its place."""

    def __init__(
        self, action: str, place: PodPlace, number: int, ending: Callable[[], bool]
    ) -> None:
        self._action = action
        self._ending = ending
        self._place = place
        self._agent = place.pod.agent
        self._number = str(number)

    def wait(self, timeout_s: float) -> SubjectSeen:
        """Wait for its end; after the time it is killed."""
        deadline = time.monotonic() + timeout_s
        told: dict[str, Any] = {"ended": False}
        while not told["ended"] and not self._ending():
            left = deadline - time.monotonic()
            if left <= 0:
                break
            told = self._ask(min(left, POLL_S))
        code = told.get("exit_code")
        if not told["ended"]:
            self.signal(9)
            told = self._ask(POLL_S)
        self._place.collect()
        return seen_of(
            self._action, code, result=told.get("result", ""), log=told.get("log", "")
        )

    def _ask(self, seconds: float) -> dict[str, Any]:
        answer: dict[str, Any] = self._agent.call(
            "GET",
            "wait",
            timeout_s=seconds + ANSWER_S,
            number=self._number,
            seconds=f"{seconds:.3f}",
        )
        return answer

    def signal(self, signum: int) -> None:
        """Send it a signal."""
        self._agent.call("POST", "signal", number=self._number, signum=str(int(signum)))

    def kill(self) -> None:
        """End it at once, and wait until it is gone."""
        self.signal(9)
        self._ask(POLL_S)


def begin(subject: Subject, place: PodPlace) -> None:
    """Have the pod made, with the mounts that the subject's profile asks for."""
    profile = subject.profile
    extra = ExtraMounts(
        io=profile.io_mount_path, node_directories=profile.node_directories
    )
    place.begin(archive(subject), extra)


def start(
    action: str,
    place: PodPlace,
    arguments: Mapping[str, Any],
    environ: Mapping[str, str],
    *,
    number: int,
    ending: Callable[[], bool],
) -> PodProcess:
    """Start a process; its environment is the container's, and this on top.

    :param ending: whether the run is being ended, so that nobody waits any more
    """
    environ = {**place.lacks, **environ}
    body = {"number": number, "arguments": arguments, "environ": environ}
    place.pod.agent.call("POST", "spawn", body=body)
    return PodProcess(action, place, number, ending)


def archive(subject: Subject) -> bytes:
    """The subject's code, and modules that lie beside it, as a tar archive.

    :raises UsageError: it is more than anybody writes
    """
    buffer, size = io.BytesIO(), 0
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
        for path in code_of(subject):
            tar.add(path, arcname=str(path.relative_to(subject.root)), recursive=False)
            size += path.stat().st_size
            if size > LARGEST:
                raise UsageError(
                    f"--subject {subject.name}: its folder holds more than "
                    f"{LARGEST // 1024**2} MiB, which is too much for a pod.",
                    "Name the package's own folder.",
                )
    return buffer.getvalue()


def code_of(subject: Subject) -> Iterator[Path]:
    """The files of the packages that are imported, and modules beside them."""
    tops = {module.split(".", maxsplit=1)[0] for module in subject.modules}
    yield from sorted(subject.root.glob("*.py"))
    for top in sorted(tops):
        for path in sorted((subject.root / top).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
