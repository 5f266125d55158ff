"""A worker's log, read while it is written: a kubelet keeps only its last file.

At 10 MiB, by default, a kubelet begins a new file, and the API gives nothing but the
newest. What is read here goes on over the change. It may end seconds after its
container, so a log that wasn't rotated is better read again at the end.
"""

import logging
import threading
from collections.abc import Callable, Iterable

import urllib3

from . import logs
from .failures import WorkerFailed
from .kube_client import KubeError

logger = logging.getLogger(__name__)

LAST_WORDS_S = 8.0
"""A kubelet looks each 5 s whether a container whose log is followed still runs."""
MISSING = (
    "[QFC/Worker/1004] The kubelet began a new file of the log here; what was written "
    "before may be missing."
)
"""Between what was followed and what was there at the end."""
BROKEN = (KubeError, WorkerFailed, urllib3.exceptions.HTTPError, OSError)
"""What reading a log may raise."""


def best(read: logs.BoundedLog, why: object, followed: "FollowedLog | None") -> str:
    """The log as it was read at the end, or as it was followed if that has more.

    Both, with a line that says so, where each has what the other lacks: a kubelet ends
    what is followed with its file if the container has ended by then, though there is
    another file.

    :param why: what broke the reading; None if it came to the log's end
    """
    at_the_end = read.text() if why is None else unreadable(read, why)
    if followed is None:
        return at_the_end
    same_file = followed.begins_like(read)
    if same_file and followed.size <= read.size:
        return at_the_end
    text = followed.text()
    if same_file or followed.ends_like(read):
        return text
    return f"{text.rstrip()}\n{MISSING}\n{at_the_end}"


def unreadable(log: logs.BoundedLog, why: object) -> str:
    """What there is of a log, and that the rest is missing."""
    logger.warning("The worker's log can't be read: %s", why)
    return f"{log.text()}\n{logs.UNREADABLE}\n{why}".strip()


class FollowedLog:
    """Reads in a thread, from the log's beginning to its end."""

    def __init__(self, open_log: Callable[[], Iterable[bytes]], keep: int) -> None:
        self._open_log = open_log
        self._log = logs.BoundedLog(keep)
        self._lock = threading.Lock()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            for chunk in self._open_log():
                with self._lock:
                    self._log.write(chunk)
        except BROKEN as error:
            logger.info("The log can't be followed: %s", error)
            self._error = error
        except Exception as error:  # a stream that is cut raises what it likes
            logger.warning("The log can't be followed: %r", error)
            self._error = error

    @property
    def size(self) -> int:
        """How many bytes have come so far."""
        with self._lock:
            return self._log.size

    def begins_like(self, other: logs.BoundedLog) -> bool:
        """Whether both may be of one file: a rotated log begins anew."""
        with self._lock:
            return self._log.begins_like(other)

    def ends_like(self, other: logs.BoundedLog) -> bool:
        """Whether it has the end of another one."""
        with self._lock:
            return self._log.ends_like(other)

    def text(self, wait_s: float = LAST_WORDS_S) -> str:
        """What came up to the log's end, which is waited for; it says if none came."""
        self._thread.join(wait_s)
        with self._lock:
            text = self._log.text()
        if self._error is None and not self._thread.is_alive():
            return text
        why = self._error or "it has no end"
        return f"{text}\n{logs.UNREADABLE}\n{why}".strip()
