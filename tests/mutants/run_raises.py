"""Raises what made the job fail, after it is written into the row."""

from worker_wrapper.job_run import JobRun as Original
from worker_wrapper.wrapper import *  # noqa: F403

_run = Original.run


def run(self: Original) -> None:
    _run(self)
    if self.job is not None and self.job.status == "failed":
        raise RuntimeError(self.job.feedback["error"])


Original.run = run  # type: ignore[method-assign]
