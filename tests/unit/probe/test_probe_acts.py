"""What a probe does when a script tells it to."""

import os
import signal
import stat
import time

import psutil
import pytest

from .conftest import Probe


def test_exit_code(probe: Probe) -> None:
    """It ends with the exit code that the script names."""
    assert probe.run(script={"exit_code": 3}).returncode == 3


@pytest.mark.parametrize("name", ["KILL", "SIGSEGV", 15])
def test_signal_really_ends_it(probe: Probe, name: str | int) -> None:
    """It is ended by the signal, not by an exit code that looks like it."""
    numbers = {"KILL": 9, "SIGSEGV": 11, 15: 15}
    assert probe.run(script={"signal": name}).returncode == -numbers[name]


def test_steps_give_the_order(probe: Probe) -> None:
    """With feedback first, the file is there while the probe still works."""
    probe.control.script = {"run_s": 30, "steps": ["feedback", "run_s"]}
    process = probe.start("package", "p", "q.qgs")
    wait_for(lambda: (probe.io / "feedback.json").exists())
    assert process.poll() is None
    process.kill()
    process.communicate()


def test_run_s_is_spent(probe: Probe) -> None:
    """It works for as long as the script says."""
    started = time.monotonic()
    probe.run(script={"run_s": 0.3})
    assert time.monotonic() - started >= 0.3


def test_ignored_sigterm(probe: Probe) -> None:
    """SIGTERM has no effect when it is to be ignored."""
    probe.control.script = {"ignore_sigterm": True, "run_s": 0.5}
    process = probe.start("package", "p", "q.qgs")
    wait_for(lambda: probe.control.reports)
    time.sleep(0.1)
    process.terminate()
    process.communicate()
    assert process.returncode == 0
    assert (probe.io / "feedback.json").exists()


def test_sigterm_with_exit_code(probe: Probe) -> None:
    """SIGTERM ends it after the delay with the exit code of the script."""
    on_sigterm = {"exit_code": 7, "after_s": 0.2}
    probe.control.script = {"on_sigterm": on_sigterm, "run_s": 30}
    process = probe.start("package", "p", "q.qgs")
    wait_for(lambda: probe.control.reports)
    time.sleep(0.1)
    started = time.monotonic()
    process.terminate()
    process.communicate()
    assert process.returncode == 7
    assert time.monotonic() - started >= 0.2


def test_memory_is_really_taken(probe: Probe) -> None:
    """The pages are resident, not only reserved."""
    probe.control.script = {"memory": {"bytes": 50_000_000, "hold_s": 30}}
    process = probe.start("package", "p", "q.qgs")
    rss = psutil.Process(process.pid).memory_info
    wait_for(lambda: rss().rss > 50_000_000)
    process.kill()
    process.communicate()


def test_memory_at_a_rate(probe: Probe) -> None:
    """A rate makes it grow slowly."""
    started = time.monotonic()
    probe.run(script={"memory": {"bytes": 3_000_000, "rate": 10_000_000}})
    assert time.monotonic() - started >= 0.3


def test_child_that_takes_memory_is_told(probe: Probe) -> None:
    """The end of the child is a line of the log, and the probe goes on."""
    memory = {"bytes": 1_000_000, "in_child": True}
    done = probe.run(script={"memory": memory, "exit_code": 4})
    assert b"the child that took memory ended with 0" in done.stderr
    assert done.returncode == 4


def test_children_outlive_it(probe: Probe) -> None:
    """They are there after its end, and hold its output open."""
    children = {"count": 2, "run_s": 30, "new_session": True}
    probe.control.script = {"children": children}
    process = probe.start("package", "p", "q.qgs")
    process.wait(timeout=10)
    left = [
        child
        for child in psutil.process_iter(["cmdline"])
        if str(probe.io) in (child_environ(child).get("QFC_SIMULATOR_MOUNTS") or "")
    ]
    assert len(left) == 2
    assert all(os.getsid(child.pid) == child.pid for child in left)
    for child in left:
        child.kill()
    process.communicate()


def test_log_of_odd_bytes(probe: Probe) -> None:
    """Lines, bytes that are not UTF-8, NUL and a long line come as told."""
    log = {"lines": ["grüezi"], "non_utf8": True, "nul": True, "long_line": 70_000}
    out = probe.run(script={"log": log}).stdout.split(b"\n")
    assert out[0] == "grüezi".encode()
    assert b"\xff\xfe" in out[1]
    assert b"\0" in out[2]
    assert len(out[3]) == 70_000


def test_log_of_both_streams(probe: Probe) -> None:
    """Lines take turns between stdout and stderr."""
    log = {"lines": ["1", "2", "3"], "stream": "both"}
    done = probe.run(script={"log": log})
    assert (done.stdout, done.stderr) == (b"1\n3\n", b"2\n")


def test_bulk_is_exact_and_fast(probe: Probe) -> None:
    """50 MB are written to the byte, in numbered lines, in a few seconds at most."""
    started = time.monotonic()
    out = probe.run(script={"log": {"bytes": 50_000_001}}).stdout
    assert len(out) == 50_000_001
    assert out.startswith(b"0" * 63 + b"\n" + b"0" * 62 + b"1\n")
    assert time.monotonic() - started < 10


def test_bulk_at_a_rate(probe: Probe) -> None:
    """A rate stretches the bulk over time."""
    started = time.monotonic()
    out = probe.run(script={"log": {"bytes": 3000, "rate": 10_000}}).stdout
    assert len(out) == 3000
    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize(
    ("job_type", "wanted", "start"),
    [
        ("process_projectfile", None, b"\x89PNG"),
        ("package", None, None),
        ("package", "ok", b"\x89PNG"),
        ("process_projectfile", "missing", None),
        ("process_projectfile", "not_png", b"this"),
    ],
)
def test_thumbnail(
    probe: Probe, job_type: str, wanted: str | None, start: bytes | None
) -> None:
    """The picture is left where the job has one, unless the script says otherwise."""
    probe.run(job_type, "p", "q", script={"thumbnail": wanted} if wanted else None)
    path = probe.io / "thumbnail.png"
    assert (path.read_bytes()[:4] if path.exists() else None) == start


def test_thumbnail_is_a_picture(probe: Probe) -> None:
    """A decoder takes it."""
    from PIL import Image

    probe.run("process_projectfile", "p", "q")
    with Image.open(probe.io / "thumbnail.png") as picture:
        picture.load()
        assert picture.size == (1, 1)


def test_files_are_left_with_modes(probe: Probe) -> None:
    """Content, size, mode and links are as wanted."""
    files = [
        {"path": "a/b.txt", "content": "x", "bytes": 9, "mode": "0400"},
        {"path": "link", "link_to": "/etc/passwd"},
    ]
    probe.run(script={"write_files": files})
    written = probe.io / "a" / "b.txt"
    assert written.read_bytes() == b"x" + b"\0" * 9
    assert stat.S_IMODE(written.stat().st_mode) == 0o400
    assert str((probe.io / "link").readlink()) == "/etc/passwd"


def test_signal_of_pid_1_becomes_an_exit_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where no signal ends it (pid 1), the exit code is what an engine would tell."""
    import probe_acts

    sent = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append(number))
    assert probe_acts.die_of(signal.SIGKILL) == 137
    assert sent == [signal.SIGKILL]


def wait_for(condition, timeout_s: float = 10) -> None:
    """Returns as soon as the condition holds."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.01)


def child_environ(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except psutil.Error:
        return {}
