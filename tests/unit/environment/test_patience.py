"""Time-outs say which they are, and what was seen last."""

import pytest

from harness.environment import patience
from harness.environment.patience import Patience, TimedOut

SHORT = Patience(name="start", seconds=1.0, hint="Look at the events.")


class Time:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        """Seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Nobody waits for it."""
        self.now += seconds


def test_what_comes_in_time_is_given() -> None:
    """After some looks."""
    time = Time()
    answer = SHORT.wait(
        "the pod runs",
        lambda: ("running" if time.now > 0.5 else None, "pending"),
        clock=time.clock,
        sleep=time.sleep,
    )
    assert answer == "running"
    assert 0.5 < time.now < 0.7


def test_what_takes_too_long_is_said_with_what_was_seen_last() -> None:
    """Name, seconds, what for, the last look, and what to do; exit 3."""
    time = Time()
    looks = iter(range(100))
    with pytest.raises(TimedOut) as caught:
        SHORT.wait(
            "the pod runs",
            lambda: (None, f"look {next(looks)}"),
            clock=time.clock,
            sleep=time.sleep,
        )
    assert str(caught.value) == (
        "Time-out 'start' (1 s) passed: the pod runs. Last seen: look 20\n"
        "  Look at the events."
    )
    assert caught.value.exit_code == 3


def test_nothing_seen_is_said_too() -> None:
    """There may be nothing to say."""
    assert "Nothing was seen." in str(SHORT.passed("the pod runs"))


def test_each_has_a_name_of_its_own() -> None:
    """By which a message is told from the others."""
    all_of_them = [one for one in vars(patience).values() if isinstance(one, Patience)]
    names = [one.name for one in all_of_them]
    assert sorted(names) == sorted(set(names))
    assert {"cluster", "image", "schedule", "start", "run", "collect", "clean up"} <= {
        *names
    }
    assert all(one.hint and one.seconds > 0 for one in all_of_them)
