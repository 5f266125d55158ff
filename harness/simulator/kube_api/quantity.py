"""Resource quantities: `500m`, `1000Mi`, `1e3`, and their canonical spelling.

A quantity is exact. Values smaller than 1n are rounded up, as in apimachinery's
`pkg/api/resource`.
"""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

_SHAPE = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
_SPLIT = re.compile(_SHAPE.replace("$", r"\Z"))
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0} | {
    suffix: 3 * power for power, suffix in enumerate("kMGTPE", 1)
}
_DECIMAL_SUFFIX = {power: suffix for suffix, power in _DECIMAL.items()}
_BINARY_SUFFIX = {power: suffix for suffix, power in _BINARY.items()} | {0: ""}
_LARGEST = 2**63 - 1


class QuantityError(ValueError):
    """The text is no quantity; the message is the API server's own."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact amount and the notation it was written in."""

    amount: Fraction
    notation: str = "DecimalSI"

    def __add__(self, other: Quantity) -> Quantity:
        notation = self.notation if self.amount else other.notation
        return Quantity(self.amount + other.amount, notation)

    def __sub__(self, other: Quantity) -> Quantity:
        notation = self.notation if self.amount else other.notation
        return Quantity(self.amount - other.amount, notation)

    def __str__(self) -> str:
        return _canonical(self)

    def ceil(self) -> int:
        """Return whole units, rounded up (Go's `Value()`): bytes, pods."""
        return math.ceil(self.amount)

    def milli(self) -> int:
        """Return thousandths, rounded up (Go's `MilliValue()`): CPU."""
        return math.ceil(self.amount * 1000)


def parse(value: Any) -> Quantity:
    """Read a quantity from a JSON string or number."""
    return _parse(str(value))


@functools.lru_cache(maxsize=4096)
def _parse(text: str) -> Quantity:
    found = _SPLIT.match(text)
    if not found:
        raise QuantityError(f"quantities must match the regular expression '{_SHAPE}'")
    number, suffix = found.groups()
    if number.count(".") > 1 or not number.strip("+-."):
        raise QuantityError(f"quantities must match the regular expression '{_SHAPE}'")
    amount = Fraction(number if number[-1] != "." else number + "0")
    if suffix in _BINARY:
        notation, amount = "BinarySI", amount * 1024 ** _BINARY[suffix]
    elif suffix in _DECIMAL:
        notation, amount = "DecimalSI", amount * Fraction(10) ** _DECIMAL[suffix]
    elif re.fullmatch(r"[eE][-+]?[0-9]+", suffix):
        notation, amount = "DecimalExponent", amount * Fraction(10) ** int(suffix[1:])
    else:
        raise QuantityError("unable to parse quantity's suffix")
    nanos = amount * 10**9
    if nanos.denominator != 1:
        rounded = math.ceil(nanos) if nanos > 0 else math.floor(nanos)
        amount = Fraction(rounded, 10**9)
    if notation == "BinarySI":
        amount = min(amount, Fraction(_LARGEST))
    return Quantity(amount, notation)


def _canonical(quantity: Quantity) -> str:
    amount, notation = quantity.amount, quantity.notation
    if not amount:
        return "0"
    if notation == "BinarySI":
        whole = amount.denominator == 1
        if whole and not -1024 < amount < 1024:
            number, power = int(amount), 0
            while number % 1024 == 0 and power < max(_BINARY_SUFFIX):
                number, power = number // 1024, power + 1
            return f"{number}{_BINARY_SUFFIX[power]}"
        notation = "DecimalSI"
    power = -9
    number = int(amount * 10**9)
    while number % 1000 == 0 and power < 18:
        number, power = number // 1000, power + 3
    if notation == "DecimalExponent":
        return f"{number}e{power}" if power else str(number)
    return f"{number}{_DECIMAL_SUFFIX[power]}"
