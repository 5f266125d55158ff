"""One session of the harness for the cells that are put beside each other."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from judging import Judging, open_judging


@pytest.fixture(scope="session")
def judging() -> Iterator[Judging]:
    """In the simulator."""
    with open_judging() as opened:
        yield opened
