"""Limits on memory and CPU: what the engine allows, and what it makes of them."""

import os
from typing import Any

from harness.simulator.docker_api.errors import InvalidError

_MIN_MEMORY = 6 * 2**20
_CFS_PERIOD_US = 100_000


def check(host: dict[str, Any]) -> None:
    """Raise InvalidError in the engine's words; fills in what follows from the rest."""
    if host["ShmSize"] < 0:
        raise InvalidError("SHM size can not be less than 0")
    host["ShmSize"] = host["ShmSize"] or 64 * 2**20
    if not -1000 <= host["OomScoreAdj"] <= 1000:
        raise InvalidError(
            f"Invalid value {host['OomScoreAdj']}, range for oom score adj is "
            "[-1000, 1000]"
        )
    _check_memory(host)
    _check_cpu(host)


def _check_memory(host: dict[str, Any]) -> None:
    memory, swap = host["Memory"], host["MemorySwap"]
    if memory != 0 and memory < _MIN_MEMORY:
        raise InvalidError("Minimum memory limit allowed is 6MB")
    if memory > 0 and 0 < swap < memory:
        raise InvalidError(
            "Minimum memoryswap limit should be larger than memory limit, see usage"
        )
    if memory == 0 and swap > 0:
        raise InvalidError(
            "You should always set the Memory limit when using Memoryswap limit, "
            "see usage"
        )
    swappiness = host["MemorySwappiness"]
    if swappiness is not None and not -1 <= swappiness <= 100:
        raise InvalidError(
            f"Invalid value: {swappiness}, valid memory swappiness range is 0-100"
        )
    reservation = host["MemoryReservation"]
    if 0 < reservation < _MIN_MEMORY:
        raise InvalidError("Minimum memory reservation allowed is 6MB")
    if 0 < memory < reservation:
        raise InvalidError(
            "Minimum memory limit can not be less than memory reservation limit, "
            "see usage"
        )
    if memory > 0 and swap == 0:
        host["MemorySwap"] = 2 * memory


def _check_cpu(host: dict[str, Any]) -> None:
    nano, period, quota = host["NanoCpus"], host["CpuPeriod"], host["CpuQuota"]
    if nano > 0 and period > 0:
        raise InvalidError(
            "Conflicting options: Nano CPUs and CPU Period cannot both be set"
        )
    if nano > 0 and quota > 0:
        raise InvalidError(
            "Conflicting options: Nano CPUs and CPU Quota cannot both be set"
        )
    count = os.cpu_count() or 1
    if nano < 0 or nano > count * 10**9:
        raise InvalidError(
            f"Range of CPUs is from 0.01 to {count}.00, as there are only {count} "
            "CPUs available"
        )
    if period != 0 and not 1000 <= period <= 1_000_000:
        raise InvalidError(
            "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s "
            "(i.e. 1000000)"
        )
    if 0 < quota < 1000:
        raise InvalidError("CPU cfs quota can not be less than 1ms (i.e. 1000)")


def cores(host: dict[str, Any]) -> float | None:
    """The cap in cores; None without one."""
    if host["NanoCpus"] > 0:
        return float(host["NanoCpus"] / 1e9)
    if host["CpuQuota"] > 0:
        return float(host["CpuQuota"] / (host["CpuPeriod"] or _CFS_PERIOD_US))
    return None
