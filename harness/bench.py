"""How fast the harness is: each figure measured as a user would see it."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import psutil

from . import resources
from .errors import HarnessFailure

ONE_SCENARIO = "smoke/process-projectfile-trees.yaml"
QUICK_TAG = "quick"
CELLS = 100
SAMPLE_S = 0.5
WORKER_ENDS = ("die", "container terminated")
ROW_IS_FINAL = ("→ finished", "→ failed")


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One measured figure, and what it has to be."""

    name: str
    value: float
    unit: str
    budget: float | None
    detail: str = ""

    @property
    def ok(self) -> bool:
        """Whether it keeps the budget."""
        return self.budget is None or self.value <= self.budget


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """One run of ``qfc-harness run`` in a process of its own."""

    spawned: datetime
    seconds: float
    memory: int
    """Bytes; 0 where nobody looked."""
    report: Mapping[str, Any]

    @property
    def cells(self) -> list[dict[str, Any]]:
        """The report's cells."""
        cells: list[dict[str, Any]] = self.report["cells"]
        return cells

    @property
    def ready_s(self) -> float:
        """From the command to the beginning of its first cells."""
        began = datetime.fromisoformat(self.report["began"])
        return (began - self.spawned).total_seconds() + float(self.report["ready_s"])


def measure(times: int) -> list[Figure]:
    """All figures; takes about two minutes.

    :param times: how often a whole command is repeated
    """
    one = str(resources.scenarios() / ONE_SCENARIO)
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        first = command([one], place, cache=place / "empty-cache").seconds
        warm = [command([one], place).seconds for _ in range(times)]
        many = [str(resources.scenarios()), "-k", QUICK_TAG, "--cells", str(CELLS)]
        ran = command(many, place, watch_memory=True)
    cells = ran.cells
    return [
        Figure(
            name="one smoke scenario, both backends, new process",
            value=statistics.median(warm),
            unit="s",
            budget=5,
            detail=f"median of {times}; {min(warm):.2f} to {max(warm):.2f}",
        ),
        Figure(
            name="the very first run (no cache)", value=first, unit="s", budget=None
        ),
        Figure(
            name=f"{len(cells)} simulated cells",
            value=ran.seconds,
            unit="s",
            budget=60,
            detail=verdicts(cells),
        ),
        Figure(
            name="their memory (summed PSS, highest sample)",
            value=ran.memory / 1024**2,
            unit="MiB",
            budget=1024,
        ),
        *end_to_final(cells),
        *calls(cells),
    ]


def verdicts(cells: list[dict[str, Any]]) -> str:
    """How many cells have which verdict."""
    found = [cell["verdict"] for cell in cells]
    return ", ".join(f"{found.count(one)} {one}" for one in dict.fromkeys(found))


def end_to_final(cells: list[dict[str, Any]]) -> list[Figure]:
    """From the backend's report of the worker's end to the final row."""
    figures = []
    for backend in ("docker", "kubernetes"):
        taken = [_seconds(cell) for cell in cells if cell["backend"] == backend]
        seconds = [one for one in taken if one is not None]
        if seconds:
            figures.append(
                Figure(
                    name=f"worker's end seen → row final, {backend}",
                    value=statistics.median(seconds),
                    unit="s",
                    budget=0.25,
                    detail=f"median of {len(seconds)}; at most {max(seconds):.2f}",
                )
            )
    return figures


def _seconds(cell: Mapping[str, Any]) -> float | None:
    ends = [
        moment["at_s"]
        for moment in cell["timeline"]
        if moment["lane"] == "worker" and moment["what"] in WORKER_ENDS
    ]
    finals = [
        moment["at_s"]
        for moment in cell["timeline"]
        if moment["lane"] == "row" and moment["what"].endswith(ROW_IS_FINAL)
    ]
    return finals[-1] - ends[-1] if ends and finals else None


def calls(cells: list[dict[str, Any]]) -> list[Figure]:
    """How often a wrapper asks the API for one job."""
    asked = [
        sum(moment["lane"] == "api" for moment in cell["timeline"])
        for cell in cells
        if cell["backend"] == "kubernetes" and _seconds(cell) is not None
    ]
    if not asked:
        return []
    return [
        Figure(
            name="API requests of one Kubernetes job",
            value=statistics.median(asked),
            unit="",
            budget=8,
            detail=f"median of {len(asked)}; at most {max(asked)}",
        )
    ]


def command(
    arguments: list[str],
    place: Path,
    *,
    cache: Path | None = None,
    watch_memory: bool = False,
) -> Ran:
    """Run ``qfc-harness run``, and read its report.

    :raises HarnessFailure: it didn't come to its end
    """
    environ = dict(os.environ) | ({"QFC_HARNESS_CACHE": str(cache)} if cache else {})
    report = place / "report"
    spawned, began = datetime.now(timezone.utc), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "run", *arguments, f"--report-dir={report}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environ,
    )
    peak = _Peak(process.pid) if watch_memory else None
    _, errors = process.communicate()
    took = time.monotonic() - began
    if process.returncode not in (0, 1):
        raise HarnessFailure(f"The benchmark's run failed:\n{errors.decode()[-2000:]}")
    return Ran(
        spawned=spawned,
        seconds=took,
        memory=peak.stop() if peak else 0,
        report=json.loads((report / "report.json").read_text(encoding="utf-8")),
    )


class _Peak:
    """The highest sum of a process's and its descendants' proportional set sizes."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._highest = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_S):
            self._highest = max(self._highest, self._sum())

    def _sum(self) -> int:
        total = 0
        try:
            everyone = [self._process, *self._process.children(recursive=True)]
        except psutil.Error:
            return 0
        for process in everyone:
            try:
                total += process.memory_full_info().pss
            except psutil.Error:
                continue
        return total

    def stop(self) -> int:
        """The highest sum so far, in bytes."""
        self._over.set()
        self._thread.join()
        return self._highest
