"""Tests of limits; the engine's texts are compared by the conformance tests."""

from typing import Any

import pytest

from harness.simulator.docker_api import fields, limits
from harness.simulator.docker_api.errors import InvalidError


def host(**given: Any) -> dict[str, Any]:
    """A HostConfig with all fields."""
    return fields.with_defaults(given, fields.HOST_CONFIG)


def test_swap_is_twice_the_memory() -> None:
    """Unless it was given."""
    checked = host(Memory=10 * 2**20)
    limits.check(checked)
    assert checked["MemorySwap"] == 20 * 2**20


def test_shm_size_has_a_default() -> None:
    """Zero means 64 MiB."""
    checked = host(ShmSize=0)
    limits.check(checked)
    assert checked["ShmSize"] == 64 * 2**20


@pytest.mark.parametrize(
    "given",
    [
        {"Memory": 6 * 2**20 - 1},
        {"Memory": -1},
        {"NanoCpus": -1},
        {"CpuPeriod": 999},
        {"CpuQuota": 999},
        {"NanoCpus": 10**9, "CpuPeriod": 1000},
        {"MemorySwappiness": 101},
        {"ShmSize": -1},
    ],
    ids=str,
)
def test_out_of_range(given: dict[str, Any]) -> None:
    """Refused at creation."""
    with pytest.raises(InvalidError):
        limits.check(host(**given))


@pytest.mark.parametrize(
    ("given", "cores"),
    [
        ({}, None),
        ({"NanoCpus": 1_500_000_000}, 1.5),
        ({"CpuQuota": 50_000}, 0.5),
        ({"CpuQuota": 50_000, "CpuPeriod": 25_000}, 2.0),
        ({"CpuShares": 512}, None),
    ],
    ids=str,
)
def test_cores(given: dict[str, Any], cores: float | None) -> None:
    """A weight is no cap."""
    assert limits.cores(host(**given)) == cores
