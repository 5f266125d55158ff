"""Looks after workers and rows that nobody looks after any more.

A worker whose row is gone is removed. A job in work whose wrapper is gone is taken
over, or waits again where there is no worker yet. What another wrapper has in hand is
never touched.
"""

import logging
import time
import uuid
from collections.abc import Iterable

from qfieldcloud.core.models import Job

from . import backends, left_files, ownership, qfieldcloud, rows
from .failures import WorkerFailed
from .job_types import BY_TYPE
from .run_spec import Backend, Worker
from .settings import WorkerSettings

logger = logging.getLogger(__name__)

_last_look: dict[str, float] = {}
_picked_since: dict[uuid.UUID, float] = {}


def cancel_orphaned_workers(backend_name: str | None = None) -> None:
    """Kill and remove the workers of this ENVIRONMENT that no job row asks for.

    QFieldCloud's ``dequeue`` calls it each second while it is idle; a backend that is
    asked over the network is looked at less often than that. It returns when the jobs
    that it took over have ended.
    """
    settings = backends.worker_settings()
    name = backend_name or settings.backend
    names = [name]
    if settings.former_backend not in ("", name) and backend_name is None:
        names.append(settings.former_backend)
    for one in names:
        try:
            _sweep(one, settings)
        except WorkerFailed as error:
            logger.warning("Orphaned workers on %s can't be looked for: %s", one, error)


def _sweep(name: str, settings: WorkerSettings) -> None:
    backend = backends.get(name)
    now = time.monotonic()
    adopts = settings.adopt and ownership.is_usable()
    if now - _last_look.get(name, float("-inf")) >= backend.sweep_interval_s:
        _last_look[name] = now
        _look_at_workers(name, backend, settings, adopts=adopts)
    if adopts:
        _requeue_abandoned(name, backend, settings)


def _look_at_workers(
    name: str, backend: Backend, settings: WorkerSettings, *, adopts: bool
) -> None:
    # the rows are read after the workers: a job that was just made has its row already
    by_job = _by_job(backend.workers(settings.environment))
    found = Job.objects.filter(id__in=by_job).values_list("id", "type", "status")
    types = {job_id: job_type for job_id, job_type, _ in found}
    for job_id, worker in by_job.items():
        if job_id not in types:
            logger.info("Worker %s has no job any more: removed.", worker.name)
            _remove(backend, worker, adopts=adopts)
    if not adopts:
        return
    waiting = {job_id for job_id, _, status in found if status in rows.BEFORE}
    for job_id, job_type in types.items():
        if by_job[job_id].has_lock and job_id not in waiting:
            _take_over(by_job[job_id], job_type, name)
    _clean_up(name, backend)


def _by_job(workers: Iterable[Worker]) -> dict[uuid.UUID, Worker]:
    return {job_id: worker for worker in workers if (job_id := _job_id(worker.job_id))}


def _take_over(worker: Worker, job_type: str, backend_name: str) -> None:
    try:
        run = BY_TYPE[job_type](worker.job_id)
        run.backend_name = backend_name
        run.take_over(worker)
    except Exception:
        logger.exception("The job of worker %s can't be taken over.", worker.name)


def _clean_up(name: str, backend: Backend) -> None:
    """Directories whose job is over: their wrapper died before it removed them."""
    directories = {
        job_id: path
        for text, path in backend.directories()
        if (job_id := _job_id(text)) is not None
    }
    over = Job.objects.filter(id__in=directories, status__in=rows.FINAL)
    for job_id, job_type in over.values_list("id", "type"):
        try:
            run = BY_TYPE[job_type](job_id)
            run.backend_name = name
            run.clean_up(directories[job_id])
        except Exception:
            logger.exception("%s can't be removed.", directories[job_id])


def _requeue_abandoned(name: str, backend: Backend, settings: WorkerSettings) -> None:
    """Rows whose wrapper died before there was a worker.

    QFieldCloud's reaper goes by ``started_at``: one that was only picked would block
    its project for good, one that was started until long after the time-out.
    """
    picked = set(rows.picked().values_list("id", flat=True))
    now = time.monotonic()
    for job_id in set(_picked_since) - picked:
        del _picked_since[job_id]
    late = {
        job_id
        for job_id in picked
        if now - _picked_since.setdefault(job_id, now) >= settings.picked_grace_s
    }
    started = set(rows.workerless(name).values_list("id", flat=True))
    for job_id in late | started:
        with ownership.held(str(job_id)) as is_free:
            if not is_free:
                continue
            # only now: as long as its wrapper lived, it could still make one
            if job_id in _by_job(backend.workers(settings.environment)):
                continue
            own = rows.picked() if job_id in late else rows.workerless(name)
            if rows.requeue(own.filter(pk=job_id)):
                logger.warning("Job %s has lost its wrapper: pending again.", job_id)


def _job_id(text: str) -> uuid.UUID | None:
    """The job of a label or name; None where it isn't ours to understand."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _remove(backend: Backend, worker: Worker, *, adopts: bool) -> None:
    try:
        directory = backend.directory_of(worker) if adopts else None
        backend.remove(worker)
        if directory is None or not worker.has_lock:
            return
        with ownership.held(worker.job_id) as is_free:
            if is_free:  # else its wrapper does it
                qfieldcloud.expire_token(worker.job_id)
                left_files.remove(directory)
    except Exception:
        logger.exception("The orphaned worker %s can't be removed.", worker.name)
