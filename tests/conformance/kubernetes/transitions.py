"""The states that an object goes through, as a watch shows them: each one once."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .space import Space


class Watching:
    """Events of a resource in a namespace, collected while a block runs."""

    def __init__(self, space: Space, plural: str) -> None:
        self._space = space
        self._plural = plural
        self.events: list[dict[str, Any]] = []
        self.stop = False

    def run(self, since: str) -> None:
        """Collect until `stop`, in watches short enough for a silent server."""
        while not self.stop:
            query = f"watch=1&resourceVersion={since}&timeoutSeconds=5"
            path = self._space.path(self._plural, query=query)
            with self._space.server.stream("GET", path) as answer:
                for line in answer:
                    event = json.loads(line)
                    since = event["object"]["metadata"]["resourceVersion"]
                    self.events.append(event)

    def wait(
        self, holds: Callable[[dict[str, Any]], Any], *, seconds: float = 90
    ) -> None:
        """Wait for an event."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if any(holds(event) for event in list(self.events)):
                return
            time.sleep(0.05)
        last = self.events[-1] if self.events else None
        raise AssertionError(
            f"{self._plural}: no such event in {seconds} s; last {last}"
        )

    def states(self, name: str, state: Callable[[Any], Any]) -> list[Any]:
        """The distinct states, in order, of objects whose name begins so."""
        found: list[Any] = []
        for event in self.events:
            obj = event["object"]
            if not obj["metadata"]["name"].startswith(name):
                continue
            seen = [event["type"], state(obj)]
            if not found or found[-1] != seen:
                found.append(seen)
        return found


@contextmanager
def watching(space: Space, plural: str) -> Iterator[Watching]:
    """Watch a resource for the time of the block."""
    since = space("GET", plural).body["metadata"]["resourceVersion"]
    watch = Watching(space, plural)
    thread = threading.Thread(target=watch.run, args=(since,), daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.stop = True
        thread.join()


def pod_state(pod: Any) -> dict[str, Any]:
    """What a wrapper may look at in a pod: no times, no ids."""
    status = pod["status"]
    meta = pod["metadata"]
    shown: dict[str, Any] = {
        "phase": status.get("phase"),
        "conditions": {
            c["type"]: [c["status"], c.get("reason"), c.get("message")]
            for c in status.get("conditions", ())
        },
        "containers": [
            _container(item)
            for kind in ("initContainerStatuses", "containerStatuses")
            for item in status.get(kind, ())
        ],
        "assigned": "nodeName" in pod["spec"],
        "address": "podIP" in status,
    }
    for key in ("reason", "message"):
        if key in status:
            shown[key] = status[key]
    if "deletionTimestamp" in meta:
        shown["grace"] = meta["deletionGracePeriodSeconds"]
    return {**shown, "tracked": bool(meta.get("finalizers"))}


def _container(item: Any) -> dict[str, Any]:
    def plain(state: Any) -> Any:
        kept = ("reason", "message", "exitCode", "signal")
        return {
            kind: {key: value[key] for key in kept if key in value}
            for kind, value in state.items()
        }

    return {
        "state": plain(item["state"]),
        "last": plain(item["lastState"]),
        "ready": item["ready"],
        "started": item.get("started"),
        "restarts": item["restartCount"],
        "id": "containerID" in item,
    }


def job_state(job: Any) -> dict[str, Any]:
    """A Job's status without times; uncounted pods by number."""
    status = dict(job["status"])
    uncounted = status.pop("uncountedTerminatedPods", None)
    shown = {
        key: status[key]
        for key in ("active", "ready", "terminating", "succeeded", "failed")
        if key in status
    }
    if uncounted is not None:
        shown["uncounted"] = {key: len(value) for key, value in uncounted.items()}
    shown["conditions"] = [
        [c["type"], c["status"], c.get("reason"), c.get("message")]
        for c in status.get("conditions", ())
    ]
    for key in ("startTime", "completionTime"):
        shown[key] = key in status
    if "deletionTimestamp" in job["metadata"]:
        shown["deleting"] = job["metadata"].get("finalizers", [])
    return shown
