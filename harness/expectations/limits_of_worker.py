"""The limits that the worker really got, as its cgroup told the probe."""

import math
import re
from collections.abc import Iterator

from ..replay.observation import Observation
from .finding import Result, cannot_look, check
from .given_to_worker import expected_memory, expected_shares
from .seen_by_worker import report_of

NO_LIMIT = 2**60
"""cgroup v1 has a huge number where there is no limit."""
OTHERS_CGROUP = (
    "Workers run without namespaces here, so the cgroup that one sees is not its own."
)


@check(
    "worker.memory-limit",
    "The memory limit inside the container is the setting.",
    why="Too low, and good jobs are killed; none, and one job takes the host down.",
    fix="Compare the limit that the wrapper asked for with the node's cgroup.",
)
def memory_limit(seen: Observation) -> Iterator[Result]:
    """The cgroup's limit, in bytes."""
    report = report_of(seen)
    wanted = expected_memory(seen)
    if report is None or wanted is None:
        return
    if not seen.capabilities.namespaces:
        yield cannot_look(OTHERS_CGROUP, "cgroup")
        return
    told = report["limits"]["memory"]
    if told is None:
        yield cannot_look("No cgroup file shows a memory limit.", "cgroup")
        return
    value = str(told["value"]).strip()
    limit = int(value) if value.isdecimal() and int(value) < NO_LIMIT else None
    page = 4096
    yield Result(
        ok=limit is not None and abs(limit - wanted) < page,
        expected=f"{wanted} bytes",
        actual="no limit" if limit is None else f"{limit} bytes",
        where=told["file"],
    )


@check(
    "worker.cpu-share",
    "The CPU weight inside the container is the setting, and there is no cap.",
    why="With another weight or a cap, jobs take longer than on Docker.",
    fix="Compare the request that the wrapper made with the node's cgroup.",
)
def cpu_share(seen: Observation) -> Iterator[Result]:
    """cpu.shares or cpu.weight; cpu.cfs_quota_us or cpu.max."""
    report = report_of(seen)
    if report is None:
        return
    if not seen.capabilities.namespaces:
        yield cannot_look(OTHERS_CGROUP, "cgroup")
        return
    weight, quota = report["limits"]["cpu_weight"], report["limits"]["cpu_quota"]
    if weight is None:
        yield cannot_look("No cgroup file shows a CPU weight.", "cgroup")
        return
    shares = expected_shares(seen)
    in_v2 = "weight" in weight["file"].rsplit("/", 1)[-1]
    wanted = _weights(shares) if in_v2 else (shares,)
    value = int(weight["value"])
    yield Result(
        ok=any(abs(value - one) <= 1 for one in wanted),
        expected=" or ".join(map(str, wanted)),
        actual=str(value),
        where=weight["file"],
    )
    if quota is not None and "QFIELDCLOUD_K8S_CPU_LIMIT" not in seen.environ:
        free = re.match(r"(max\b|-1\b)", str(quota["value"]).strip())
        yield Result(
            ok=free is not None,
            expected="no cap",
            actual=str(quota["value"]).strip(),
            where=quota["file"],
        )


def _weights(shares: int) -> tuple[int, int]:
    """The weights of cgroup v2 that runtimes make of shares: of old, and since 2025.

    The newer one has 1024 shares, which is the default, as 100, which is too.
    """
    power = math.log2(shares)
    newer = math.ceil(10 ** ((power**2 + 125 * power) / 612 - 7 / 34))
    return 1 + (shares - 2) * 9999 // 262142, newer
