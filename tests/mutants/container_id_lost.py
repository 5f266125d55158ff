"""Never writes which container or Job it is."""

from worker_wrapper.job_run import JobRun as Original
from worker_wrapper.run_spec import Worker
from worker_wrapper.wrapper import *  # noqa: F403


def created(self: Original, worker: Worker) -> None:
    self._worker = worker


Original._created = created  # type: ignore[method-assign]
