"""Kubernetes quantities as numbers (apimachinery ``resource.Quantity``)."""

import math
import re
from fractions import Fraction

_SUFFIX = {
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 1000),
    "": Fraction(1),
    "k": Fraction(1000),
    **{unit: Fraction(1000) ** n for n, unit in enumerate("MGTPE", 2)},
    **{f"{unit}i": Fraction(1024) ** n for n, unit in enumerate("KMGTPE", 1)},
}
_QUANTITY = re.compile(r"([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)([a-zA-Z]*)")
_EXPONENT = re.compile(r"([+-]?[\d.]+)[eE]([+-]?\d+)")


def number(text: str | int | float) -> Fraction:
    """The exact value of a quantity.

    :raises ValueError: it isn't one
    """
    whole = str(text)
    if match := _EXPONENT.fullmatch(whole):
        return Fraction(match[1]) * Fraction(10) ** int(match[2])
    match = _QUANTITY.fullmatch(whole)
    if match is None or match[2] not in _SUFFIX:
        raise ValueError(f"{whole!r} is not a Kubernetes quantity")
    return Fraction(match[1]) * _SUFFIX[match[2]]


def whole_bytes(text: str | int) -> int:
    """Memory in bytes; a fraction is rounded up, as Kubernetes does."""
    return math.ceil(number(text))


def shares(cpu_request: str | int) -> int:
    """The cgroup v1 shares that the kubelet makes of a CPU request, at least 2."""
    milli = math.ceil(number(cpu_request) * 1000)
    return max(2, milli * 1024 // 1000)
