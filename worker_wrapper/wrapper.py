"""The names that QFieldCloud's own ``dequeue`` imports.

It never asks the factory, so what it finds here follows ``QFIELDCLOUD_WORKER_BACKEND``.
"""

from .job_run import JobRun
from .job_types import (
    ApplyDeltaJobRun,
    CreateProjectJobRun,
    DeltaApplyJobRun,
    PackageJobRun,
    ProcessProjectfileJobRun,
)
from .sweep import cancel_orphaned_workers

__all__ = [
    "ApplyDeltaJobRun",
    "CreateProjectJobRun",
    "DeltaApplyJobRun",
    "JobRun",
    "PackageJobRun",
    "ProcessProjectfileJobRun",
    "cancel_orphaned_workers",
]
