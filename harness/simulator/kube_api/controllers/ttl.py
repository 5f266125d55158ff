"""Deletes finished Jobs when their ttlSecondsAfterFinished is over."""

from datetime import timedelta

from harness.simulator.clock import as_datetime
from harness.simulator.kube_api import resources
from harness.simulator.kube_api.auth.user import system
from harness.simulator.kube_api.cluster import Cluster
from harness.simulator.kube_api.controllers.loop import Loop
from harness.simulator.kube_api.deleter import DeleteOptions
from harness.simulator.kube_api.objects import (
    Object,
    condition_of,
    is_deleting,
    name_of,
    namespace_of,
    parse_time,
    uid_of,
)
from harness.simulator.kube_api.store import Change
from harness.simulator.kube_api.writer import Caller

_JOB = resources.by_plural("jobs", "batch")
Key = tuple[str, str]


class TtlController:
    """Looks at each Job that has a time to live."""

    def __init__(self, cluster: Cluster) -> None:
        self._store = cluster.store
        self._clock = cluster.world.clock
        self._deleter = cluster.deleter
        self.loop: Loop[Key] = Loop("ttl controller", self.sync, self._clock)
        self._store.listen(self._notice)

    def _notice(self, change: Change) -> None:
        new = change.new
        if change.resource == _JOB.key and new is not None and _end(new):
            self.loop.add((namespace_of(new), name_of(new)))

    def sync(self, key: Key) -> None:
        """Delete the Job, or come back when its time is over."""
        job = self._store.get(_JOB.key, *key)
        seconds = job["spec"].get("ttlSecondsAfterFinished") if job else None
        if job is None or seconds is None or is_deleting(job):
            return
        due = parse_time(_end(job)) + timedelta(seconds=seconds)
        left = (due - as_datetime(self._clock.now_ns())).total_seconds()
        if left > 0:
            self.loop.add_after(key, left)
            return
        options = DeleteOptions(propagation="Foreground", uid=uid_of(job))
        caller = Caller(user=system("ttl-after-finished-controller"))
        self._deleter.delete(_JOB, *key, options, caller)


def _end(job: Object) -> str:
    """Return when the Job ended; "" while it hasn't."""
    for kind in ("Complete", "Failed"):
        found = condition_of(job, kind)
        if found is not None and found["status"] == "True":
            return str(found["lastTransitionTime"])
    return ""
