"""What is to be run for a job, and how it ended: the records shared by all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from . import failures
from .failures import Failure

CONTAINER_NAME = "qgis"
IO_TARGET = "/io"
GRIDS_TARGET = "/transformation_grids"
MANAGED_LABEL = "app.kubernetes.io/managed-by"
LOCK_LABEL = "qfieldcloud-worker-wrapper/lock"
"""On a worker whose wrapper holds the job's lock as long as it lives (`ownership`)."""


@dataclass(frozen=True)
class RunSpec:
    """One worker to be run; independent of the backend."""

    job_id: str
    project_id: str
    job_type: str
    environment: str
    image: str
    args: tuple[str, ...]
    env: Mapping[str, str]
    secret_env: Mapping[str, str] = field(repr=False)
    """Values nobody but the worker may read: the token, the project's secrets."""
    io_directory: Path
    """The job's directory as the wrapper sees it; ``/io`` for the worker."""
    memory_bytes: int
    cpu_shares: int
    timeout_s: int
    debug_port: int | None = None
    has_lock: bool = False
    elapsed_s: float = 0.0
    """How much of its time had passed when it was taken over from another wrapper."""

    @property
    def labels(self) -> dict[str, str]:
        """The labels by which QFieldCloud knows a worker, and what we note besides."""
        lock = {LOCK_LABEL: "advisory"} if self.has_lock else {}
        return {
            **lock,
            "app": f"{self.environment}_worker",
            "type": self.job_type,
            "job_id": self.job_id,
            "project_id": self.project_id,
        }


@dataclass(frozen=True)
class Worker:
    """A worker that exists on a backend."""

    job_id: str
    name: str
    container_id: str
    """The container's id, or the Kubernetes Job's UID."""
    has_lock: bool = False
    """Whether a free lock means that its wrapper is gone. Other wrappers hold none."""


@dataclass(frozen=True)
class Ended:
    """How a worker ended."""

    exit_code: int | None
    """As the backend told it; -1 after a time-out, None if there never was one."""
    output: str
    failure: Failure | None = None


def timed_out(output: str, timeout_s: int) -> Ended:
    """The end of a worker that ran too long; the output's last line says how long."""
    return Ended(
        -1,
        f"{output}\n[QFC/Worker/1002] Worker timed out after {timeout_s} seconds.\n",
        Failure(failures.TIMEOUT, "Worker timeout error."),
    )


class Backend(Protocol):
    """Who runs the worker: the Docker Engine or Kubernetes."""

    sweep_interval_s: float
    """The least time between two looks for orphaned workers."""

    def make_io_directory(self, job_id: str) -> Path:
        """An empty directory that the worker will see as ``/io``."""

    def start(self, spec: RunSpec, created: Callable[[Worker], None]) -> Worker:
        """Start the worker, or find the one that an earlier try started.

        :param created: called as soon as there is something to remove, before it runs
        """

    def attend(
        self, worker: Worker, spec: RunSpec, is_wanted: Callable[[], bool]
    ) -> Ended:
        """Wait for the worker's end and read its log; it is not removed.

        :param is_wanted: asked every few seconds; the worker is given up when false
        """

    def directory_of(self, worker: Worker) -> Path | None:
        """What another wrapper's worker has as ``/io``; None where it never ran."""

    def directories(self) -> list[tuple[str, Path]]:
        """The directories that are there, with the ids of their jobs."""

    def resume(self, worker: Worker, spec: RunSpec) -> None:
        """Make what that wrapper may not have come to make for its worker."""

    def remove(self, worker: Worker) -> None:
        """Remove the worker and all else made for it; nothing there is no error."""

    def workers(self, environment: str) -> list[Worker]:
        """Every worker of this ENVIRONMENT."""
