"""A tap, and a point of it before a scripted backend."""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.tap.faults import Fault
from harness.tap.journal import Call, Journal
from harness.tap.tap import Tap

from .backend import Script, backend


@dataclass
class Point:
    """Where clients connect, and what is noted."""

    path: Path
    journal: Journal
    came: list  # type: ignore[type-arg]

    def calls(self, count: int) -> list[Call]:
        """So many calls, when they have ended."""
        deadline = time.monotonic() + 10
        while len(self.journal.calls()) < count and time.monotonic() < deadline:
            time.sleep(0.005)
        assert len(self.journal.calls()) == count
        return self.journal.calls()


@pytest.fixture(scope="session")
def tap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tap]:
    """One for all tests: points of it are apart."""
    opened = Tap(tmp_path_factory.mktemp("tap"))
    yield opened
    opened.close()


@pytest.fixture
def point(tap: Tap, short_tmp: Path) -> Callable[..., AbstractContextManager[Point]]:
    """Makes a point before a backend that follows a script; more are its faults."""

    @contextlib.contextmanager
    def make(script: Script, *faults: Fault) -> Iterator[Point]:
        upstream, path = short_tmp / "backend", short_tmp / "tap"
        with (
            backend(upstream, script) as came,
            tap.on_socket(path, upstream, faults=faults) as journal,
        ):
            yield Point(path, journal, came)

    return make
