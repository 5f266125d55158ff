"""However a run ends: nothing runs on and nothing lies about."""

import contextlib
import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import QUICK, SLOW, Place

MIB = 1024**2


@contextlib.contextmanager
def small_disk(place: Place, mebibytes: int) -> Iterator[None]:
    """The temporary directory on a file system of its own; root's alone to mount."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=0711", "tmpfs"]
    done = subprocess.run([*mount, str(place.temporary)], capture_output=True)
    if done.returncode:
        pytest.skip(f"no file system can be mounted: {done.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place.temporary)], check=True)


def report(place: Place) -> dict:
    """The report that was written."""
    path = place.here / ".qfc-harness/latest/report.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.namespaces
def test_an_interrupted_run_reports_what_it_has(place: Place):
    """Exit 130; what was done counts, what wasn't is said to be interrupted."""
    place.write("a.yaml", QUICK)
    place.write("b.yaml", SLOW)
    process = place.begin("run", "a.yaml", "b.yaml", "--backend", "docker", "-n", "1")
    assert process.stdout is not None
    first = process.stdout.readline()
    assert "passed quick-one-docker-simulated" in first
    place.wait_for_worker(process)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=30)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert "1 skipped, 1 passed" in out
    assert ", interrupted" in out
    content = report(place)
    assert content["interrupted"] is True
    assert {one["scenario"]: one["verdict"] for one in content["cells"]} == {
        "quick-one": "pass",
        "slow-one": "skipped",
    }
    assert (place.here / ".qfc-harness/latest/junit.xml").is_file()
    assert place.left() == []


@pytest.mark.namespaces
def test_a_killed_run_leaves_nothing(place: Place):
    """SIGKILL asks nobody: the guardian ends its processes, and its directory goes."""
    process = place.begin("run", place.write("slow.yaml", SLOW))
    place.wait_for_worker(process)
    assert list(place.temporary.iterdir())
    process.kill()
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    assert place.left() == []


def test_a_run_that_is_killed_while_it_starts(place: Place):
    """At any moment."""
    process = place.begin("run", place.write("slow.yaml", SLOW))
    while not list(place.temporary.iterdir()):
        assert process.poll() is None, process.communicate()
    process.kill()
    process.communicate(timeout=30)
    assert place.left() == []


def test_too_little_room_to_begin(place: Place):
    """Said at once, with how much it takes."""
    with small_disk(place, 50):
        code, _, errors = place.run("run", place.write("quick.yaml", QUICK))
        assert place.left() == []
    assert code == 3
    assert f"too little room in {place.temporary}" in errors
    assert "set TMPDIR" in errors


def test_a_disk_that_becomes_full(place: Place):
    """Cells that ran into it prove nothing: exit 4, and the disk is named."""
    place.write("slow.yaml", SLOW.replace("200", "3"))
    with small_disk(place, 200):
        process = place.begin("run", "slow.yaml", "--backend", "docker")
        place.wait_for_worker(process)
        filled = place.temporary / "filled"
        _fill(filled)
        out, errors = process.communicate(timeout=120)
        filled.unlink()
        assert place.left() == []
    assert process.returncode == 4, out + errors
    assert f"There is no room left in {place.temporary}" in out
    assert "set TMPDIR" in out
    assert "Traceback" not in out + errors


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * MIB)
