"""Assigns pods to nodes, waiting for their volumes where they have to be made."""

from harness.simulator.clock import rfc3339
from harness.simulator.kube_api import pod_resources, volume_matching
from harness.simulator.kube_api.cluster import Cluster
from harness.simulator.kube_api.controllers.loop import Loop
from harness.simulator.kube_api.event_recorder import NORMAL, WARNING, EventRecorder
from harness.simulator.kube_api.objects import (
    Object,
    annotations_of,
    condition_of,
    is_deleting,
    name_of,
    namespace_of,
    uid_of,
    with_meta,
)
from harness.simulator.kube_api.scheduler import filters
from harness.simulator.kube_api.scheduler.filters import Candidate
from harness.simulator.kube_api.store import Change
from harness.simulator.kube_api.volume_matching import SELECTED_NODE

NAME = "default-scheduler"
_CLAIMS, _VOLUMES = "persistentvolumeclaims", "persistentvolumes"
_CLASSES = "storageclasses.storage.k8s.io"
_WAKING = ("nodes", _CLAIMS, _VOLUMES, _CLASSES)
Key = tuple[str, str]


class NotSchedulableError(Exception):
    """No node will do; the message is that of FailedScheduling."""


class Scheduler:
    """One loop over the pods that have no node."""

    def __init__(self, cluster: Cluster) -> None:
        self._store = cluster.store
        self._clock = cluster.world.clock
        self._ids = cluster.ids.stream("scheduler")
        self._events = EventRecorder(
            cluster.store, self._clock, self._ids.stream("events"), component=NAME
        )
        self._waiting: dict[Key, None] = {}
        self._assumed: dict[str, str] = {}
        self.loop: Loop[Key] = Loop("scheduler", self.sync, self._clock)
        self._store.listen(self._notice)

    def _notice(self, change: Change) -> None:
        key = (namespace_of(change.last), name_of(change.last))
        if change.resource == "pods":
            if change.new is None:
                self._waiting.pop(key, None)
                self._assumed.pop(uid_of(change.last), None)
            elif self._is_ours(change.new):
                is_news = change.old is None or change.old["spec"] != change.new["spec"]
                if is_news:
                    self.loop.add(key)
                return
            if change.new is None or pod_resources.has_ended(change.new):
                self._wake()
        elif change.resource in _WAKING:
            self._wake()

    def _wake(self) -> None:
        for key in self._waiting:
            self.loop.add(key)

    def _is_ours(self, pod: Object) -> bool:
        spec = pod["spec"]
        return (
            not spec.get("nodeName")
            and spec.get("schedulerName") == NAME
            and not spec.get("schedulingGates")
            and not is_deleting(pod)
        )

    def sync(self, key: Key) -> None:
        """Try to find a node for one pod."""
        pod = self._store.get("pods", *key)
        if pod is None or not self._is_ours(pod):
            self._waiting.pop(key, None)
            return
        self._waiting[key] = None
        try:
            node = self._choose(pod)
        except NotSchedulableError as problem:
            self._assumed.pop(uid_of(pod), None)
            self._say_not_schedulable(pod, str(problem))
            return
        if self._volumes_ready(pod, node):
            self._bind(pod, node)
            del self._waiting[key]

    def _choose(self, pod: Object) -> str:
        claims = self._claims(pod)
        nodes = self._store.all("nodes")
        if not nodes:
            raise NotSchedulableError("no nodes available to schedule pods")
        self._check_claims(claims, len(nodes))
        volumes = [v for claim in claims if (v := self._volume(claim)) is not None]
        fitting: list[Candidate] = []
        refusals = []
        for node in nodes:
            candidate = Candidate(
                node=node, pods=self._pods_on(name_of(node), pod), volumes=volumes
            )
            found = filters.refusal(pod, candidate)
            if found is None:
                fitting.append(candidate)
            else:
                refusals.append(found)
        if not fitting:
            raise NotSchedulableError(filters.summary(refusals))
        assumed = self._assumed.get(uid_of(pod))
        names = [name_of(candidate.node) for candidate in fitting]
        if assumed in names:
            return str(assumed)
        most = max(_free_share(candidate) for candidate in fitting)
        best = [name_of(c.node) for c in fitting if _free_share(c) == most]
        return self._ids.choice(best)

    def _pods_on(self, node: str, pod: Object) -> list[Object]:
        return [
            other
            for other in self._store.all("pods")
            if other["spec"].get("nodeName", self._assumed.get(uid_of(other))) == node
            and uid_of(other) != uid_of(pod)
            and not pod_resources.has_ended(other)
        ]

    def _claims(self, pod: Object) -> list[Object]:
        found = []
        for volume in pod["spec"].get("volumes") or ():
            source = volume.get("persistentVolumeClaim")
            if not source:
                continue
            name = source["claimName"]
            claim = self._store.get(_CLAIMS, namespace_of(pod), name)
            total = len(self._store.all("nodes"))
            prefix = f"0/{total} nodes are available: persistentvolumeclaim "
            if claim is None:
                raise NotSchedulableError(f'{prefix}"{name}" not found. not found')
            if is_deleting(claim):
                raise NotSchedulableError(
                    f'{prefix}"{name}" is being deleted. not found'
                )
            if (claim.get("status") or {}).get("phase") == "Lost":
                lost = claim["spec"].get("volumeName")
                raise NotSchedulableError(
                    f'{prefix}"{name}" bound to non-existent persistentvolume '
                    f'"{lost}". not found'
                )
            found.append(claim)
        return found

    def _check_claims(self, claims: list[Object], nodes: int) -> None:
        for claim in claims:
            if not volume_matching.is_bound(claim) and not self._can_wait(claim):
                raise NotSchedulableError(
                    f"0/{nodes} nodes are available: pod has unbound immediate "
                    "PersistentVolumeClaims. not found"
                )

    def _can_wait(self, claim: Object) -> bool:
        """Say whether the claim is bound only after its node is chosen."""
        name = claim["spec"].get("storageClassName", "")
        class_ = self._store.get(_CLASSES, "", name)
        return (
            class_ is not None
            and class_["volumeBindingMode"] == "WaitForFirstConsumer"
            and not claim["spec"].get("volumeName")
        )

    def _volume(self, claim: Object) -> Object | None:
        name = claim["spec"].get("volumeName")
        return self._store.get(_VOLUMES, "", name) if name else None

    def _volumes_ready(self, pod: Object, node: str) -> bool:
        """Say whether all claims are bound; tell the others which node it will be."""
        ready = True
        for claim in self._claims(pod):
            if volume_matching.is_bound(claim):
                continue
            ready = False
            self._assumed[uid_of(pod)] = node
            annotations = annotations_of(claim)
            if SELECTED_NODE not in annotations:
                noted = with_meta(
                    claim, annotations={**annotations, SELECTED_NODE: node}
                )
                self._store.update(_CLAIMS, noted)
        return ready

    def _bind(self, pod: Object, node: str) -> None:
        now = rfc3339(self._clock.now_ns())
        condition = {
            "type": "PodScheduled",
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": now,
        }
        self._assumed.pop(uid_of(pod), None)
        bound = {**pod, "spec": {**pod["spec"], "nodeName": node}}
        bound = self._store.update("pods", _with_condition(bound, condition))
        text = f"Successfully assigned {namespace_of(pod)}/{name_of(pod)} to {node}"
        self._events.record(bound, NORMAL, "Scheduled", text)

    def _say_not_schedulable(self, pod: Object, message: str) -> None:
        condition = {
            "type": "PodScheduled",
            "status": "False",
            "lastProbeTime": None,
            "lastTransitionTime": rfc3339(self._clock.now_ns()),
            "reason": "Unschedulable",
            "message": message,
        }
        known = condition_of(pod, "PodScheduled")
        if known is not None and known.get("message") == message:
            return
        self._events.record(pod, WARNING, "FailedScheduling", message)
        self._store.update("pods", _with_condition(pod, condition))


def _with_condition(pod: Object, condition: Object) -> Object:
    status = pod.get("status") or {}
    others = [c for c in status.get("conditions") or () if c["type"] != "PodScheduled"]
    return {**pod, "status": {**status, "conditions": [condition, *others]}}


def _free_share(candidate: Candidate) -> float:
    """Return how much of a node's CPU and memory is free, 0 to 2."""
    there = pod_resources.allocatable(candidate.node)
    used = pod_resources.used(candidate.pods)
    return sum(
        float(1 - used.get(name, 0) / there[name])
        for name in ("cpu", "memory")
        if there.get(name)
    )
