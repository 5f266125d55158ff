"""Signals that end a run."""

import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator

import pytest

from harness.interruption import SIGNALS, interruptible


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = {one: signal.getsignal(one) for one in SIGNALS}
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


@pytest.mark.parametrize("signum", SIGNALS)
def test_each_signal_is_an_interruption(signum: signal.Signals) -> None:
    """Ctrl-C, kill, a closed terminal."""
    with pytest.raises(KeyboardInterrupt), interruptible():
        signal.raise_signal(signum)


def test_two_at_once_are_one() -> None:
    """The terminal's, and the one that a parent passes on."""
    with interruptible():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)


def test_the_handlers_before_come_back() -> None:
    """Whoever calls the harness keeps its own."""
    before = [signal.getsignal(one) for one in SIGNALS]
    with interruptible():
        assert [signal.getsignal(one) for one in SIGNALS] != before
    assert [signal.getsignal(one) for one in SIGNALS] == before


def test_an_ignored_signal_stays_ignored() -> None:
    """nohup means it."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with interruptible():
        signal.raise_signal(signal.SIGHUP)


def test_a_second_one_leaves_at_once() -> None:
    """Whoever insists isn't kept waiting by a clean-up that hangs."""
    program = textwrap.dedent(
        """
        import time
        from harness import interruption
        interruption.SAME_S = 0.1
        with interruption.interruptible():
            try:
                print("ready", flush=True)
                time.sleep(60)
            except KeyboardInterrupt:
                print("clearing up", flush=True)
                time.sleep(60)
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for words in ("ready", "clearing up"):
            assert process.stdout.readline().strip() == words
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
        assert process.wait(5) == 130
