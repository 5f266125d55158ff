"""Logs as an environment gives them, and what is no log."""

import pytest

from harness.environment import logs
from harness.errors import EnvironmentMissing

WORDS = b"failed to create fsnotify watcher: too many open files"


@pytest.mark.parametrize(
    "log",
    [WORDS, b"begun\n" + WORDS + b"\n", b"no newline " + WORDS],
    ids=["nothing else", "after a line", "within one"],
)
def test_a_log_that_a_kubelet_could_not_follow_is_the_machines_fault(
    log: bytes,
) -> None:
    """With the limit, and how to raise it; no check may blame the wrapper."""
    with pytest.raises(EnvironmentMissing, match="could not follow") as raised:
        logs.check_followed(log, "kind-worker")
    assert "of kind-worker" in raised.value.message
    assert "fs.inotify.max_user_instances" in raised.value.hint


@pytest.mark.parametrize(
    "log",
    [
        b"",
        b"worked\n",
        WORDS + b"\nand went on\n",
        b"OSError: [Errno 24] too many open files\n",
    ],
    ids=["none", "a worker's", "a worker's that tells of it", "a worker's own trouble"],
)
def test_a_workers_words_are_its_own(log: bytes) -> None:
    """Those are judged as ever."""
    logs.check_followed(log)
