"""The journal of a validation: one line of JSON for each thing, written as it is seen.

``{"kind": …, "data": …}``, where data is a record of ``model``: first ``run`` (its id
and start) and the ``scope``; then ``phase`` (``{"name": …}``), ``evidence``,
``planned``, ``made``, ``gone``, ``result``, ``job``; last ``end`` with the whole
``Validation``. Where that line is missing, the validation was killed; the other lines
still say what it had seen, and what it left (``killed``).
"""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from ..errors import HarnessFailure
from . import model
from .model import Evidence, Kind, Made, Validation


class Journal:
    """Appends to a file; keeps in memory what the report needs.

    :param path: None to keep it in memory only
    :param mask: takes secret values out of each line
    """

    def __init__(
        self, path: Path | None, mask: Callable[[str], str] = lambda line: line
    ) -> None:
        self._mask = mask
        self._lock = threading.Lock()
        self._file: TextIO | None = None
        if path is not None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._file = path.open("w", encoding="utf-8")
                path.chmod(0o600)
            except OSError as error:
                raise HarnessFailure(
                    f"The journal can't be written: {error}",
                    "Name another --report-dir, a folder that can be made there.",
                ) from error
        self.evidence: dict[str, Evidence] = {}
        self.phase = ""
        self.counts: dict[str, dict[Kind, int]] = {}
        self.made: dict[str, Made] = {}
        self.written: list[Evidence] = []
        """Every call that was a write."""

    def enter(self, phase: str) -> None:
        """Begin a phase: calls are counted by it."""
        self.phase = phase
        self.counts.setdefault(phase, dict.fromkeys(Kind, 0))
        self.note("phase", {"name": phase})

    def note(self, kind: str, data: Any) -> None:
        """Write a line."""
        text = json.dumps(data) if isinstance(data, dict) else model.line(data)
        with self._lock:
            if self._file is not None and not self._file.closed:
                line = self._mask(text)
                self._file.write(f'{{"kind":{json.dumps(kind)},"data":{line}}}\n')
                self._file.flush()

    def saw(self, one: Evidence) -> None:
        """Keep a fact, and count the call."""
        with self._lock:
            self.evidence[one.id] = one
        self.called(one)
        self.note("evidence", one)

    def called(self, one: Evidence) -> None:
        """Count a call that is no evidence by itself: a poll, for example."""
        with self._lock:
            self.counts.setdefault(self.phase, dict.fromkeys(Kind, 0))[one.kind] += 1
            if one.kind is Kind.WRITE:
                self.written.append(one)

    def end(self, report: Validation) -> None:
        """Write the last line."""
        self.note("end", report)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
