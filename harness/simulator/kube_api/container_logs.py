"""Where the logs of containers are, by container id.

The kubelets put them here; the API server reads them.
"""

import itertools
from pathlib import Path

from harness.simulator.clock import Clock
from harness.simulator.runtime import ContainerLog


class ContainerLogs:
    """Every log that is still there: a log goes with its pod."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock
        self._numbers = itertools.count(1)
        self._logs: dict[str, ContainerLog] = {}

    def create(self, container_id: str) -> ContainerLog:
        """Return a new, empty log for a container."""
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._directory / f"{next(self._numbers)}.log"
        log = ContainerLog(path, self._clock)
        self._logs[container_id] = log
        return log

    def get(self, container_id: str) -> ContainerLog | None:
        """Return a container's log; None when it is gone."""
        return self._logs.get(container_id)

    def delete(self, container_id: str) -> None:
        """Remove a container's log, if it is there."""
        log = self._logs.pop(container_id, None)
        if log is not None:
            log.delete()
