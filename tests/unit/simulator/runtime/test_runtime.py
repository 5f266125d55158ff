"""Tests of real containers: what programs see, and how they end."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from harness.simulator.runtime import Image, Mount, StartError, StartFailure

from .conftest import Open, alive


async def test_output_and_exit_code(containers: Open) -> None:
    """Both streams and the number are the program's."""
    async with containers() as c:
        ran = await c.sh("echo out; echo err >&2; exit 3")
    assert (ran.code, ran.out, ran.err) == (3, "out\n", "err\n")


@pytest.mark.parametrize("code", [0, 1, 126, 127, 137, 255])
async def test_any_exit_code(containers: Open, code: int) -> None:
    """No number has a meaning of its own here."""
    async with containers() as c:
        assert (await c.sh(f"exit {code}")).code == code


async def test_environment_is_only_what_was_given(containers: Open) -> None:
    """Nothing of the harness leaks; HOME follows from the user, as in runc."""
    os.environ["QFC_LEAK"] = "1"
    try:
        async with containers() as c:
            ran = await c.run("env", env={"PATH": "/usr/bin", "A": "b=c"})
    finally:
        del os.environ["QFC_LEAK"]
    assert sorted(ran.out.splitlines()) == ["A=b=c", "HOME=/root", "PATH=/usr/bin"]


async def test_given_home_and_pwd_are_kept(containers: Open) -> None:
    """They aren't overruled."""
    env = {"PATH": "/usr/bin", "HOME": "/h", "PWD": "/p"}
    async with containers() as c:
        ran = await c.run("env", env=env)
    assert sorted(ran.out.splitlines()) == ["HOME=/h", "PATH=/usr/bin", "PWD=/p"]


async def test_program_is_pid_1(containers: Open) -> None:
    """It has a PID namespace and a host name of its own, and no other processes."""
    async with containers() as c:
        ran = await c.sh(
            "echo $$; hostname; ls -d /proc/[0-9]* | wc -l", hostname="worker"
        )
    pid, hostname, processes = ran.out.split()
    assert (pid, hostname) == ("1", "worker")
    assert int(processes) <= 3  # sh, ls, wc


@pytest.mark.parametrize(
    ("user", "shown"), [("", "0 0"), ("1000", "1000 0"), ("33:100", "33 100")]
)
async def test_user(containers: Open, user: str, shown: str) -> None:
    """Root unless another one is asked for."""
    async with containers() as c:
        assert (await c.sh("echo $(id -u) $(id -g)", user=user)).out.strip() == shown


async def test_mounts(containers: Open, tmp_path: Path) -> None:
    """What is written to a mount is written here; read-only ones refuse."""
    (tmp_path / "io").mkdir()
    mounts = (
        Mount(source=tmp_path / "io", target="/io"),
        Mount(source=tmp_path / "io", target="/grids", read_only=True),
    )
    async with containers() as c:
        ran = await c.sh(
            "echo x >/io/made; cat /grids/made; echo y >/grids/z", mounts=mounts
        )
    assert (tmp_path / "io" / "made").read_text() == "x\n"
    assert ran.out == "x\n"
    assert "Read-only file system" in ran.err


async def test_home_of_this_machine_is_hidden(containers: Open, tmp_path: Path) -> None:
    """Nor can the test's own directory be seen."""
    async with containers() as c:
        ran = await c.sh(f"ls -A /home /run /var; test -e {tmp_path} && echo seen")
    assert "seen" not in ran.out
    assert ran.out.split() == ["/home:", "/run:", "/var:", "tmp"]


async def test_writable_places(containers: Open, tmp_path: Path) -> None:
    """/tmp, the home and the working directory; not the system, nor the image."""
    (tmp_path / "root" / "package").mkdir(parents=True)
    image = Image(name="x", root=tmp_path / "root", workdir="/usr/src/app")
    script = "touch /tmp/a ~/a /var/tmp/a ./a /a; touch /usr/bin/a package/a"
    async with containers() as c:
        ran = await c.sh(script, image=image, cwd="/usr/src/app")
    assert ran.err.count("Read-only file system") == 2
    assert list((tmp_path / "root").iterdir()) == [tmp_path / "root" / "package"]


