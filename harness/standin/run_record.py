"""What stays of a run that was killed: a record by which its leavings are found.

A record is a locked file, of a line of JSON for the run and one for each environment in
which it makes something. The kernel lets go of the lock when the run's process and its
guardian have ended, however they did; a record that nobody holds is of a dead run.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import EnvironmentMissing
from ..settings import Settings

FOLDER = "runs"


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRecord:
    """A run that this machine knows of, and the open, locked file."""

    run_id: str
    directory: Path
    file: Path
    descriptor: int
    """Whoever has it open keeps the run alive."""
    places: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Where a dead run has made something: environments, and what they noted."""

    def note(self, environment: str, **where: str) -> None:
        """Note an environment before anything is made there."""
        line = json.dumps({"environment": environment, **where})
        with suppress(OSError):  # gc then looks for it where it always looks
            os.write(self.descriptor, f"{line}\n".encode())

    def forget(self) -> None:
        """There is nothing left of the run."""
        with suppress(OSError):
            self.file.unlink()
        self.release()

    def release(self) -> None:
        """Let go; the record stays for ``gc``."""
        with suppress(OSError):
            os.close(self.descriptor)


def begin(settings: Settings, run_id: str, directory: Path) -> RunRecord | None:
    """Note a run before it makes anything; None where there is no place for it.

    :param directory: the run's, which is removed with it
    """
    folder = _folder(settings)
    if folder is None:
        return None
    file, unfinished = folder / run_id, folder / f".{run_id}"
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        line = json.dumps({"directory": str(directory)})
        os.write(descriptor, f"{line}\n".encode())
        unfinished.rename(file)  # nobody ever sees it unlocked
    except OSError:
        return None  # a home that can't be written is no reason not to run
    return RunRecord(
        run_id=run_id, directory=directory, file=file, descriptor=descriptor
    )


def alive(settings: Settings) -> set[str]:
    """The ids of the runs that go on."""
    found = set()
    for file in _files(settings):
        record = _claim(file)
        if record is None:
            found.add(file.name)
        else:
            record.release()
    return found


@contextmanager
def dead(settings: Settings) -> Iterator[list[RunRecord]]:
    """The runs whose processes are gone; nobody else gets them meanwhile."""
    records = [
        record for file in _files(settings) if (record := _claim(file)) is not None
    ]
    try:
        yield records
    finally:
        for record in records:
            record.release()


def _claim(file: Path) -> RunRecord | None:
    """The record of a dead run; None if it goes on, or is gone."""
    try:
        descriptor = os.open(file, os.O_RDWR)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        first, *others = _lines(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, IndexError):
        os.close(descriptor)
        return None
    return RunRecord(
        run_id=file.name,
        directory=Path(first.get("directory", "")),
        file=file,
        descriptor=descriptor,
        places={one.pop("environment", ""): one for one in others},
    )


def _lines(text: str) -> list[dict[str, str]]:
    """What a record says; a last line that was cut by a kill says nothing."""
    lines = text.splitlines(keepends=True)
    return [json.loads(lines[0])] + [
        json.loads(line) for line in lines[1:] if line.endswith("\n")
    ]


def _files(settings: Settings) -> list[Path]:
    folder = _folder(settings)
    try:
        found = sorted(folder.iterdir()) if folder else []
    except OSError:
        return []
    return [file for file in found if not file.name.startswith(".")]


def _folder(settings: Settings) -> Path | None:
    return settings.state / FOLDER if settings.state else None


@contextmanager
def locked(file: Path, *, shared: bool = False, wait: bool = True) -> Iterator[None]:
    """Hold a file's lock, alone or with others who share it.

    :raises EnvironmentMissing: it can't be had
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        try:
            fcntl.flock(descriptor, how if wait else how | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise EnvironmentMissing(
                f"{file.parent} is in use by another run.",
                "Wait for its end, or interrupt it: `qfc-harness status` says which.",
            ) from error
        yield
    finally:
        os.close(descriptor)
