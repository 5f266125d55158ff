"""Tests of reading /proc."""

import os
import subprocess
from collections.abc import Iterator

import pytest

from harness.simulator.runtime import tree


@pytest.fixture
def family() -> Iterator[int]:
    """The pid of a shell with a child and a grandchild."""
    script = "sh -c 'sleep 60 & wait' & echo ready; wait"
    env = {"PATH": "/usr/bin:/bin", "QFC_TEST_MARK": "yes"}
    with subprocess.Popen(
        ["sh", "-c", script], stdout=subprocess.PIPE, env=env, start_new_session=True
    ) as shell:
        assert shell.stdout is not None
        shell.stdout.readline()
        while len(tree.descendants(shell.pid)) < 3:
            pass
        yield shell.pid
        os.killpg(shell.pid, 9)


def test_descendants(family: int) -> None:
    """The process comes first, then its children and theirs."""
    found = tree.descendants(family)
    assert found[0] == family
    assert len(found) == 3


def test_nobody() -> None:
    """A process that is gone has no family and no memory."""
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    assert tree.descendants(ended.pid) == []
    assert tree.resident(ended.pid).total == 0
    assert tree.proportional(ended.pid).total == 0


def test_marked(family: int) -> None:
    """Found by their environment, also when they have left the family."""
    found = tree.marked(b"QFC_TEST_MARK=yes")
    assert set(tree.descendants(family)) <= set(found)
    assert os.getpid() not in found


def test_memory_of_this_process() -> None:
    """Taking 50 MiB shows in both measures."""
    before = tree.resident(os.getpid()), tree.proportional(os.getpid())
    taken = bytearray(50 * 2**20)
    after = tree.resident(os.getpid()), tree.proportional(os.getpid())
    for first, second in zip(before, after, strict=True):
        assert 45 * 2**20 < second.total - first.total < 60 * 2**20
    del taken
