"""A worker's log as it comes: its facts, its numbered lines, its two ends."""

import re
from typing import Any

_LINE = re.compile(r"QFC-LINE (\d{7}) ")
KEPT = 16 * 1024


class Log:
    """Takes chunks of bytes; keeps little of them.

    :param most: after so many bytes the rest is only counted
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.size = 0
        self._rest = b""
        self._head: list[str] = []
        self._kept = 0
        self._tail: list[str] = []
        self._facts: list[str] = []
        self._first = 0
        self._last = 0
        self._count = 0
        self._gaps = 0

    def take(self, chunk: bytes) -> None:
        """The next piece."""
        self.size += len(chunk)
        if self.size > self._most:
            return
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._line(line.decode(errors="backslashreplace"))

    def _line(self, text: str) -> None:
        if text.startswith("QFC-FACT "):
            self._facts.append(text)
        numbered = _LINE.match(text)
        if numbered:
            number = int(numbered[1])
            self._first = self._first or number
            self._gaps += int(bool(self._last) and number != self._last + 1)
            self._last = number
            self._count += 1
        if self._kept < KEPT:
            self._kept += len(text) + 1
            self._head.append(text)
        else:
            self._tail.append(text)
            del self._tail[:-20]

    def as_json(self) -> dict[str, Any]:
        """What was seen of it."""
        if self._rest:
            self._line(self._rest.decode(errors="backslashreplace"))
            self._rest = b""
        head = "\n".join(self._head)
        tail = "\n".join(self._tail)
        return {
            "bytes": self.size,
            "head": head,
            "tail": f"\n…\n{tail}" if tail else "",
            "cut": max(0, self.size - len(head) - len(tail)),
            "facts": "\n".join(self._facts),
            "first": self._first,
            "last": self._last,
            "lines": self._count,
            "gaps": self._gaps,
        }
