"""The limits, as the worker's cgroup showed them."""

from typing import Any

import pytest

from harness.expectations.finding import Verdict

from .well import MEMORY, failing, red, verdict, well

V1 = "/sys/fs/cgroup/cpu/cpu.shares"
V2 = "/sys/fs/cgroup/cpu.weight"


def limits(**told: Any) -> dict[str, Any]:
    """What the probe read of its cgroup."""
    return {"probe": {"limits": told}}


def memory(value: str) -> dict[str, Any]:
    """A memory limit."""
    return limits(memory={"file": "memory.max", "value": value})


@pytest.mark.parametrize(
    "value", ["max", "9223372036854771712", "1000000000", "1000", str(MEMORY * 2)]
)
def test_another_memory_limit_than_the_setting(value: str):
    """None, in the words of both versions; too little; too much."""
    assert red(well(**memory(value))) == ["worker.memory-limit"]


def test_a_limit_may_be_rounded_to_a_page():
    """The kernel does."""
    assert red(well(**memory(str(MEMORY - 4095)))) == []
    assert red(well(**memory(str(MEMORY - 4096)))) == ["worker.memory-limit"]


@pytest.mark.parametrize(
    ("file", "value", "good"),
    [
        (V1, "512", True),
        (V1, "1024", False),
        (V2, "20", True),  # as runtimes made it of 512 shares
        (V2, "59", True),  # and as they do since 2025
        (V2, "100", False),
        (V2, "1", False),
    ],
)
def test_the_weight_of_both_versions(file: str, value: str, good: bool):
    """Shares, or what runtimes make of them."""
    seen = well(**limits(cpu_weight={"file": file, "value": value}))
    assert red(seen) == ([] if good else ["worker.cpu-share"])


@pytest.mark.parametrize("value", ["50000 100000", "50000"])
def test_a_cap(value: str):
    """A quota, unless the operator asked for one."""
    told = limits(cpu_quota={"file": "cpu.max", "value": value})
    found = failing(well(**told))
    assert list(found) == ["worker.cpu-share"]
    assert found["worker.cpu-share"].actual == value
    assert red(well(**told, environ={"QFIELDCLOUD_K8S_CPU_LIMIT": "1"})) == []


@pytest.mark.parametrize("value", ["max 100000", "-1"])
def test_no_cap(value: str):
    """In the words of both versions."""
    told = limits(cpu_quota={"file": "cpu.max", "value": value})
    assert red(well(**told)) == []


@pytest.mark.parametrize(
    ("seen", "check"),
    [
        ({"capabilities": {"namespaces": False}}, "worker.memory-limit"),
        ({"capabilities": {"namespaces": False}}, "worker.cpu-share"),
        (limits(memory=None), "worker.memory-limit"),
        (limits(cpu_weight=None), "worker.cpu-share"),
    ],
)
def test_what_can_not_be_looked_at_is_not_proven(seen: dict[str, Any], check: str):
    """Another's cgroup, or none."""
    assert verdict(well(**seen), check) is Verdict.NOT_PROVEN
