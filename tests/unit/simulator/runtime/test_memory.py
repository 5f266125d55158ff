"""Tests of memory limits, with programs that break them."""

import time

from harness.simulator.runtime import OomScope

from .conftest import Open

MIB = 2**20


def eat(mib: int, then: str = "time.sleep(30)") -> str:
    """A Python program that takes some memory."""
    return f"import time; x = bytearray({mib} * 2**20); {then}"


async def test_limit_kills(containers: Open) -> None:
    """137, and it is said why; within a second."""
    before = time.monotonic()
    async with containers() as c:
        ran = await c.run("python3", "-c", eat(200), memory_limit=100 * MIB)
    assert (ran.code, ran.exit.oom_killed) == (137, True)
    assert time.monotonic() - before < 3


async def test_below_the_limit(containers: Open) -> None:
    """Nothing happens."""
    async with containers() as c:
        ran = await c.run(
            "python3", "-c", eat(60, "time.sleep(0.3)"), memory_limit=100 * MIB
        )
    assert (ran.code, ran.exit.oom_killed) == (0, False)


async def test_exit_137_is_no_proof(containers: Open) -> None:
    """A program may exit 137 by itself."""
    async with containers() as c:
        ran = await c.sh("exit 137", memory_limit=100 * MIB)
    assert (ran.code, ran.exit.oom_killed) == (137, False)


async def test_shared_pages_count_once(containers: Open) -> None:
    """A parent with three forked children has its memory once, not four times."""
    fork = "import os; [os.fork() for _ in range(2)]; time.sleep(0.4)"
    async with containers() as c:
        ran = await c.run("python3", "-c", eat(60, fork), memory_limit=120 * MIB)
    assert (ran.code, ran.exit.oom_killed) == (0, False)


async def test_children_count(containers: Open) -> None:
    """What two processes have together is over the limit."""
    one = f"python3 -c '{eat(80)}'"
    async with containers() as c:
        ran = await c.sh(f"{one} & {one}", memory_limit=120 * MIB)
    assert (ran.code, ran.exit.oom_killed) == (137, True)


async def test_shared_memory_files_count(containers: Open) -> None:
    """Files in /dev/shm are memory."""
    fill = "head -c 50M /dev/zero >/dev/shm/x; sleep 30"
    async with containers() as c:
        ran = await c.sh(fill, memory_limit=30 * MIB)
    assert (ran.code, ran.exit.oom_killed) == (137, True)


async def test_files_do_not_count(containers: Open) -> None:
    """/tmp is disk in a real container."""
    fill = "head -c 50M /dev/zero >/tmp/x; sleep 0.3"
    async with containers() as c:
        ran = await c.sh(fill, memory_limit=30 * MIB)
    assert (ran.code, ran.exit.oom_killed) == (0, False)


async def test_only_the_largest_process(containers: Open) -> None:
    """As Docker: PID 1 lives on, sees its child killed, and decides the code."""
    async with containers() as c:
        ran = await c.sh(
            f"python3 -c '{eat(200)}'; echo $?; exit 7",
            memory_limit=100 * MIB,
            oom_scope=OomScope.PROCESS,
        )
    assert (ran.code, ran.exit.oom_killed) == (7, True)
    assert ran.out == "137\n"


async def test_the_whole_container(containers: Open) -> None:
    """As Kubernetes on cgroup version 2: nobody lives on."""
    async with containers() as c:
        ran = await c.sh(
            f"python3 -c '{eat(200)}'; echo $?; exit 7", memory_limit=100 * MIB
        )
    assert (ran.code, ran.exit.oom_killed, ran.out) == (137, True, "")


async def test_each_kill_is_told(containers: Open) -> None:
    """Docker makes an event of it, before the end."""
    told: list[bool] = []
    async with containers() as c:
        process, _ = await c.start("python3", "-c", eat(200), memory_limit=100 * MIB)
        process.on_oom(lambda: told.append(process.running))
        await process.wait()
    assert told == [True]
