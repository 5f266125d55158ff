"""Back-offs: what the real parts wait before they try again, and its fast form.

A lag is left out at the fast pace; a back-off can't be, or what fails would be tried
without end. It is a hundredth of its real length then.
"""

from harness.simulator.clock import Clock, Pace

_FAST_SHARE = 0.01


def scaled(clock: Clock, seconds: float) -> float:
    """Return how long a back-off of so many seconds takes at the clock's pace."""
    return seconds if clock.pace is Pace.REAL else seconds * _FAST_SHARE
