"""The run's directory: made or refused at once, gone at the end."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import EnvironmentMissing
from harness.settings import Settings
from harness.standin import run_directory
from harness.standin.run_directory import open_run_directory


def _settings(temporary: Path, *, keep: bool = False) -> Settings:
    return Settings(temporary=temporary, cache=temporary, keep=keep)


def test_it_is_only_ours(short_tmp: Path) -> None:
    """Mode 0700, named after the run."""
    with open_run_directory(_settings(short_tmp)) as run:
        assert stat.S_IMODE(run.path.stat().st_mode) == 0o700
        assert run.path.name.startswith(f"qfc-harness-{run.run_id}-")
        assert run.path.parent == short_tmp


def test_it_is_gone_afterwards(short_tmp: Path) -> None:
    """With what lies beside it and was named."""
    beside = short_tmp / "beside"
    beside.mkdir()
    with open_run_directory(_settings(short_tmp)) as run:
        (run.path / "file").write_text("x")
        run.remove_at_end(beside)
    assert list(short_tmp.iterdir()) == []


def test_it_is_gone_after_an_error(short_tmp: Path) -> None:
    """Whatever went wrong."""
    with pytest.raises(RuntimeError), open_run_directory(_settings(short_tmp)):
        raise RuntimeError
    assert list(short_tmp.iterdir()) == []


def test_it_can_be_kept(short_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To look into it; its place is said."""
    with open_run_directory(_settings(short_tmp, keep=True)) as run:
        pass
    assert run.path.is_dir()
    assert str(run.path) in capsys.readouterr().err


def test_processes_end_with_the_run(short_tmp: Path) -> None:
    """Those that were named."""
    process = subprocess.Popen(["sleep", "60"])
    with open_run_directory(_settings(short_tmp)) as run:
        run.stop_at_end(process.pid, signal.SIGTERM)
    assert process.wait(5) == -signal.SIGTERM


def test_it_is_gone_when_the_run_is_killed(short_tmp: Path) -> None:
    """SIGKILL leaves no time to clear up; the guardian does."""
    program = (
        "import time\n"
        "from pathlib import Path\n"
        "from harness.settings import Settings\n"
        "from harness.standin.run_directory import open_run_directory\n"
        f"place = Path({str(short_tmp)!r})\n"
        "with open_run_directory(Settings(temporary=place, cache=place)):\n"
        "    print(1, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert len(list(short_tmp.iterdir())) == 1
        process.kill()
        process.wait()
    _wait_until_empty(short_tmp)


def _wait_until_empty(place: Path) -> None:
    import time

    deadline = time.monotonic() + 10
    while list(place.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list(place.iterdir()) == []


def test_a_missing_place_is_named(short_tmp: Path) -> None:
    """With TMPDIR, which sets it."""
    place = short_tmp / "nowhere"
    with (
        pytest.raises(EnvironmentMissing, match=f"{place}: No such file") as raised,
        open_run_directory(_settings(place)),
    ):
        pass
    assert "TMPDIR" in raised.value.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_can_not_be_written_is_named(short_tmp: Path) -> None:
    """With the system's own words."""
    short_tmp.chmod(0o500)
    with (
        pytest.raises(EnvironmentMissing, match="Permission denied"),
        open_run_directory(_settings(short_tmp)),
    ):
        pass


def test_too_little_room_is_said_before_anything_starts(
    short_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How much there is, and how much is needed."""
    usage = shutil.disk_usage(short_tmp)._replace(free=3 * 1024**2)
    monkeypatch.setattr(run_directory.shutil, "disk_usage", lambda _: usage)
    with (
        pytest.raises(EnvironmentMissing, match=r"3 MiB are free, a run needs 100"),
        open_run_directory(_settings(short_tmp)),
    ):
        pass
    assert list(short_tmp.iterdir()) == []


def test_too_long_a_path_is_said_before_anything_starts(short_tmp: Path) -> None:
    """A unix socket's name has room for 107 bytes."""
    place = short_tmp / ("x" * 80)
    place.mkdir()
    with (
        pytest.raises(EnvironmentMissing, match="path is too long") as raised,
        open_run_directory(_settings(place)),
    ):
        pass
    assert "TMPDIR" in raised.value.hint


def test_the_deepest_socket_has_room() -> None:
    """What the check allows for is what runs make."""
    longest = run_directory.LONGEST_SOCKET - len(run_directory._DEEPEST)
    for inside in ("/simulator/docker.sock", "/cell-99999/docker.sock"):
        made = f"{'x' * longest}/qfc-harness-{'0' * 8}-{'0' * 8}{inside}"
        assert len(made) <= run_directory.LONGEST_SOCKET
    made = f"{'x' * longest}/qfc-harness-{'0' * 8}-pg-{'0' * 8}/.s.PGSQL.5432"
    assert len(made) <= run_directory.LONGEST_SOCKET


def test_a_line_break_in_the_path_is_refused(short_tmp: Path) -> None:
    """The guardian is told one thing a line."""
    with (
        pytest.raises(EnvironmentMissing, match="line break"),
        open_run_directory(_settings(short_tmp / "a\nb")),
    ):
        pass
