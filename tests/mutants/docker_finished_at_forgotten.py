"""Doesn't note when the worker ended, where it ended badly."""

from typing import Any

from worker_wrapper import rows
from worker_wrapper.wrapper import *  # noqa: F403

_save = rows.save


def save(job: Any, **values: Any) -> bool:
    if "error" in values.get("feedback", {}):
        values.pop("docker_finished_at", None)
    return _save(job, **values)


rows.save = save
