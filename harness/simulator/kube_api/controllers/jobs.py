"""The Job controller: keeps as many pods as a Job wants, and counts how they end.

Follows `pkg/controller/job/job_controller.go`, without Indexed Jobs (refused at
create). The steps of one sync are the real ones, because clients see them: pods are
first listed as uncounted, then lose their finalizer, then are counted.
"""

from dataclasses import replace
from datetime import timedelta

from harness.simulator.clock import as_datetime, rfc3339
from harness.simulator.kube_api import resources
from harness.simulator.kube_api.auth.user import system
from harness.simulator.kube_api.cluster import Cluster
from harness.simulator.kube_api.controllers import job_pods, job_status
from harness.simulator.kube_api.controllers.job_pods import TRACKING
from harness.simulator.kube_api.controllers.job_status import Verdict
from harness.simulator.kube_api.controllers.loop import Loop
from harness.simulator.kube_api.deleter import DeleteOptions
from harness.simulator.kube_api.errors import ApiError
from harness.simulator.kube_api.event_recorder import NORMAL, WARNING, EventRecorder
from harness.simulator.kube_api.objects import (
    Object,
    controller_of,
    copy_json,
    has_condition,
    is_deleting,
    meta,
    name_of,
    namespace_of,
    parse_time,
    uid_of,
    without_finalizer,
)
from harness.simulator.kube_api.store import Change
from harness.simulator.kube_api.writer import Caller

_JOBS = "jobs.batch"
_BATCH_S = 1.0
"""How long the real controller collects changes of pods before it looks."""
_RETRIES_S = (1, 2, 4, 8, 16, 32, 60)
_POD = resources.by_plural("pods")
Key = tuple[str, str]


