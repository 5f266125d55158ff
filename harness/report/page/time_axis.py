"""The moments of a cell as marks on lanes over one time axis."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..model import Moment

LANES = ("event", "wrapper", "api", "job", "pod", "worker", "row")
"""From cause to effect."""
LANE_HEIGHT = 22
_REFUSED = re.compile(r"(0|[45]\d\d)\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A moment's place, in percent of the axis."""

    x: float
    width: float
    lane: int
    bad: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeAxis:
    """All that a drawing needs; marks are in the order of the moments."""

    lanes: tuple[str, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, str], ...]
    """Place in percent, and label."""
    span_s: float
    lane_height: int = LANE_HEIGHT

    @property
    def height(self) -> int:
        """Of the lanes together, in pixels."""
        return LANE_HEIGHT * len(self.lanes)


def time_axis(moments: Sequence[Moment]) -> TimeAxis:
    """The drawing of some moments, at least one."""
    start = min(0.0, *(one.at_s for one in moments))
    end = max(one.at_s + one.seconds for one in moments)
    span = max(end - start, 0.001)
    present = {one.lane for one in moments}
    lanes = (
        *(lane for lane in LANES if lane in present),
        *sorted(present.difference(LANES)),
    )
    return TimeAxis(
        lanes=lanes,
        marks=tuple(
            Mark(
                x=round((one.at_s - start) / span * 100, 2),
                width=round(one.seconds / span * 100, 2),
                lane=lanes.index(one.lane),
                bad=one.lane == "api" and _REFUSED.match(one.detail) is not None,
            )
            for one in moments
        ),
        ticks=tuple(
            (round((at - start) / span * 100, 2), label)
            for at, label in _ticks(start, start + span)
        ),
        span_s=span,
    )


def _ticks(start: float, end: float) -> list[tuple[float, str]]:
    """Four to nine round times, in steps of 1, 2 or 5 times a power of ten."""
    exponent = -3
    while True:
        for factor in (1, 2, 5):
            step = factor * 10.0**exponent
            if (end - start) / step <= 8:
                digits = max(0, -exponent)
                first, last = int(-(-start // step)), int(end // step)
                return [
                    (number * step, f"{number * step:.{digits}f} s")
                    for number in range(first, last + 1)
                ]
        exponent += 1
