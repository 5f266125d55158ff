"""Starts a simulator for the tests, as a user would: a process of its own."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .wire import Api


@contextlib.contextmanager
def running(directory: Path, *options: str) -> Iterator[dict[str, Any]]:
    """A simulator's ready line for the time of the block."""
    command = [sys.executable, "-m", "harness.simulator", "--dir", str(directory)]
    with subprocess.Popen(
        [*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=10)


def control(ready: dict[str, Any]) -> Api:
    """Its control API: ``control("PUT", "/_simulator/pace", {...})``."""
    kubernetes = ready["kubernetes"]
    token = kubernetes["admin_token"]
    return Api(
        kubernetes["url"],
        kubernetes["ca_file"],
        {"Authorization": f"Bearer {token}"},
    )