async def test_python_of_the_image(containers: Open, tmp_path: Path) -> None:
    """``python3 entrypoint.py`` runs with the packages of this interpreter."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "entrypoint.py").write_text("import aiohttp, sys; print(sys.argv[1])\n")
    image = Image(name="x", root=root, workdir="/usr/src/app")
    async with containers() as c:
        ran = await c.run(
            "python3", "entrypoint.py", "hello", image=image, cwd="/usr/src/app"
        )
    assert (ran.code, ran.out) == (0, "hello\n"), ran.err


async def test_limits_can_be_read(containers: Open) -> None:
    """From the files of a version 2 cgroup, and the size of /dev/shm."""
    script = "cd /sys/fs/cgroup; cat memory.max cpu.weight cpu.max; df -k /dev/shm /s"
    async with containers() as c:
        ran = await c.sh(
            script,
            memory_limit=1048576000,
            cpu_weight=512,
            shm_size=32 * 2**20,
            tmpfs={"/s": 2**20},
        )
    lines = ran.out.splitlines()
    assert lines[:3] == ["1048576000", "20", "max 100000"]
    assert [line.split()[1] for line in lines[4:]] == ["32768", "1024"]


@pytest.mark.parametrize(
    ("argv", "kind"),
    [
        (("/nope",), StartFailure.NOT_FOUND),
        (("nope",), StartFailure.NOT_IN_PATH),
        (("/etc/passwd",), StartFailure.NOT_EXECUTABLE),
        (("/etc",), StartFailure.IS_DIRECTORY),
    ],
)
async def test_start_errors(
    containers: Open, argv: tuple[str, ...], kind: StartFailure
) -> None:
    """They are known before anything runs, and leave nothing."""
    async with containers() as c:
        with pytest.raises(StartError) as caught:
            await c.run(*argv)
        assert caught.value.kind is kind
        assert not c.runtime.processes


async def test_bad_working_directory(containers: Open) -> None:
    """A file can't be one; a missing directory is made."""
    async with containers() as c:
        with pytest.raises(StartError) as caught:
            await c.run("true", cwd="/etc/passwd")
        assert (await c.run("pwd", cwd="/made/here")).out == "/made/here\n"
    assert caught.value.kind is StartFailure.BAD_CWD


async def test_mount_without_a_place(containers: Open, tmp_path: Path) -> None:
    """Bubblewrap's own words are passed on where it can't make a container."""
    mounts = (
        Mount(source=tmp_path, target="/ro", read_only=True),
        Mount(source=tmp_path, target="/ro/not/there"),
    )
    async with containers() as c:
        with pytest.raises(StartError, match="Read-only file system") as caught:
            await c.run("true", mounts=mounts)
    assert caught.value.kind is StartFailure.BAD_MOUNT


async def test_kernel_refuses(containers: Open, tmp_path: Path) -> None:
    """The container runs, says so on stderr, and exits 1."""
    program = tmp_path / "program"
    program.write_text("#!/nope\n")
    program.chmod(0o755)
    mount = Mount(source=tmp_path, target="/s")
    async with containers() as c:
        ran = await c.run("/s/program", mounts=(mount,))
    assert (ran.code, ran.err) == (1, "exec /s/program: no such file or directory\n")


@pytest.mark.parametrize("argv", [("x" * 200_000,), ("true", "x" * 200_000)])
async def test_too_long_arguments(containers: Open, argv: tuple[str, ...]) -> None:
    """One string may have 128 KiB: more is a start error, not a crash."""
    async with containers() as c:
        with pytest.raises(StartError):
            await c.run(*argv)


async def test_signal_reaches_a_handler(containers: Open) -> None:
    """A program that handles SIGTERM ends as it likes."""
    trap = "trap 'echo got; exit 7' TERM; echo ready; while :; do sleep 0.01; done"
    async with containers() as c:
        process, log = await c.start("sh", "-c", trap)
        async for _ in log.read(follow=True):
            break
        process.signal(signal.SIGTERM)
        assert (await process.wait()).code == 7


async def test_signal_without_handler(containers: Open) -> None:
    """PID 1 ignores SIGTERM, but not SIGKILL."""
    async with containers() as c:
        process, _ = await c.start("sleep", "60")
        process.signal(signal.SIGTERM)
        await asyncio.sleep(0.1)
        assert process.running
        process.kill()
        assert (await process.wait()).code == 137
        process.signal(signal.SIGTERM)  # nobody is there any more


async def test_all_end_with_pid_1(containers: Open) -> None:
    """Also a daemon with a session of its own."""
    async with containers() as c:
        process, _ = await c.start("sh", "-c", "setsid sleep 61 & sleep 0.2; exit 5")
        await asyncio.sleep(0.1)
        pids = process.pids()
        assert len(pids) >= 2
        assert (await process.wait()).code == 5
    assert not [pid for pid in pids if alive(pid)]


async def test_many_may_wait(containers: Open) -> None:
    """Each is told the same; one that gives up disturbs nobody."""
    async with containers() as c:
        process, _ = await c.start("sh", "-c", "sleep 0.1; exit 2")
        impatient = asyncio.create_task(process.wait())
        await asyncio.sleep(0.01)
        impatient.cancel()
        first, second = await asyncio.gather(process.wait(), process.wait())
    assert first == second
    assert first.code == 2
    assert first.started_at_ns < first.finished_at_ns


async def test_log_is_complete_when_wait_returns(containers: Open) -> None:
    """Even a long one."""
    async with containers() as c:
        ran = await c.sh("seq 100000")
    assert ran.out.split()[-1] == "100000"
    assert len(ran.out.split()) == 100_000


async def test_close_leaves_nothing(containers: Open, tmp_path: Path) -> None:
    """Neither processes nor their files."""
    async with containers() as c:
        processes = [(await c.start("sleep", "60"))[0] for _ in range(3)]
    assert [p.exit.code for p in processes if p.exit] == [137] * 3
    assert [p.name for p in (tmp_path / "runtime").iterdir()] == ["host"]


async def test_many_at_once(containers: Open) -> None:
    """Thirty short programs side by side: each has its own end."""
    async with containers() as c:
        ran = await asyncio.gather(*(c.sh(f"exit {n}") for n in range(30)))
    assert [each.code for each in ran] == list(range(30))
