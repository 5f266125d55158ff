"""What constance says of every worker's limits: checked at start, not job by job."""

from collections.abc import Callable
from typing import Any

from . import units


def _seconds(value: Any) -> int:
    if not str(value).isdecimal() or int(value) < 1:
        raise ValueError(f"{value!r} is not a time. Write a number of seconds, as 600.")
    return int(value)


LIMITS: dict[str, Callable[[Any], int]] = {
    "WORKER_QGIS_MEMORY_LIMIT": units.memory_bytes,
    "WORKER_QGIS_CPU_SHARES": units.cpu_shares,
    "WORKER_TIMEOUT_S": _seconds,
}


def mistakes() -> list[str]:
    """A line for each value that can't be used, with the right spelling."""
    from constance import config

    lines = []
    for name, convert in LIMITS.items():
        try:
            convert(getattr(config, name))
        except ValueError as error:
            lines.append(f"{name}: {error}")
    return lines
