"""The directory of one run, and the guardian that removes it whatever happens."""

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import EnvironmentMissing
from ..settings import Settings
from . import guardian, run_record
from .run_record import RunRecord

PREFIX = "qfc-harness-"
LONGEST_SOCKET = 107
"""What sun_path of unix(7) has room for."""
_DEEPEST = f"/{PREFIX}{'0' * 8}-{'0' * 8}/cell-00000/docker.sock"
ROOM = 100 * 1024**2
"""Bytes that a run needs to begin: the database, and a few of its copies."""


class RunDirectory:
    """``<TMPDIR>/qfc-harness-<run id>-…``, mode 0700, and what is ended with it."""

    def __init__(
        self,
        run_id: str,
        path: Path,
        pipe: "subprocess.Popen[str]",
        record: RunRecord | None = None,
    ) -> None:
        self.run_id = run_id
        self.path = path
        self._guardian = pipe
        self._record = record
        self.outlived = False
        """Whether the run makes what a killed run leaves: that is then ``gc``'s."""
        self.left = False
        """Whether something of it could not be removed."""

    def outlives(self, environment: str, **where: str) -> None:
        """Note that the run will make something in an environment, and where that is.

        :param where: what ``gc`` needs to know to get there
        """
        self.outlived = True
        if self._record:
            self._record.note(environment, **where)

    def stop_at_end(self, pid: int, signum: int) -> None:
        """Have a process ended with the run.

        :param signum: what it is sent first; 0 for one that ends by itself
        """
        self._tell(f"stop {pid} {int(signum)}")

    def remove_at_end(self, path: Path) -> None:
        """Have a directory removed with the run."""
        self._tell(f"remove {path}")

    def _tell(self, command: str) -> None:
        assert self._guardian.stdin is not None
        self._guardian.stdin.write(f"{command}\n")
        self._guardian.stdin.flush()

    def close(self) -> None:
        """Let the guardian do its work, and wait for it."""
        assert self._guardian.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # somebody has killed it
            self._guardian.stdin.close()
        self._guardian.wait()


@contextmanager
def open_run_directory(settings: Settings) -> Iterator[RunDirectory]:
    """Make the run's directory; at the end everything of the run is gone.

    :raises EnvironmentMissing: the temporary directory can't be used
    """
    _check(settings.temporary)
    run_id = secrets.token_hex(4)
    path = settings.temporary / f"{PREFIX}{run_id}-{secrets.token_hex(4)}"
    record = run_record.begin(settings, run_id, path)
    pipe = subprocess.Popen(
        [sys.executable, "-I", "-S", guardian.__file__],
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={"PATH": os.defpath},
        pass_fds=[record.descriptor] if record else [],  # until it has cleared up
    )
    directory = RunDirectory(run_id, path, pipe, record)
    if settings.keep:
        print(f"kept: {path}", file=sys.stderr)  # noqa: T201 (asked for by a variable)
    else:
        directory.remove_at_end(path)  # before it is made: a kill may come between
    try:
        _make(path)
        yield directory
    except BaseException:
        directory.close()
        if record and directory.outlived:
            record.release()
        elif record:
            record.forget()
        raise
    directory.close()
    if record and directory.left:
        record.release()
    elif record:
        record.forget()


def _make(path: Path) -> None:
    try:
        path.mkdir(mode=0o700)
    except OSError as error:
        raise EnvironmentMissing(
            f"No directory can be made in {path.parent}: {error.strerror}.",
            "Make room there, or set TMPDIR to a directory that can be written.",
        ) from error


def _check(temporary: Path) -> None:
    """Find out now what would fail later, in worse words."""
    if len(os.fsencode(temporary)) > LONGEST_SOCKET - len(_DEEPEST):
        raise EnvironmentMissing(
            f"The temporary directory's path is too long: {temporary}. "
            f"A unix socket's has room for {LONGEST_SOCKET} bytes.",
            f"Set TMPDIR to one of at most {LONGEST_SOCKET - len(_DEEPEST)} bytes.",
        )
    if "\n" in str(temporary):
        raise EnvironmentMissing(
            f"The temporary directory has a line break in its name: {temporary}",
            "Set TMPDIR to another one.",
        )
    with contextlib.suppress(OSError):  # making the directory tells of it better
        free = shutil.disk_usage(temporary).free
        if free < ROOM:
            raise EnvironmentMissing(
                f"There is too little room in {temporary}: {free // 1024**2} MiB are "
                f"free, a run needs {ROOM // 1024**2}.",
                "Make room there, or set TMPDIR to a directory that has it.",
            )
