"""Processes from the zygote: started in milliseconds, ended for sure."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness import resources
from harness.errors import HarnessFailure
from harness.standin.forkserver import Child, ForkServer

PLAYS = f"{__package__}.plays"


@pytest.fixture
def own_forks(tmp_path: Path) -> Iterator[ForkServer]:
    """A zygote that a test may end."""
    server = ForkServer(resources.fixture("qfieldcloud_app"), tmp_path / "forks.log")
    yield server
    server.close()


def _spawn(forks: ForkServer, log: Path, play: str, **more: Any) -> Child:
    environ = more.pop("environ", {})
    return forks.spawn(f"{PLAYS}:{play}", more, environ=environ, log=log)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where a child's words go."""
    return tmp_path / "child.log"


@pytest.mark.parametrize(
    ("play", "arguments", "code"),
    [
        ("say", {"words": "x"}, 0),
        ("leave", {"code": 3}, 3),
        ("answer", {"code": 4}, 4),
        ("fail", {}, 70),
    ],
)
def test_exit_codes_come_back(
    forks: ForkServer, log: Path, play: str, arguments: dict[str, Any], code: int
) -> None:
    """Of a return, an exit and an exception."""
    assert _spawn(forks, log, play, **arguments).wait(20) == code


def test_words_go_to_the_log(forks: ForkServer, log: Path) -> None:
    """Both streams."""
    _spawn(forks, log, "say", words="hello").wait(20)
    assert sorted(log.read_text().splitlines()) == ["hello", "hello (stderr)"]


def test_the_streams_can_be_apart(forks: ForkServer, tmp_path: Path) -> None:
    """stderr has a file of its own then."""
    out, err = tmp_path / "out", tmp_path / "err"
    child = forks.spawn(f"{PLAYS}:say", {"words": "x"}, environ={}, log=out, stderr=err)
    child.wait(20)
    assert (out.read_text(), err.read_text()) == ("x\n", "x (stderr)\n")


def test_a_traceback_is_in_the_log(forks: ForkServer, log: Path) -> None:
    """An exception can be explained afterwards."""
    _spawn(forks, log, "fail").wait(20)
    assert "RuntimeError: it failed on purpose" in log.read_text()


def test_a_call_that_is_not_there_is_an_exception(forks: ForkServer, log: Path) -> None:
    """Of the child, not of the zygote."""
    child = forks.spawn("no.such:thing", {}, environ={}, log=log)
    assert child.wait(20) == 70
    assert "ModuleNotFoundError" in log.read_text()


def test_the_environment_is_the_whole_of_it(
    forks: ForkServer, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the harness's own environment leaks into a subject."""
    monkeypatch.setenv("QFC_LEAK", "1")
    told = tmp_path / "environ"
    environ = {"A": "b", "NAME": "with\nline"}
    _spawn(forks, log, "write_environ", path=str(told), environ=environ).wait(20)
    assert told.read_text() == "A=b\nNAME=with\nline"


def test_waiting_has_an_end(forks: ForkServer, log: Path) -> None:
    """None: it still runs."""
    child = _spawn(forks, log, "sleep", seconds=60)
    assert child.wait(0.05) is None
    child.stop()
    assert child.exit_code == -signal.SIGTERM


def test_a_deaf_child_is_killed(forks: ForkServer, log: Path) -> None:
    """After the grace."""
    child = _spawn(forks, log, "be_deaf")
    _wait_until(lambda: log.exists() and "deaf" in log.read_text())
    child.stop(grace_s=0.1)
    assert child.exit_code == -signal.SIGKILL


def test_a_signal_after_the_end_does_nothing(forks: ForkServer, log: Path) -> None:
    """No other process may get it."""
    child = _spawn(forks, log, "say", words="x")
    child.wait(20)
    child.signal(signal.SIGKILL)
    child.stop()
    assert child.exit_code == 0


def test_what_a_child_leaves_running_is_ended(
    forks: ForkServer, log: Path, tmp_path: Path
) -> None:
    """A wrapper may start processes of its own."""
    note = tmp_path / "pid"
    _spawn(forks, log, "start_another", path=str(note), stay=False).wait(20)
    _wait_until_gone(int(note.read_text()))


def _wait_until(it_is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not it_is_so() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert it_is_so()


def _wait_until_gone(pid: int) -> None:
    _wait_until(lambda: not _runs(pid))


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_many_children_are_told_apart(forks: ForkServer, log: Path) -> None:
    """Each gets its own exit code."""
    children = [_spawn(forks, log, "answer", code=code) for code in range(20)]
    assert [child.wait(20) for child in children] == list(range(20))


def test_ended_children_are_forgotten(forks: ForkServer, log: Path) -> None:
    """Ten thousand jobs must not pile up."""
    known = len(forks._children)
    for _ in range(5):
        _spawn(forks, log, "say", words="x").wait(20)
    assert len(forks._children) <= known


def test_the_end_of_the_zygote_ends_everything(
    own_forks: ForkServer, log: Path, tmp_path: Path
) -> None:
    """Its children, and what these have started."""
    note = tmp_path / "pid"
    child = _spawn(own_forks, log, "start_another", path=str(note), stay=True)
    _wait_until(note.exists)
    own_forks.close()
    _wait_until_gone(child.pid)
    _wait_until_gone(int(note.read_text()))


def test_whoever_waits_goes_on_when_the_zygote_is_killed(
    own_forks: ForkServer, log: Path
) -> None:
    """A child of a dead zygote is dead too."""
    child = _spawn(own_forks, log, "sleep", seconds=60)
    psutil.Process(own_forks.pid).kill()
    assert child.wait(10) == -signal.SIGKILL
    _wait_until_gone(child.pid)
    with pytest.raises(HarnessFailure):
        _spawn(own_forks, log, "say", words="x")


def test_closing_twice_is_harmless(own_forks: ForkServer, log: Path) -> None:
    """An interruption closes it first, the session's end again."""
    own_forks.wait_until_ready()
    own_forks.close()
    own_forks.close()
    with pytest.raises(HarnessFailure, match="being ended"):
        _spawn(own_forks, log, "say", words="x")


def test_a_zygote_that_does_not_start_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last words are in the message."""
    standin = str(resources.fixture("qfieldcloud_app"))  # other tests may have it here
    monkeypatch.setattr(sys, "path", [one for one in sys.path if one != standin])
    server = ForkServer(tmp_path, tmp_path / "forks.log")  # no Django project there
    try:
        with pytest.raises(HarnessFailure, match="No module named 'qfieldcloud'"):
            server.wait_until_ready()
    finally:
        server.close()
