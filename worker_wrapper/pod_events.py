"""What happens to a worker's pod, as a queue that a watch in a thread fills.

The watch is renewed as long as somebody listens: after the server's time-out, or when
it broke, from where it ended; after a 410 or another error of its own from a new list.
"""

import logging
import threading
import time
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

import urllib3

from .kube_client import EventStream, KubeClient, KubeError, WatchError

logger = logging.getLogger(__name__)

GONE = 410
LEAST_S = 1.0
"""Between two beginnings of a watch: a proxy may cut each one at once."""
LONGEST_S = 8.0
"""The same, where watch after watch brought nothing."""


@dataclass(frozen=True)
class Seen:
    """A pod as it is now, or as it was last before it was deleted."""

    pod: dict[str, Any]
    deleted: bool = False


class PodEvents:
    """The pods of a label selector, as long as it is open."""

    def __init__(self, client: KubeClient, label_selector: str) -> None:
        self._client = client
        self._selector = label_selector
        self._queue: SimpleQueue[Seen | Exception] = SimpleQueue()
        self._closed = threading.Event()
        self._stream: EventStream | None = None
        self._version = ""
        self._seen = 0
        self._known: dict[str, dict[str, Any]] = {}
        threading.Thread(target=self._run, daemon=True).start()

    def next(self, timeout_s: float) -> Seen | None:
        """The next change, or None when there was none in this time.

        :raises KubeError: the API refuses
        :raises WorkerFailed: it can't be reached
        """
        try:
            item = self._queue.get(timeout=timeout_s)
        except Empty:
            return None
        if isinstance(item, Exception):
            raise item
        return item

    def close(self) -> None:
        """Stop watching."""
        self._closed.set()
        if self._stream is not None:
            self._stream.close()

    def _run(self) -> None:
        pause = LEAST_S
        while not self._closed.is_set():
            began, had = time.monotonic(), self._seen
            try:
                self._watch_once()
            except WatchError as error:
                self._begin_anew(error)
            except KubeError as error:
                if error.status != GONE:
                    self._queue.put(error)
                    return
                self._begin_anew(error)
            except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                if not self._closed.is_set():
                    logger.info("The watch of %s broke: %s", self._selector, error)
            except Exception as error:
                # whatever it is: a watch that ended in silence would never be noticed
                self._queue.put(error)
                return
            lasted = time.monotonic() - began
            useful = self._seen > had or lasted > pause
            self._closed.wait((LEAST_S if useful else pause) - lasted)
            pause = LEAST_S if useful else min(2 * pause, LONGEST_S)

    def _begin_anew(self, error: Exception) -> None:
        logger.info("The watch of %s lost its place: %s", self._selector, error)
        self._version = ""

    def _watch_once(self) -> None:
        if self._known and not self._version:
            self._list_anew()
        self._stream = self._client.watch_pods(self._selector, self._version)
        if self._closed.is_set():
            self._stream.close()
        for event in self._stream:
            self._seen += 1
            pod = event["object"]
            self._version = pod["metadata"]["resourceVersion"]
            if event["type"] != "BOOKMARK":
                self._tell(pod, deleted=event["type"] == "DELETED")

    def _list_anew(self) -> None:
        pods, self._version = self._client.list_pods(self._selector)
        present = {pod["metadata"]["uid"]: pod for pod in pods}
        for uid, pod in list(self._known.items()):
            if uid not in present:
                self._tell(pod, deleted=True)
        for pod in pods:
            self._tell(pod)

    def _tell(self, pod: dict[str, Any], *, deleted: bool = False) -> None:
        uid = pod["metadata"]["uid"]
        if deleted:
            self._known.pop(uid, None)
        else:
            self._known[uid] = pod
        self._queue.put(Seen(pod, deleted))