class JobController:
    """One loop over all Jobs."""

    def __init__(self, cluster: Cluster) -> None:
        self._store = cluster.store
        self._clock = cluster.world.clock
        self._writer = cluster.writer
        self._deleter = cluster.deleter
        self._events = EventRecorder(
            cluster.store,
            self._clock,
            cluster.ids.stream("job-events"),
            component="job-controller",
        )
        self._backoff = job_pods.Backoff(self._clock)
        self.loop: Loop[Key] = Loop(
            "job controller", self.sync, self._clock, retries_s=_RETRIES_S
        )
        self.orphans: Loop[Key] = Loop("orphan pods", self.sync_orphan, self._clock)
        self._store.listen(self._notice)

    @property
    def loops(self) -> tuple[Loop[Key], ...]:
        """Return what has to run."""
        return self.loop, self.orphans

    def _notice(self, change: Change) -> None:
        if change.resource == _JOBS:
            key = (namespace_of(change.last), name_of(change.last))
            is_news = (
                change.old is None
                or change.new is None
                or meta(change.old)["generation"] != meta(change.new)["generation"]
            )
            if is_news:
                self.loop.add(key)
            else:
                self.loop.add_lagging(key, _BATCH_S)
        elif change.resource == "pods":
            self._notice_pod(change)

    def _notice_pod(self, change: Change) -> None:
        owner = controller_of(change.last) or {}
        if owner.get("kind") == "Job" and change.old is not None:
            key = (namespace_of(change.last), str(owner["name"]))
            self.loop.add_lagging(key, _BATCH_S)
        elif not owner and change.new is not None and job_pods.is_tracked(change.new):
            self.orphans.add((namespace_of(change.new), name_of(change.new)))

    def sync(self, key: Key) -> None:
        """Bring one Job a step further."""
        job = self._store.get(_JOBS, *key)
        if job is None:
            self._backoff.forget(key)
            self._release_orphans(key)
            return
        managed_by = job["spec"].get("managedBy", job_status.OUR_NAME)
        if job_status.is_finished(job) or managed_by != job_status.OUR_NAME:
            return
        pods = self._pods_of(job)
        seen = job_pods.look(job, pods)
        self._backoff.note(key, seen)
        job = self._started(job)
        verdict = job_status.judge(job, seen, now=self._clock.now_ns())
        self._watch_deadline(key, job, verdict)
        suspended, failure = None, None
        if verdict is not None:
            seen = self._stop_all(job, seen)
        elif not is_deleting(job):
            seen, failure = self._manage(key, job, seen)
            wanted = job["spec"].get("completions")
            done = seen.succeeded
            if (done > 0 if wanted is None else done >= wanted) and not seen.active:
                verdict = job_status.COMPLETED
            else:
                suspended = self._suspension(job)
        self._track(job, seen, verdict, suspended)
        if failure is not None:
            raise failure

    def _pods_of(self, job: Object) -> list[Object]:
        return [
            pod
            for pod in self._store.all("pods", namespace_of(job))
            if (owner := controller_of(pod)) and owner["uid"] == uid_of(job)
        ]

    def _started(self, job: Object) -> Object:
        status = job.get("status") or {}
        if status.get("startTime") or job["spec"].get("suspend"):
            return job
        now = rfc3339(self._clock.now_ns())
        return {**job, "status": {**status, "startTime": now}}

    def _watch_deadline(self, key: Key, job: Object, verdict: Verdict | None) -> None:
        seconds = job["spec"].get("activeDeadlineSeconds")
        start = (job.get("status") or {}).get("startTime")
        if verdict is not None or seconds is None or not start:
            return
        end = parse_time(start) + timedelta(seconds=seconds)
        left = (end - as_datetime(self._clock.now_ns())).total_seconds()
        self.loop.add_after(key, left)

    def _stop_all(self, job: Object, seen: job_pods.Seen) -> job_pods.Seen:
        for pod in seen.active:
            self._delete_pod(job, pod)
        terminating = seen.terminating + len(seen.active)
        return replace(seen, active=(), ready=0, terminating=terminating)

    def _manage(
        self, key: Key, job: Object, seen: job_pods.Seen
    ) -> tuple[job_pods.Seen, ApiError | None]:
        """Create or delete pods until there are as many as wanted, or one fails."""
        surplus, missing = job_pods.difference(job, seen)
        for pod in surplus:
            self._delete_pod(job, pod)
        if surplus:
            left = tuple(pod for pod in seen.active if pod not in surplus)
            terminating = seen.terminating + len(surplus)
            ready = sum(job_pods.is_ready(pod) for pod in left)
            seen = replace(seen, active=left, ready=ready, terminating=terminating)
            return seen, None
        if not missing:
            return seen, None
        wait = self._backoff.remaining(key)
        if wait > 0:
            self.loop.add_after(key, wait)
            return seen, None
        created: list[Object] = []
        failure = None
        try:
            for _ in range(missing):
                created.append(self._create_pod(job))
        except ApiError as problem:
            failure = problem
        return replace(seen, active=(*seen.active, *created)), failure

    def _create_pod(self, job: Object) -> Object:
        template = copy_json(job["spec"]["template"])
        metadata = {
            **(template.get("metadata") or {}),
            "generateName": f"{name_of(job)}-",
            "ownerReferences": [_owner_reference(job)],
        }
        metadata["finalizers"] = [*metadata.get("finalizers", ()), TRACKING]
        pod = {
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": metadata,
            "spec": template["spec"],
        }
        caller = Caller(user=system("job-controller"))
        try:
            created = self._writer.create(_POD, namespace_of(job), pod, caller)
        except ApiError as problem:
            causes = (problem.details or {}).get("causes") or ()
            if not any(c.get("reason") == "NamespaceTerminating" for c in causes):
                text = f"Error creating: {problem.message}"
                self._events.record(job, WARNING, "FailedCreate", text)
            raise
        text = f"Created pod: {name_of(created)}"
        self._events.record(job, NORMAL, "SuccessfulCreate", text)
        return created

    def _delete_pod(self, job: Object, pod: Object) -> None:
        caller = Caller(user=system("job-controller"))
        self._deleter.delete(
            _POD, namespace_of(pod), name_of(pod), DeleteOptions(), caller
        )
        text = f"Deleted pod: {name_of(pod)}"
        self._events.record(job, NORMAL, "SuccessfulDelete", text)

    def _suspension(self, job: Object) -> Object | None:
        """Return the Suspended condition where it has to change."""
        now = rfc3339(self._clock.now_ns())
        if job["spec"].get("suspend") and not has_condition(job, "Suspended"):
            self._events.record(job, NORMAL, "Suspended", "Job suspended")
            return job_status.condition(
                "Suspended", "JobSuspended", "Job suspended", now
            )
        if not job["spec"].get("suspend") and has_condition(job, "Suspended"):
            self._events.record(job, NORMAL, "Resumed", "Job resumed")
            resumed = job_status.condition(
                "Suspended", "JobResumed", "Job resumed", now
            )
            return {**resumed, "status": "False"}
        return None

    def _track(
        self,
        job: Object,
        seen: job_pods.Seen,
        verdict: Verdict | None,
        suspended: Object | None,
    ) -> None:
        """Write the status in the real steps: uncounted, finalizers, counted."""
        now = rfc3339(self._clock.now_ns())
        countable = job_pods.countable(job, seen, finishing=verdict)
        status = job_status.with_uncounted(job, seen, countable)
        if suspended is not None:
            status = job_status.with_condition(status, suspended)
            if suspended["status"] == "False":
                status["startTime"] = now
        if verdict is not None:
            status = job_status.with_condition(status, verdict.intent(now))
        job = self._store.update(_JOBS, {**job, "status": status})
        for pod in countable.pods:
            stored = self._store.get("pods", namespace_of(pod), name_of(pod))
            if stored is not None:
                self._release(stored)
        status = job_status.counted(job["status"])
        ended = verdict is not None and not seen.terminating
        if verdict is not None and ended:
            status = job_status.with_condition(status, verdict.final(now))
            if verdict.succeeded:
                status["completionTime"] = now
        job = self._store.update(_JOBS, {**job, "status": status})
        if verdict is not None and ended:
            self._say_end(job, verdict)

    def _say_end(self, job: Object, verdict: Verdict) -> None:
        if verdict.succeeded:
            self._events.record(job, NORMAL, "Completed", "Job completed")
        else:
            self._events.record(job, WARNING, verdict.reason, verdict.message)

    def _release(self, pod: Object) -> None:
        """Take the tracking finalizer off a pod, which may let it go."""
        freed = without_finalizer(pod, TRACKING)
        grace = pod["metadata"].get("deletionGracePeriodSeconds")
        if is_deleting(pod) and not grace and not freed["metadata"].get("finalizers"):
            self._store.delete("pods", freed)
        else:
            self._store.update("pods", freed)

    def sync_orphan(self, key: Key) -> None:
        """Let go of a pod that no Job owns any more."""
        pod = self._store.get("pods", *key)
        if pod is not None and not controller_of(pod) and job_pods.is_tracked(pod):
            self._release(pod)

    def _release_orphans(self, key: Key) -> None:
        for pod in self._store.all("pods", key[0]):
            owner = controller_of(pod) or {}
            is_ours = (owner.get("kind"), owner.get("name")) == ("Job", key[1])
            if is_ours and job_pods.is_tracked(pod):
                self._release(pod)


def _owner_reference(job: Object) -> Object:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "name": name_of(job),
        "uid": uid_of(job),
        "controller": True,
        "blockOwnerDeletion": True,
    }
