"""Records of runs: by the kernel's locks it is known which go on."""

import contextlib
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.errors import EnvironmentMissing
from harness.settings import Settings
from harness.standin import run_record
from harness.standin.run_directory import open_run_directory

RUN = (
    "import sys, time\n"
    "from pathlib import Path\n"
    "from harness.settings import Settings\n"
    "from harness.standin.run_directory import open_run_directory\n"
    "place = Path(sys.argv[1])\n"
    "settings = Settings(temporary=place, cache=place, state=place / 'state')\n"
    "with open_run_directory(settings) as run:\n"
    "    run.outlived = True\n"
    "    print(run.run_id, flush=True)\n"
    "    time.sleep(60)\n"
)


def settings_in(place: Path) -> Settings:
    return Settings(temporary=place, cache=place, state=place / "state")


@contextmanager
def other_run(place: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """A run of another process: its id, and the process."""
    with subprocess.Popen(
        [sys.executable, "-c", RUN, str(place)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


def test_a_run_that_goes_on_is_alive(short_tmp: Path) -> None:
    """Seen from another process, which can't take it for dead."""
    settings = settings_in(short_tmp)
    with other_run(short_tmp) as (run_id, _):
        assert run_record.alive(settings) == {run_id}
        with run_record.dead(settings) as records:
            assert records == []


def test_a_run_that_was_killed_is_dead_when_its_guardian_is_done(
    short_tmp: Path,
) -> None:
    """SIGKILL; the guardian holds on until it has cleared up."""
    settings = settings_in(short_tmp)
    with other_run(short_tmp) as (run_id, process):
        process.send_signal(signal.SIGKILL)
        process.wait()
        _until_nothing_is_alive(settings)
        assert not list(short_tmp.glob("qfc-harness-*"))  # the guardian was there
        with run_record.dead(settings) as records:
            assert [record.run_id for record in records] == [run_id]
            records[0].forget()
        with run_record.dead(settings) as records:
            assert records == []


def _until_nothing_is_alive(settings: Settings) -> None:
    deadline = time.monotonic() + 20
    while run_record.alive(settings) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert run_record.alive(settings) == set()


def test_a_run_that_ended_leaves_no_record(short_tmp: Path) -> None:
    """In good order, or with an error that left nothing outside."""
    settings = settings_in(short_tmp)
    with open_run_directory(settings) as run:
        run.outlived = True
        assert run_record.alive(settings) == {run.run_id}
    with pytest.raises(RuntimeError), open_run_directory(settings):
        raise RuntimeError
    assert list((short_tmp / "state" / "runs").iterdir()) == []


def test_a_run_that_failed_and_made_real_things_is_left_for_gc(short_tmp: Path) -> None:
    """Whether it could remove them is not known."""
    settings = settings_in(short_tmp)
    with contextlib.suppress(RuntimeError), open_run_directory(settings) as run:
        run.outlived = True
        raise RuntimeError
    with run_record.dead(settings) as records:
        assert [record.run_id for record in records] == [run.run_id]


def test_where_a_dead_run_made_something_is_known(short_tmp: Path) -> None:
    """Each environment with what gc needs; a line that a kill cut says nothing."""
    settings = settings_in(short_tmp)
    with contextlib.suppress(RuntimeError), open_run_directory(settings) as run:
        run.outlives("docker_engine")
        run.outlives("kubeconfig", namespace="qfc", server="https://c")
        (file,) = (short_tmp / "state" / "runs").iterdir()
        with file.open("a") as more:
            more.write('{"environment": "kind_cl')
        raise RuntimeError
    with run_record.dead(settings) as records:
        (record,) = records
        assert record.directory == run.path
        assert record.places == {
            "docker_engine": {},
            "kubeconfig": {"namespace": "qfc", "server": "https://c"},
        }


def test_a_record_of_nothing_stops_nobody(short_tmp: Path) -> None:
    """An empty file, as a full disk leaves it."""
    settings = settings_in(short_tmp)
    folder = short_tmp / "state" / "runs"
    folder.mkdir(parents=True)
    (folder / "00000000").write_text("")
    with run_record.dead(settings) as records:
        assert records == []


def test_records_are_only_ours(short_tmp: Path) -> None:
    """Mode 0700 all the way."""
    with open_run_directory(settings_in(short_tmp)):
        for folder in ("state", "state/runs"):
            assert stat.S_IMODE((short_tmp / folder).stat().st_mode) == 0o700


def test_without_a_place_for_records_runs_go_on(short_tmp: Path) -> None:
    """A home that can't be written is no reason not to run."""
    file = short_tmp / "file"
    file.write_text("")
    settings = Settings(temporary=short_tmp, cache=short_tmp, state=file / "state")
    assert run_record.begin(settings, "0" * 8, short_tmp) is None
    with open_run_directory(settings) as run:
        assert run.path.is_dir()


def test_a_lock_that_others_hold_is_said(short_tmp: Path) -> None:
    """Several may share it; alone is alone."""
    file = short_tmp / "lock"
    with (
        run_record.locked(file, shared=True),
        run_record.locked(file, shared=True, wait=False),
        pytest.raises(EnvironmentMissing, match="in use by another run"),
        run_record.locked(file, wait=False),
    ):
        pass
    with run_record.locked(file, wait=False):
        pass
