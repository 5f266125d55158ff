"""Who runs a job: whoever holds its lock, which dies with the process.

It is a session advisory lock of PostgreSQL, on a connection of its own. A job whose row
is in work and whose lock is free has lost its wrapper. Behind a pooler that gives each
transaction another session (PgBouncer's ``pool_mode = transaction``) such a lock means
nothing: then nobody's job is taken over, and the log says so.
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)

POOLED = (
    "Jobs of wrappers that crash can't be taken over: the database connection is "
    "pooled by transaction (PgBouncer, pool_mode = transaction), so no lock lasts as "
    "long as its wrapper. Give the wrapper a connection to PostgreSQL itself or a "
    "pool_mode of session, or set QFIELDCLOUD_WORKER_ADOPT=false."
)


class HandedOver(Exception):
    """Another wrapper has the job now, or is to have it."""


def key_of(job_id: str) -> int:
    """The lock's number: 64 bits, as PostgreSQL takes them."""
    digest = hashlib.sha256(f"qfieldcloud-worker {job_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


class _Session:
    """The connection that the locks are bound to, and what is known of it."""

    def __init__(self) -> None:
        self._connection: Any = None
        self._usable: bool | None = None
        self.held: dict[str, Any] = {}
        """By job: the connection on which its lock was taken."""

    def ask(self, sql: str, *arguments: Any) -> Any:
        """The one value of a query, on the locks' connection."""
        if self._connection is None:
            self._connection = _open()
        try:
            return _value(self._connection, sql, *arguments)
        except DatabaseError:
            self.close()
            raise

    def is_usable(self) -> bool:
        """Whether a lock lasts as long as the connection; found out once."""
        if self._usable is None:
            self._usable = connection.vendor == "postgresql" and not self._is_pooled()
        return self._usable

    @property
    def is_known_usable(self) -> bool:
        """Safe in a signal handler: no query."""
        return bool(self._usable)

    def _is_pooled(self) -> bool:
        other = _open()
        try:
            pid = "SELECT pg_backend_pid()"
            mine = [self.ask(pid)]
            others = [_value(other, pid)]
            mine.append(self.ask(pid))
            others.append(_value(other, pid))
        finally:
            other.close()
        pooled = are_pooled(mine, others)
        if pooled:
            logger.warning(POOLED)
        return pooled

    def has_lost(self, job_id: str) -> bool:
        """Whether the connection with the job's lock is gone."""
        try:
            self.ask("SELECT 1")
        except DatabaseError as error:
            logger.warning(
                "The connection with the lock of job %s broke: %s", job_id, error
            )
        # it may also have broken earlier, when nobody could take the lock again
        return self._connection is not self.held[job_id]

    def hold(self, job_id: str) -> None:
        """Note that the job's lock is ours."""
        self.held[job_id] = self._connection

    def close(self) -> None:
        """Let go of all locks."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def reset(self) -> None:
        """Forget everything: the database may be another one."""
        self.close()
        self._usable = None
        self.held.clear()


def are_pooled(mine: list[int], others: list[int]) -> bool:
    """Whether two connections, asked in turns for their backend, share or change it."""
    return len(set(mine)) > 1 or len(set(others)) > 1 or bool(set(mine) & set(others))


def _open() -> Any:
    # a copy: Django closes and reopens its own between jobs, and a lock would be gone
    opened = connection.copy()
    opened.inc_thread_sharing()
    return opened


def _value(opened: Any, sql: str, *arguments: Any) -> Any:
    with opened.cursor() as cursor:
        cursor.execute(sql, arguments)
        return cursor.fetchone()[0]


_session = _Session()


def is_usable() -> bool:
    """Whether a free lock means that a job has lost its wrapper."""
    return _session.is_usable()


def lasts() -> bool:
    """Whether it is known already that locks can be relied on; asks nobody."""
    return _session.is_known_usable


def reset() -> None:
    """Let go of all locks and forget the connection."""
    _session.reset()


@contextmanager
def held(job_id: str) -> Iterator[bool]:
    """Hold the job's lock; gives whether it was to be had."""
    if not _session.is_usable():
        yield True
        return
    # one session gets its own lock as often as it asks for it
    if job_id in _session.held or not _try(job_id):
        yield False
        return
    _session.hold(job_id)
    try:
        yield True
    finally:
        _session.held.pop(job_id, None)
        try:
            _session.ask("SELECT pg_advisory_unlock(%s)", key_of(job_id))
        except DatabaseError as error:
            logger.warning(
                "The lock of job %s went with its connection: %s", job_id, error
            )


def keep(job_id: str) -> None:
    """Make sure that the lock is still ours; its connection may have broken.

    :raises HandedOver: another wrapper has taken it meanwhile
    """
    if job_id not in _session.held or not _session.has_lost(job_id):
        return
    if not _try(job_id):
        _session.held.pop(job_id)
        raise HandedOver(f"Another wrapper has taken over job {job_id}.")
    _session.hold(job_id)


def _try(job_id: str) -> bool:
    return bool(_session.ask("SELECT pg_try_advisory_lock(%s)", key_of(job_id)))
