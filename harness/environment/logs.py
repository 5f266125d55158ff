"""Keeps the head and the tail of a log that is followed while a worker runs."""

import re
import threading
from collections.abc import Iterable

from ..errors import EnvironmentMissing
from .seen import LogSeen

KEEP = 512 * 1024
_NOT_FOLLOWED = re.compile(
    rb"failed to create fsnotify watcher: too many open files\s*\Z"
)


class FollowedLog:
    """A log that a thread reads; what is kept stays bounded."""

    def __init__(self, chunks: Iterable[bytes], name: str) -> None:
        self._chunks = chunks
        self._head = bytearray()
        self._tail = bytearray()
        self._size = 0
        self._whole = False
        self._thread = threading.Thread(target=self._read, daemon=True, name=name)
        self._thread.start()

    def _read(self) -> None:
        try:
            for chunk in self._chunks:
                self._take(chunk)
            self._whole = True
        except Exception:  # the log went away with its container: `whole` says so
            return

    def _take(self, chunk: bytes) -> None:
        self._size += len(chunk)
        room = KEEP - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[max(room, 0) :]
        if len(self._tail) > 2 * KEEP:
            del self._tail[:-KEEP]

    def seen(self, timeout_s: float) -> LogSeen:
        """What there is, after waiting so long for its end."""
        self._thread.join(timeout_s)
        return LogSeen(
            size=self._size,
            head=bytes(self._head),
            tail=bytes(self._tail[-KEEP:]),
            whole=self._whole,
        )


def check_followed(log: bytes, node: str = "") -> None:
    """A kubelet that can't watch a log's file says so in the log, as if a worker had.

    :param log: its end is enough
    :raises EnvironmentMissing: this is such a log; a wrapper can't be judged by it
    """
    if _NOT_FOLLOWED.search(log):
        raise EnvironmentMissing(
            f"The kubelet{node and f' of {node}'} could not follow a worker's log: "
            "failed to create fsnotify watcher: too many open files.",
            "The node's machine has too few inotify instances: there, as root, sysctl "
            "fs.inotify.max_user_instances=512. Of kind's nodes that is this machine.",
        )


def of_bytes(content: bytes) -> LogSeen:
    """A log that was read whole in another way."""
    return LogSeen(size=len(content), head=content)


def without_frames(content: bytes) -> bytes:
    """What Docker's stream of frames carries: 1 byte stream, 3 zero, 4 length, data."""
    parts, place = [], 0
    while place + 8 <= len(content):
        length = int.from_bytes(content[place + 4 : place + 8], "big")
        parts.append(content[place + 8 : place + 8 + length])
        place += 8 + length
    return b"".join(parts)
