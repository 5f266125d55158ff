"""Runs workers as Kubernetes Jobs: create, watch the pod, read its log, delete."""

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import urllib3

from . import failures, kill_reason, kube_refusals, left_files, logs, manifest
from .failures import Failure, WorkerFailed
from .followed_log import BROKEN, LAST_WORDS_S, FollowedLog, best
from .kube_client import KubeClient, KubeError, LogStream
from .naming import label_value
from .pod_events import PodEvents
from .pod_state import PodState, Stage, judge
from .pod_wait import Patience
from .retrying import Retrying
from .run_spec import CONTAINER_NAME, LOCK_LABEL, Ended, RunSpec, Worker, timed_out
from .settings import WorkerSettings

logger = logging.getLogger(__name__)

LOOK_INTERVAL_S = 5.0


class KubernetesBackend:
    """A namespace of a cluster, with the rights of the wrapper's ServiceAccount."""

    sweep_interval_s = 10.0  # an idle wrapper makes one request in this time

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings.kubernetes
        self._keep = settings.log_keep_bytes
        self._connected: KubeClient | None = None

    @property
    def _client(self) -> KubeClient:
        if self._connected is None:
            self._connected = KubeClient(self._settings)
        return self._connected

    def make_io_directory(self, job_id: str) -> Path:
        """A new directory on the claim that the worker's pod mounts too."""
        root = self._settings.io_mount_path
        if not root.is_dir():
            raise WorkerFailed(
                failures.WRAPPER_ERROR,
                f"{root} is not there: mount {self._settings.io_claim} into "
                "the wrapper's pod and say where in QFIELDCLOUD_K8S_IO_MOUNT_PATH.",
            )
        directory = self._directory(job_id)
        left_files.remove(directory)
        directory.mkdir(parents=True)
        try:
            self._give_to_worker(directory)
        except PermissionError as error:
            directory.rmdir()
            raise WorkerFailed(
                failures.WRAPPER_ERROR,
                f"{directory} can't be given to the worker's user "
                f"(QFIELDCLOUD_K8S_RUN_AS_USER={self._settings.run_as_user}): {error}. "
                "Let the wrapper's pod run as that user (runAsUser, fsGroup), or as "
                "root with the capability CHOWN.",
            ) from error
        return directory

    def _give_to_worker(self, directory: Path) -> None:
        """Where the worker has a user of its own, and this process may, it is theirs.

        fsGroup alone isn't enough: volumes that are a node's folder ignore it.
        """
        user, group = self._settings.run_as_user, self._settings.run_as_group
        if os.geteuid() == 0 and (user is not None or group is not None):
            os.chown(
                directory, -1 if user is None else user, -1 if group is None else group
            )

    def start(self, spec: RunSpec, created: Callable[[Worker], None]) -> Worker:
        """Create the Job, and right after it the Secret that its pod waits for."""
        patience = Patience(self._settings)
        while True:
            try:
                job = self._create(spec)
                break
            except KubeError as error:
                failure = kube_refusals.explain(error, self._settings)
                if failure.kind is not failures.QUOTA_EXCEEDED:
                    raise WorkerFailed(failure.kind, failure.seen) from error
                patience.wait_for_quota(failure)
        name, uid = job["metadata"]["name"], job["metadata"]["uid"]
        worker = Worker(spec.job_id, name, uid, spec.has_lock)
        created(worker)
        self.resume(worker, spec)
        return worker

    def resume(self, worker: Worker, spec: RunSpec) -> None:
        """Make the Secret; the one that is there already stays as it is."""
        if self._settings.inline_env:
            return
        try:
            self._client.create_secret(manifest.secret(spec, self._settings, worker))
        except KubeError as error:
            raise self._failed(error) from error

    def directory_of(self, worker: Worker) -> Path | None:
        """The job's directory on the claim; it is named after the job."""
        directory = self._directory(worker.job_id)
        return directory if directory.is_dir() else None

    def directories(self) -> list[tuple[str, Path]]:
        """Those on the claim, whatever their ENVIRONMENT."""
        found = (self._settings.io_mount_path / manifest.SUB_DIRECTORY).glob("*")
        return [(path.name, path) for path in found]

    def _directory(self, job_id: str) -> Path:
        return self._settings.io_mount_path / manifest.SUB_DIRECTORY / job_id

    def _create(self, spec: RunSpec) -> dict[str, Any]:
        body = manifest.job(spec, self._settings)
        try:
            return self._client.create_job(body)
        except KubeError as error:
            if error.reason != "AlreadyExists":
                raise
            # an earlier try of ours made it although its answer was lost
            try:
                job = self._client.get_job(body["metadata"]["name"])
            except KubeError as missing:
                if missing.status != 404:
                    raise
                return self._client.create_job(body)  # it was on its way out
            if job["metadata"]["labels"].get("job_id") != label_value(spec.job_id):
                raise
            return job

    def _failed(self, error: KubeError) -> WorkerFailed:
        failure = kube_refusals.explain(error, self._settings)
        return WorkerFailed(failure.kind, failure.seen)

    def attend(
        self, worker: Worker, spec: RunSpec, is_wanted: Callable[[], bool]
    ) -> Ended:
        """Watch the worker's pod until its container has ended, then read its log."""
        events = PodEvents(self._client, f"job_id={label_value(spec.job_id)}")
        try:
            return self._watch(worker, spec, events, is_wanted)
        except KubeError as error:
            raise self._failed(error) from error
        finally:
            events.close()

    def _watch(
        self,
        worker: Worker,
        spec: RunSpec,
        events: PodEvents,
        is_wanted: Callable[[], bool],
    ) -> Ended:
        patience = Patience(self._settings)
        run_until: float | None = None
        pod: dict[str, Any] = {}
        followed: FollowedLog | None = None
        state = PodState(Stage.PENDING)
        left = spec.timeout_s - spec.elapsed_s
        while True:
            now = time.monotonic()
            interval = LOOK_INTERVAL_S if run_until is None else run_until - now
            seen = events.next(max(0.0, min(interval, LOOK_INTERVAL_S)))
            if seen is not None and _belongs(seen.pod, worker):
                pod, state = seen.pod, judge(seen.pod)
                if state.stage is Stage.ENDED:
                    pod, state = kill_reason.awaited(events, pod, state)
                    return self._ended(worker, pod, state, spec, followed)
                if seen.deleted:
                    return self._deleted(worker, followed)
            elif seen is None and not is_wanted():
                return Ended(None, "")
            if state.stage is Stage.RUNNING:
                run_until = run_until or time.monotonic() + left
                followed = followed or self._follow(pod, spec)
                if time.monotonic() >= run_until:
                    return self._timed_out(worker, pod, spec, followed)
            elif not pod:
                patience.check_no_pod(lambda: self._why_no_pod(worker))
            else:
                patience.check_waiting(state)

    def _why_no_pod(self, worker: Worker) -> str:
        try:
            self._client.get_job(worker.name)
        except KubeError as error:
            if error.status != 404:
                raise
            raise WorkerFailed(
                failures.WORKER_DELETED, f"The Job {worker.name} is gone."
            ) from error
        try:
            return "; ".join(self._client.warnings(worker.container_id)[-3:])
        except KubeError as error:  # events only explain: the waiting goes on
            return kube_refusals.explain(error, self._settings).seen

    def _deleted(self, worker: Worker, followed: FollowedLog | None) -> Ended:
        """The pod is gone before its end was seen."""
        output = followed.text() if followed is not None else ""
        return Ended(None, output or logs.UNREADABLE, self._who_deleted(worker))

    def _who_deleted(self, worker: Worker) -> Failure:
        """A pod goes with its Job, or alone."""
        try:
            job = self._client.get_job(worker.name)
        except KubeError as error:
            if error.status != 404:
                raise
            job = {}
        meta = job.get("metadata") or {}
        if meta.get("uid") != worker.container_id or meta.get("deletionTimestamp"):
            seen = f"The Job {worker.name} was deleted before its worker had ended."
            return Failure(failures.WORKER_DELETED, seen)
        seen = f"The pod of {worker.name} was deleted before its worker had ended."
        return Failure(failures.POD_DELETED, seen)

    def _ended(
        self,
        worker: Worker,
        pod: dict[str, Any],
        state: PodState,
        spec: RunSpec,
        followed: FollowedLog | None,
    ) -> Ended:
        failure = state.failure
        kind = failure.kind if failure is not None else None
        if kind is failures.NODE_LOST:  # nobody can be asked for the rest
            output = followed.text(0) if followed is not None else logs.UNREADABLE
        elif state.exit_code is None and failure is not None:
            output = ""  # it never ran
        else:
            output = self._read_log(pod, followed)
        if kind is failures.TIMEOUT:
            return timed_out(output, spec.timeout_s)
        if kind is failures.POD_DELETED:
            failure = self._who_deleted(worker)
        return Ended(state.exit_code, output, failure)

    def _timed_out(
        self,
        worker: Worker,
        pod: dict[str, Any],
        spec: RunSpec,
        followed: FollowedLog | None,
    ) -> Ended:
        # the log is opened first, and read to its end while the Job is taken away
        removed = False

        def opened(stream: LogStream) -> LogStream:
            nonlocal removed
            if not removed:
                self.remove(worker)
                removed = True
            return stream

        output = self._read_log(pod, followed, follow=True, opened=opened)
        return timed_out(output, spec.timeout_s)

    def _read_log(
        self,
        pod: dict[str, Any],
        followed: FollowedLog | None,
        *,
        follow: bool = False,
        opened: Callable[[LogStream], LogStream] = lambda stream: stream,
    ) -> str:
        """The log, begun again where the connection broke; or that it can't be read."""
        name = pod["metadata"]["name"]
        retrying = Retrying(self._settings.api.patience_s)

        def begin() -> LogStream:
            return opened(self._client.open_log(name, CONTAINER_NAME, follow=follow))

        def goes_on(error: Exception) -> bool:
            if isinstance(error, KubeError):  # the kubelet doesn't have it yet
                waiting = error.status == 400 and "is waiting to start" in error.message
                return waiting and retrying.pause(error)
            broken = isinstance(error, (urllib3.exceptions.HTTPError, OSError))
            return broken and retrying.pause(error)

        log, why = logs.BoundedLog(self._keep), None
        try:
            logs.copy(begin, log, goes_on)
        except (*BROKEN, logs.Shorter) as error:
            why = error
        return best(log, why, followed)

    def _follow(self, pod: dict[str, Any], spec: RunSpec) -> FollowedLog:
        name = pod["metadata"]["name"]

        def open_log() -> LogStream:
            # a worker that says nothing until it is killed, and its kubelet's delay
            silence_s = spec.timeout_s + manifest.GRACE_S + LAST_WORDS_S
            return self._client.open_log(
                name, CONTAINER_NAME, follow=True, read_timeout_s=silence_s
            )

        return FollowedLog(open_log, self._keep)

    def remove(self, worker: Worker) -> None:
        """Delete the Job; its pods and its Secret go with it."""
        try:
            self._client.delete_job(worker.name, worker.container_id)
        except KubeError as error:
            raise self._failed(error) from error

    def workers(self, environment: str) -> list[Worker]:
        """Every Job with the labels of this ENVIRONMENT."""
        try:
            jobs = self._client.list_jobs(manifest.selector(environment))
        except KubeError as error:
            raise self._failed(error) from error
        return [
            Worker(
                job["metadata"]["labels"].get("job_id", ""),
                job["metadata"]["name"],
                job["metadata"]["uid"],
                LOCK_LABEL in job["metadata"]["labels"],
            )
            for job in jobs
        ]


def _belongs(pod: dict[str, Any], worker: Worker) -> bool:
    owners = pod["metadata"].get("ownerReferences") or []
    return any(owner.get("uid") == worker.container_id for owner in owners)
