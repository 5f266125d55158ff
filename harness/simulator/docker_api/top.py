"""A container's processes as ``ps -ef`` lists them."""

import os
import time
from pathlib import Path
from typing import Any

TITLES = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]
_TICKS = os.sysconf("SC_CLK_TCK")


def top(pids: list[int]) -> dict[str, Any]:
    """What ``GET /containers/{id}/top`` answers; pids are this machine's."""
    rows = [row for row in map(_row, pids) if row is not None]
    return {"Processes": rows, "Titles": TITLES}


def _row(pid: int) -> list[str] | None:
    folder = Path("/proc", str(pid))
    try:
        command = (folder / "cmdline").read_bytes()
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        owner = folder.stat().st_uid
    except OSError:
        return None  # it has just ended
    parent, used = fields[1], int(fields[11]) + int(fields[12])
    since_boot = int(fields[19]) / _TICKS
    started = time.strftime("%H:%M", time.localtime(_boot_time() + since_boot))
    seconds = used // _TICKS
    spent = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    text = command.rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace")
    user = "root" if owner == os.getuid() else str(owner)
    return [user, str(pid), parent, "0", started, "?", spent, text]


def _boot_time() -> float:
    for line in Path("/proc/stat").read_text().splitlines():
        if line.startswith("btime "):
            return float(line.split()[1])
    return 0.0
