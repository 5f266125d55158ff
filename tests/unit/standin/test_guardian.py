"""The guardian ends and removes what a run leaves, and nothing else."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.standin import guardian


@contextmanager
def _sleeper(*, deaf: bool = False) -> Iterator["subprocess.Popen[str]"]:
    """A process that runs for a minute; a deaf one ignores SIGTERM."""
    words = "import signal, time; print(1, flush=True); time.sleep(60)"
    if deaf:
        words = words.replace("print", "signal.signal(15, signal.SIG_IGN); print")
    process = subprocess.Popen(
        [sys.executable, "-c", words], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _run(commands: str) -> None:
    subprocess.run(
        [sys.executable, "-I", "-S", guardian.__file__],
        input=commands,
        text=True,
        check=True,
        timeout=20,
    )


def test_processes_end_with_their_signal() -> None:
    """The one that was asked for."""
    with _sleeper() as process:
        _run(f"stop {process.pid} {int(signal.SIGTERM)}\n")
        assert process.wait(5) == -signal.SIGTERM


def test_a_deaf_process_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the common time."""
    monkeypatch.setattr(guardian, "PATIENCE_S", 0.1)
    with _sleeper(deaf=True) as process:
        guardian._end([guardian._Process(process.pid, signal.SIGTERM)])
        assert process.wait(5) == -signal.SIGKILL


def test_the_time_is_common(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three deaf processes don't take three times as long."""
    monkeypatch.setattr(guardian, "PATIENCE_S", 0.4)
    with _sleeper(deaf=True) as a, _sleeper(deaf=True) as b, _sleeper(deaf=True) as c:
        began = time.monotonic()
        guardian._end([guardian._Process(one.pid, signal.SIGTERM) for one in (a, b, c)])
        assert time.monotonic() - began < 1.0


def test_signal_0_lets_a_process_end_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is only killed when it doesn't."""
    monkeypatch.setattr(guardian, "PATIENCE_S", 0.1)
    with _sleeper() as process:
        guardian._end([guardian._Process(process.pid, 0)])
        assert process.wait(5) == -signal.SIGKILL


def test_another_process_of_that_id_is_left_alone() -> None:
    """Ids are given again; the time of birth tells them apart."""
    with _sleeper() as process:
        found = guardian._Process(process.pid, signal.SIGKILL)
        found._born = "1"
        guardian._end([found])
        assert process.poll() is None


def test_a_process_that_is_gone_is_no_trouble() -> None:
    """Most have ended when the guardian comes."""
    with _sleeper() as process:
        process.kill()
        process.wait()
        _run(f"stop {process.pid} 15\n")


def test_directories_are_removed(tmp_path: Path) -> None:
    """With all that is in them, also blanks in the name."""
    directory = tmp_path / "a b"
    (directory / "c").mkdir(parents=True)
    (directory / "c" / "d").write_text("x")
    _run(f"remove {directory}\nremove {tmp_path / 'never-was'}\n")
    assert not directory.exists()


def test_closed_folders_are_removed_too(tmp_path: Path) -> None:
    """A worker may leave folders that not even their owner may enter."""
    closed = tmp_path / "run" / "closed" / "inner"
    closed.mkdir(parents=True)
    (closed / "file").write_text("x")
    closed.chmod(0)
    closed.parent.chmod(0)
    _run(f"remove {tmp_path / 'run'}\n")
    assert not (tmp_path / "run").exists()


def test_links_are_not_followed(tmp_path: Path) -> None:
    """What a worker's link points at isn't the run's."""
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o755)
    (outside / "kept").write_text("x")
    inside = tmp_path / "run"
    inside.mkdir()
    (inside / "link").symlink_to(outside)
    _run(f"remove {inside}\n")
    assert not inside.exists()
    assert (outside / "kept").read_text() == "x"
    assert outside.stat().st_mode & 0o777 == 0o755


def _wait_until_deaf(pid: int) -> None:
    """Until it ignores SIGHUP: before, it isn't up yet."""
    bit = 1 << (signal.SIGHUP - 1)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        status = Path(f"/proc/{pid}/status").read_text()
        if int(status.partition("SigIgn:")[2].split()[0], 16) & bit:
            return
        time.sleep(0.01)
    raise AssertionError("it never ignored SIGHUP")


def test_nothing_is_done_as_long_as_the_run_lives(tmp_path: Path) -> None:
    """The open pipe is the sign of life; signals for the run are not for it."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", guardian.__file__],
        stdin=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(f"remove {tmp_path}\n")
    process.stdin.flush()
    _wait_until_deaf(process.pid)
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(process.pid, signum)
    time.sleep(0.1)
    assert process.poll() is None
    assert tmp_path.exists()
    process.communicate(timeout=10)
    assert not tmp_path.exists()
