"""A job from its row to its outcome: what is the same on every backend.

Subclasses say which arguments the worker gets, and what is done before and after.
"""

import dataclasses
import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from constance import config
from django.db import DatabaseError, connection
from django.forms.models import model_to_dict
from django.utils import timezone

from . import (
    backends,
    failures,
    feedback,
    handover,
    left_files,
    ownership,
    qfieldcloud,
    rows,
    units,
)
from .failures import Failure, WorkerFailed
from .run_spec import Backend, Ended, RunSpec, Worker
from .settings import WorkerSettings

logger = logging.getLogger(__name__)

TOKEN_MARGIN_S = 60


class _Timeout:
    """``container_timeout_secs``: constance's value at the moment of asking."""

    def __get__(self, instance: Any, owner: Any) -> int:
        return int(config.WORKER_TIMEOUT_S)


class JobRun:
    """Runs one job. The base class runs none: see its subclasses.

    :param job_id: of the row; where it is gone there is nothing to run, and no error
    """

    container_timeout_secs: Any = _Timeout()
    job_class: Any = qfieldcloud.job_class("Job")
    command: list[str] = []
    backend_name: str | None = None
    """``docker`` or ``kubernetes``; None follows ``QFIELDCLOUD_WORKER_BACKEND``."""

    def __init__(self, job_id: str | UUID) -> None:
        rows_of_class = self.job_class.objects.select_related("project")
        self.job = rows_of_class.filter(id=job_id).first()
        # as the database writes it: names, labels and directories are made of it
        self.job_id = str(self.job.id if self.job else job_id)
        self.shared_tempdir: Path | None = None
        self._backend: Backend | None = None
        self._token: Any = None
        self._worker: Worker | None = None

    # hooks for subclasses, under QFieldCloud's own names

    def get_context(self) -> dict[str, Any]:
        """What ``command`` is formatted with: the job's and the project's fields."""
        context: dict[str, Any] = model_to_dict(self.job)
        project = self.job.project
        for name, value in model_to_dict(project).items():
            context[f"project__{name}"] = value
        context["project__id"] = project.id
        name = qfieldcloud.qgis_file(project)
        context["project__project_filename"] = name
        context["project__the_qgis_file_name"] = name
        return context

    def get_command(self) -> list[str]:
        """The worker's arguments; the image's ENTRYPOINT stays before them."""
        context = self.get_context()
        start = ["python3"]
        port = backends.worker_settings().debug_port
        if port is not None:
            start += [
                "-m",
                "debugpy",
                "--listen",
                f"0.0.0.0:{port}",
                "--wait-for-client",
            ]
        return [*start, "entrypoint.py", *(part % context for part in self.command)]

    def before_docker_run(self) -> None:
        """Called when the row is ``started``, before there is a worker."""

    def after_docker_run(self) -> None:
        """Called after a success, before the row is ``finished``."""

    def after_docker_exception(self) -> None:
        """Called after any failure, before the row is ``failed``."""

    # the run

    def run(self) -> None:
        """Run the job to its end. Whatever happens is in the row afterwards."""
        if self.job is None:
            logger.warning("Job %s has no row: nothing to run.", self.job_id)
            return
        with ownership.held(self.job_id) as is_mine:
            if not is_mine:
                logger.warning("Job %s is in another wrapper's hands.", self.job_id)
            elif rows.start(self.job, self._backend_name if ownership.lasts() else ""):
                self._finish(self._run_worker)

    def take_over(self, worker: Worker) -> None:
        """Finish the job of a wrapper that is gone, and whose worker is still there.

        Nothing is done where its wrapper lives.
        """
        if self.job is None:
            return
        with ownership.held(self.job_id) as is_mine:
            if not is_mine:
                return
            status = rows.status(self.job)
            if status == rows.STARTED:
                logger.warning("Job %s has lost its wrapper: taken over.", self.job_id)
                self._finish(lambda: self._resume(worker))
            elif status in rows.FINAL:
                self._clean_up_after(worker, None)

    def clean_up(self, directory: Path) -> None:
        """Remove what a wrapper left that died when the row was final."""
        with ownership.held(self.job_id) as is_mine:
            if is_mine and rows.status(self.job) in rows.FINAL:
                self._clean_up_after(None, directory)

    def _clean_up_after(self, worker: Worker | None, directory: Path | None) -> None:
        """Only the cleaning up was left to be done."""
        backend = self._backend = backends.get(self.backend_name)
        self._worker = worker
        if worker is not None:
            directory = directory or backend.directory_of(worker)
        self.shared_tempdir = directory
        self._clean_up()

    @property
    def _backend_name(self) -> str:
        return self.backend_name or backends.worker_settings().backend

    def _finish(self, work: Callable[[], Ended]) -> None:
        """Do the work, write what came of it, and clean up."""
        try:
            try:
                ended = work()
            except WorkerFailed as error:
                ended = Ended(None, "", error.failure)
            self._conclude(ended)
        except ownership.HandedOver as reason:
            logger.warning("%s", reason)
            return  # worker, directory and token are the next wrapper's
        except Exception as error:
            logger.exception("Job %s: the wrapper failed.", self.job_id)
            self._fail(self._wrapper_error(error))
        self._clean_up()

    def _run_worker(self) -> Ended:
        settings = backends.worker_settings()
        backend = self._backend = backends.get(self.backend_name)
        self.shared_tempdir = backend.make_io_directory(self.job_id)
        self.before_docker_run()
        lifetime_s = self._token_lifetime_s(settings)
        self._token = qfieldcloud.make_token(self.job, lifetime_s)
        spec = self._spec(settings, self._token.key)
        # whoever has the job now makes the worker: there must not be two
        ownership.keep(self.job_id)
        if not rows.save(self.job, docker_started_at=timezone.now()):
            if rows.status(self.job) in (None, *rows.FINAL):
                return Ended(None, "")
            raise ownership.HandedOver(f"Job {self.job_id} waits again.")
        worker = backend.start(spec, self._created)
        return backend.attend(worker, spec, self._is_wanted)

    def _resume(self, worker: Worker) -> Ended:
        """Attend to a worker that another wrapper has started."""
        settings = backends.worker_settings()
        backend = self._backend = backends.get(self.backend_name)
        directory = backend.directory_of(worker)
        if directory is None:  # it never ran
            self._worker = worker
            return self._run_worker()
        self.shared_tempdir = directory
        self._created(worker)
        lifetime_s = self._token_lifetime_s(settings)
        self._token = qfieldcloud.make_token(self.job, lifetime_s)
        since = self.job.docker_started_at or timezone.now()
        elapsed_s = (timezone.now() - since).total_seconds()
        spec = dataclasses.replace(
            self._spec(settings, self._token.key),
            elapsed_s=min(max(0.0, elapsed_s), float(self.container_timeout_secs)),
        )
        backend.resume(worker, spec)
        return backend.attend(worker, spec, self._is_wanted)

    def _is_wanted(self) -> bool:
        """Asked every few seconds while the worker runs.

        :raises ownership.HandedOver: another wrapper has the job, or is to have it
        """
        handover.check(self.job_id)
        try:
            ownership.keep(self.job_id)
            return rows.is_wanted(self.job)
        except DatabaseError as error:
            logger.warning("The database doesn't answer: %s", error)
            connection.close()
            return True

    def _spec(self, settings: WorkerSettings, token: str) -> RunSpec:
        secret_env, names = qfieldcloud.secret_environment(self.job)
        secret_env["QFIELDCLOUD_TOKEN"] = token
        env = {
            "QFIELDCLOUD_URL": settings.api_url,
            "QFIELDCLOUD_EXTRA_ENVVARS": qfieldcloud.json_text(names),
            "JOB_ID": self.job_id,
            "PROJ_DOWNLOAD_DIR": "/transformation_grids",
            "QT_QPA_PLATFORM": "offscreen",
        }
        assert self.shared_tempdir is not None
        return RunSpec(
            job_id=self.job_id,
            project_id=str(self.job.project_id),
            job_type=str(self.job.type),
            environment=settings.environment,
            image=settings.image,
            args=tuple(self.get_command()),
            env=env,
            secret_env={k: v for k, v in secret_env.items() if k not in env},
            io_directory=self.shared_tempdir,
            memory_bytes=_configured("WORKER_QGIS_MEMORY_LIMIT", units.memory_bytes),
            cpu_shares=_configured("WORKER_QGIS_CPU_SHARES", units.cpu_shares),
            timeout_s=int(self.container_timeout_secs),
            debug_port=settings.debug_port,
            has_lock=ownership.is_usable(),
        )

    def _token_lifetime_s(self, settings: WorkerSettings) -> float:
        waiting = 0
        if self._backend_name == "kubernetes":
            kubernetes = settings.kubernetes
            waiting = kubernetes.schedule_timeout_s + kubernetes.start_timeout_s
        return float(self.container_timeout_secs) + waiting + TOKEN_MARGIN_S

    def _conclude(self, ended: Ended) -> None:
        """Write what became of the worker, and run the hook that goes with it."""
        result = self._feedback(ended)
        rows.persistently(lambda: ownership.keep(self.job_id))
        written = rows.save(
            self.job,
            output=feedback.storable_text(ended.output),
            feedback=result,
            docker_finished_at=timezone.now(),
        )
        if not written:
            return
        if "error" in result or ended.failure is not None:
            self._fail(result)
            return
        try:
            rows.persistently(self._store_outcome)
        except Exception as error:
            logger.exception("Job %s: the outcome can't be stored.", self.job_id)
            self._fail({**result, **self._wrapper_error(error)})
            return
        rows.save(self.job, status=rows.FINISHED, finished_at=timezone.now())

    def _store_outcome(self) -> None:
        self.job.project.refresh_from_db()
        self.after_docker_run()

    def _feedback(self, ended: Ended) -> dict[str, Any]:
        result: dict[str, Any] = {}
        failure = ended.failure
        if self.shared_tempdir is not None:
            try:
                result = feedback.read(self.shared_tempdir / "feedback.json")
            except WorkerFailed as error:
                # a worker that failed otherwise needn't have left any
                if failure is None and ended.exit_code == 0:
                    failure = error.failure
        if failure is None and ended.exit_code != 0 and "error" not in result:
            failure = Failure(
                failures.EXIT_CODE,
                f"The worker ended with exit code {ended.exit_code}.",
            )
        if failure is not None:
            result |= failure.as_feedback()
        elif "error" in result:
            result.setdefault("error_origin", failures.CONTAINER)
        result["container_exit_code"] = ended.exit_code
        return result

    def _wrapper_error(self, error: Exception) -> dict[str, Any]:
        text = f"{type(error).__name__}: {error}"
        trace = "".join(traceback.format_exception(error))
        values = Failure(
            failures.WRAPPER_ERROR, feedback.storable_text(text)
        ).as_feedback()
        return {**values, "error_stack": feedback.storable_text(trace)}

    def _fail(self, result: dict[str, Any]) -> None:
        result.setdefault("container_exit_code", None)
        try:
            rows.persistently(self._store_failure)
        except Exception:
            logger.exception("Job %s: the hook after a failure failed.", self.job_id)
        now = timezone.now()
        values = {"feedback": result, "output": self.job.output or ""}
        if self._worker is None:
            values["container_id"] = ""
        elif self.job.docker_finished_at is None:
            values["docker_finished_at"] = now
        rows.save(self.job, status=rows.FAILED, finished_at=now, **values)

    def _store_failure(self) -> None:
        self.job.project.refresh_from_db()
        self.after_docker_exception()

    def _created(self, worker: Worker) -> None:
        """There is a worker, though it doesn't run yet: note it before it does."""
        self._worker = worker
        rows.save(self.job, container_id=worker.container_id)

    def _clean_up(self) -> None:
        def remove_worker() -> None:
            if self._backend is not None and self._worker is not None:
                self._backend.remove(self._worker)

        def remove_directory() -> None:
            if self.shared_tempdir is not None:
                left_files.remove(self.shared_tempdir)

        def expire_token() -> None:
            rows.persistently(lambda: qfieldcloud.expire_token(self.job_id))

        is_removed = self._attempt(remove_worker)
        self._attempt(expire_token)
        # last, and not below a worker that may live: by the directory, a sweep finds
        # what was not cleaned up
        if is_removed:
            self._attempt(remove_directory)

    def _attempt(self, step: Callable[[], None]) -> bool:
        """Whether it succeeded; a failure is logged, and left to the next sweep."""
        try:
            step()
        except Exception:
            logger.exception("Job %s: %s failed.", self.job_id, step.__name__)
            return False
        return True


def _configured(name: str, convert: Callable[[Any], int]) -> int:
    try:
        return convert(getattr(config, name))
    except ValueError as error:
        raise WorkerFailed(failures.WRAPPER_ERROR, f"{name}: {error}") from error
