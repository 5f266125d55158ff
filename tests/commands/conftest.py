"""A place in which a run may leave nothing, and the commands that are run in it."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

LEFT_S = 15.0
"""A killed run's guardian gives its processes so long to end."""

QUICK = """\
name: quick-one
description: A probe that ends at once.
tags: [quick]
job: {type: process_projectfile}
worker: {exit_code: 0}
expect: {status: finished}
"""
SLOW = """\
name: slow-one
description: A probe that works for longer than anybody waits.
tags: [slow]
given: {config: {WORKER_TIMEOUT_S: 300}}
job: {type: process_projectfile}
worker: {run_s: 200}
expect: {status: finished}
"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Two directories: the user's own, and the one that runs make theirs in."""

    here: Path
    temporary: Path
    begun: "list[subprocess.Popen[str]]" = field(default_factory=list)

    def write(self, name: str, text: str) -> str:
        """A file of the user's."""
        (self.here / name).write_text(text)
        return name

    def begin(self, *arguments: str, **environ: str) -> "subprocess.Popen[str]":
        """Start ``qfc-harness`` and don't wait for it."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        process = subprocess.Popen(
            [sys.executable, "-m", "harness", *arguments],
            cwd=self.here,
            env={**kept, "TMPDIR": str(self.temporary), "COLUMNS": "200", **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.begun.append(process)
        return process

    def run(self, *arguments: str, **environ: str) -> tuple[int, str, str]:
        """Run it: exit code, what it said, and what it said of errors."""
        process = self.begin(*arguments, **environ)
        out, errors = process.communicate(timeout=120)
        return process.returncode, out, errors

    def processes(self, word: str = "") -> list[str]:
        """The command lines that belong to a run of this place, and have a word."""
        found = []
        for process in psutil.process_iter():
            try:
                line = " ".join(process.cmdline())
                own = str(self.temporary) in line or (
                    process.environ().get("TMPDIR") == str(self.temporary)
                )
            except psutil.Error:
                continue  # it ended meanwhile, or is another user's
            if own and word in line:
                found.append(line)
        return found

    def left(self) -> list[str]:
        """What runs have left, after the time that the guardian may take."""
        deadline = time.monotonic() + LEFT_S
        while True:
            found = [*self.processes(), *map(str, self.temporary.iterdir())]
            if not found or time.monotonic() > deadline:
                return found
            time.sleep(0.1)

    def wait_for_worker(self, process: "subprocess.Popen[str]") -> None:
        """Until one runs, in the simulator's namespaces or without."""
        deadline = time.monotonic() + 60
        while not self.processes("entrypoint.py"):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline, self.processes()
            time.sleep(0.05)


@pytest.fixture
def place() -> Iterator[Place]:
    """A short path, for unix sockets lie below it; root's PostgreSQL is nobody's."""
    with tempfile.TemporaryDirectory(prefix="q") as directory:
        root = Path(directory)
        root.chmod(0o711)
        made = Place(here=root / "here", temporary=root / "tmp")
        made.here.mkdir()
        made.temporary.mkdir(mode=0o711)
        yield made
        for process in made.begun:  # a test that failed may have left it
            if process.poll() is None:
                process.kill()
                process.communicate()
