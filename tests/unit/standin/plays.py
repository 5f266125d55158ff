"""What children of the zygote are told to do in tests."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def say(words: str) -> None:
    """To both streams."""
    sys.stdout.write(f"{words}\n")
    sys.stderr.write(f"{words} (stderr)\n")


def leave(code: int) -> None:
    """By sys.exit."""
    sys.exit(code)


def answer(code: int) -> int:
    """By the return value."""
    return code


def fail() -> None:
    """By an exception."""
    raise RuntimeError("it failed on purpose")


def sleep(seconds: float) -> None:
    """As long as that."""
    time.sleep(seconds)


def be_deaf() -> None:
    """SIGTERM does nothing."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.write(1, b"deaf\n")
    time.sleep(60)


def write_environ(path: str) -> None:
    """All variables, one a line."""
    lines = [f"{name}={value}" for name, value in sorted(os.environ.items())]
    Path(path).write_text("\n".join(lines))


def start_another(path: str, stay: bool) -> None:
    """Start a process that runs on, and note its id."""
    process = subprocess.Popen(["sleep", "60"])
    process.returncode = 0  # it is left on purpose
    Path(f"{path}.partial").write_text(str(process.pid))
    Path(f"{path}.partial").rename(path)
    if stay:
        time.sleep(60)
