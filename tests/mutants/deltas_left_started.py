"""Forgets the deltas where their job failed."""

from worker_wrapper.job_types import ApplyDeltaJobRun as Original
from worker_wrapper.wrapper import *  # noqa: F403


def after_docker_exception(self: Original) -> None:
    """They stay as they were."""


Original.after_docker_exception = after_docker_exception  # type: ignore[method-assign]
