"""Sets no finished_at where a job failed, as QFieldCloud's own wrapper does."""

from typing import Any

from worker_wrapper import rows
from worker_wrapper.wrapper import *  # noqa: F403

_save = rows.save


def save(job: Any, **values: Any) -> bool:
    if values.get("status") == rows.FAILED:
        del values["finished_at"]
    return _save(job, **values)


rows.save = save
