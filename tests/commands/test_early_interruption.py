"""Ctrl-C while the commands are still imported, which takes a second."""

import signal
import subprocess
import sys
import time

import pytest

SLOWLY = """
import sys, time
class Slow:
    def find_spec(*_):
        time.sleep(0.02)
sys.meta_path.insert(0, Slow())
"""


@pytest.mark.parametrize("after_s", [0.1, 0.2])
def test_an_early_interruption_is_quiet(after_s: float) -> None:
    """130, as later on, and no traceback of an import."""
    program = (
        SLOWLY + "from harness.__main__ import main; print('on', flush=True); main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(after_s)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
