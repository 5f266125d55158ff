"""Removes the job's directory after a success only."""

from worker_wrapper.job_run import JobRun as Original
from worker_wrapper.wrapper import *  # noqa: F403

_clean_up = Original._clean_up


def clean_up(self: Original) -> None:
    if self.job.status != "finished":
        self.shared_tempdir = None
    _clean_up(self)


Original._clean_up = clean_up  # type: ignore[method-assign]
