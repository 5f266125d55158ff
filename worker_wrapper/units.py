"""Memory and CPU settings, from Docker's units to exact numbers and to Kubernetes'.

QFieldCloud's settings are written for Docker: ``1000m`` is 1000 MiB there, and one byte
as a Kubernetes quantity. So they are converted to integers first, and written out again
in a form that only one reading has.
"""

import re
from fractions import Fraction

_DOCKER_BYTES = re.compile(r"(\d+(?:\.\d+)?)([bkmg]?)b?", re.IGNORECASE)
_DOCKER_FACTOR = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_KUBERNETES_BYTES = re.compile(r"\d+(?:\.\d+)?(?:[KMGTPE]i|[kMGTPE])", re.ASCII)
_MILLI_CPU = re.compile(r"(\d+)m", re.ASCII)
_CPU = re.compile(r"\d+(?:\.\d{1,3})?", re.ASCII)

DOCKER_MINIMUM_BYTES = 6 * 1024**2
"""The Docker Engine refuses a memory limit below this (moby daemon/daemon_unix.go)."""


def memory_bytes(value: str | int) -> int:
    """The bytes of a memory limit in Docker's units (``1000m``, ``1g``, ``1.5G``).

    :raises ValueError: it isn't one; the message gives the right spelling
    """
    text = str(value).strip()
    match = _DOCKER_BYTES.fullmatch(text)
    if match is None:
        if re.fullmatch(r"\d+(\.\d+)?[kmgKMG]i[bB]?", text):
            right = text.lower().rstrip("b").rstrip("i")
            raise ValueError(
                f"{text!r} is a Kubernetes quantity. Write {right!r}, as Docker does."
            )
        raise ValueError(
            f"{text!r} is not a memory size. Write a number and one of b, k, m, g, "
            "for example '1000m' (1000 MiB) or '2g'."
        )
    number, unit = match.groups()
    size = int(Fraction(number) * _DOCKER_FACTOR[unit.lower()])
    if size < DOCKER_MINIMUM_BYTES:
        raise ValueError(
            f"{text!r} is {size} bytes; the least that runs is 6m (6 MiB). "
            "Did you mean a larger unit, for example '1000m' for 1000 MiB?"
        )
    return size


def memory_quantity(size: int) -> str:
    """The Kubernetes quantity of so many bytes, exact: ``1000Mi``, ``1048577``."""
    for factor, unit in ((1024**3, "Gi"), (1024**2, "Mi"), (1024, "Ki")):
        if size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


def cpu_shares(value: str | int) -> int:
    """Docker's CPU weight, 2 to 262144 (cgroup v1 ``cpu.shares``; 1024 is the default).

    :raises ValueError: it isn't one
    """
    text = str(value).strip()
    if not re.fullmatch(r"\d+", text, re.ASCII) or not 2 <= int(text) <= 262144:
        raise ValueError(
            f"{text!r} is not a CPU weight. Write a whole number from 2 to 262144, "
            "for example 512 (half of Docker's default of 1024)."
        )
    return int(text)


def cpu_request(shares: int) -> str:
    """The Kubernetes CPU request that the kubelet turns back into this weight.

    The kubelet computes ``shares = milliCPU * 1024 / 1000``, rounded down, so this
    rounds up: 512 is ``500m``. 24 weights of each 1024 have no request of
    their own, and get the next one's.
    """
    return f"{-(-shares * 1000 // 1024)}m"


def cpu_quantity(value: str | int | float) -> str:
    """A CPU request or limit given as a Kubernetes quantity (``500m``, ``2``, ``1.5``).

    :raises ValueError: it isn't one
    """
    text = str(value).strip()
    if not (_MILLI_CPU.fullmatch(text) or _CPU.fullmatch(text)):
        raise ValueError(f"{text!r} is not an amount of CPU. Write '500m' or '1.5'.")
    return text


def milli_cpu(quantity: str) -> Fraction:
    """The thousandths of a CPU in what `cpu_quantity` takes."""
    if quantity.endswith("m"):
        return Fraction(quantity[:-1])
    return Fraction(quantity) * 1000


def kubernetes_memory(value: str) -> str:
    """A memory request given as a Kubernetes quantity with its unit (``500Mi``).

    :raises ValueError: it isn't one; a bare number and ``m`` are likely mistakes
    """
    text = str(value).strip()
    if not _KUBERNETES_BYTES.fullmatch(text):
        raise ValueError(
            f"{text!r} is not a Kubernetes memory quantity. Write for example '500Mi'."
        )
    return text
