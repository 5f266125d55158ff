"""A cell's place in a Kubernetes cluster, whoever answers for it."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ..scenario.schema import Given
from ..tap.tap import Tap
from . import claim_files, evidence, kube_deeds, logs, namespace_rules
from .claim_files import ClaimFiles
from .kube_api import KubeApi
from .kube_observer import KubeObserver
from .own_nodes import OwnNodes
from .place import Bind, Bystander, Calls, GateKeeper, Leftover, Rule, ServedApp
from .pod_objects import RUN_LABEL
from .seen import WorkerSeen
from .worker_of_job import container_state

GONE_TIMEOUT_S = 20.0
LOOK_AGAIN_S = 0.5
"""At the latest; mostly a watch tells that there is something new to see."""
LEFT = ("Job", "Pod", "Secret", "ConfigMap", "PersistentVolumeClaim")


@dataclass(frozen=True, kw_only=True, slots=True)
class KubeRun:
    """What the cells of a run share in a cluster."""

    run_id: str
    api: KubeApi
    observer: KubeObserver
    tap: Tap
    images: Mapping[str, str]
    kill_pod: Callable[[str, str], None]
    """Kills the processes of a pod's container, as the node's administrator could."""
    nodes: OwnNodes | None = None
    """Adds nodes and loses them, where that can be done."""
    inject: Callable[[str, Mapping[str, Any]], None] | None = None
    """Has containers added to a namespace's workers, where that can be done."""


@dataclass(kw_only=True)
class KubePlace:
    """One cell's place: a namespace with the manifests of the base."""

    app: ServedApp
    journal: Calls
    gates: GateKeeper
    environment_name: str
    environ: Mapping[str, str]
    binds: tuple[Bind, ...]
    granted: tuple[Rule, ...] | None
    run: KubeRun
    namespace: str
    files: ClaimFiles
    """The shared claim, as the harness sees it."""
    given: Given
    _job_id: str = ""
    _own: dict[str, str] = field(default_factory=dict)
    """UIDs of the objects that the harness made, and what they stand for."""

    def prepare(self, job_id: str, neighbour_job_id: str) -> None:
        """Bystanders of this and of another ENVIRONMENT; another job's directory."""
        self._job_id = job_id
        folders = (f"jobs/{neighbour_job_id}", neighbour_job_id)
        self.files.put(claim_files.neighbours(folders))
        for what, name, job in (
            (
                "another job of this ENVIRONMENT",
                self.environment_name,
                neighbour_job_id,
            ),
            ("a job of another ENVIRONMENT", "elsewhere", job_id),
        ):
            made = self.run.api.create(
                _suspended_job(self.run, name, job), self.namespace
            )
            self._own[made["metadata"]["uid"]] = what
        for one in namespace_rules.put(self.run.api, self.namespace, self.given):
            self.own(one)

    def wait(self, moment: str, timeout_s: float) -> bool:
        """Wait for a moment in the life of the subject's pod."""
        wanted = {
            "worker_created": bool,
            "worker_running": lambda pod: bool(
                {"running", "terminated"} & set(container_state(pod))
            ),
            "worker_ended": lambda pod: "terminated" in container_state(pod),
        }[moment]
        return bool(self._pod(wanted, timeout_s))

    def _pod(
        self, wanted: Callable[[Mapping[str, Any]], bool], timeout_s: float
    ) -> Mapping[str, Any] | None:
        """A pod of the subject's that is as wanted."""

        def test(pod: Mapping[str, Any]) -> bool:
            return not self._is_ours(pod) and wanted(pod)

        return self.run.observer.wait_for(self.namespace, test, timeout_s)

    def _is_ours(self, found: Mapping[str, Any]) -> bool:
        meta = found["metadata"]
        return meta["uid"] in self._own or RUN_LABEL in (meta.get("labels") or {})

    def act(self, deed: str) -> str:
        """Do something to the subject's pod, or to what it stands on."""
        pod = self._pod(bool, 0) or {"metadata": {"namespace": self.namespace}}
        name = str(pod["metadata"].get("name", ""))
        if deed == "kill_worker":
            self.run.kill_pod(self.namespace, name)
        elif deed in ("lose_node", "find_node"):
            assert self.run.nodes is not None
            act = self.run.nodes.lose if deed == "lose_node" else self.run.nodes.find
            act(self.namespace)
        else:
            kube_deeds.act(deed, self.run.api, pod)
        return f"{deed} {name}".strip()

    def workers(self) -> list[WorkerSeen]:
        """The subject's Jobs, or its pods without one."""
        found = self.run.observer.workers(self.namespace, self._own)
        for worker in found:
            if worker.log is not None:
                logs.check_followed(worker.log.tail or worker.log.head)
        for call in self.journal.calls():
            if call.is_log:
                logs.check_followed(call.response)
        return [self._with_log(worker) for worker in found]

    def _with_log(self, worker: WorkerSeen) -> WorkerSeen:
        """The worker with its log as the subject was given it, if we came too late."""
        if worker.log is not None and worker.log.whole:
            return worker
        pods = {str(one["metadata"]["name"]) for one in worker.objects}
        for call in self.journal.calls():
            asked = call.is_log and call.path.split("/")[-2] in pods and not call.fault
            if asked and call.status == 200 and call.is_whole:
                return replace(worker, log=logs.of_bytes(call.response))
        return worker

    def leftovers(self) -> list[Leftover]:
        """Objects in the namespace, files on the shared claim.

        A lost node comes back first: what its kubelet removes then, isn't left.
        """
        if self.given.own_node and self.run.nodes is not None:
            self.run.nodes.find(self.namespace)
        deadline = time.monotonic() + GONE_TIMEOUT_S
        observer = self.run.observer
        while True:
            known = len(observer.history(self.namespace))
            objects, fading = self._objects()
            # what has a deletionTimestamp is on its way; the rest stays for good
            if not fading or time.monotonic() > deadline:
                break
            observer.wait_for_more(self.namespace, known, LOOK_AGAIN_S)
        return [*objects, *self._files()]

    def _objects(self) -> tuple[list[Leftover], bool]:
        found: list[Leftover] = []
        fading = False
        for kind in LEFT:
            for one in self.run.api.list(kind, self.namespace):
                meta = one["metadata"]
                if meta["uid"] in self._own or _made_by_cluster(kind, meta["name"]):
                    continue
                fading |= "deletionTimestamp" in meta or self._orphan(meta)
                found.append(Leftover(kind=kind, name=meta["name"]))
        return found, fading

    def _orphan(self, meta: Mapping[str, Any]) -> bool:
        """Whether its owner is gone, so that the garbage collector will take it."""
        owners = meta.get("ownerReferences") or ()
        jobs = {
            one["metadata"]["uid"] for one in self.run.api.list("Job", self.namespace)
        }
        return bool(owners) and not any(owner["uid"] in jobs for owner in owners)

    def _files(self) -> list[Leftover]:
        left = claim_files.left(self.files.listing(), self._job_id)
        return [Leftover(kind="file", name=path) for path in left]

    def bystanders(self) -> list[Bystander]:
        """Whether the bystanders are as they were made."""
        present = {
            one["metadata"]["uid"]: one
            for one in self.run.api.list("Job", self.namespace)
        }
        return [
            Bystander(
                kind="Job",
                name=uid,
                what=what,
                untouched="deletionTimestamp"
                not in present.get(uid, {"metadata": {"deletionTimestamp": ""}})[
                    "metadata"
                ],
            )
            for uid, what in self._own.items()
            if what
        ]

    def backend_end(self) -> datetime | None:
        """When the watch first showed the container terminated."""
        for change in self.run.observer.history(self.namespace):
            if change.kind != "Pod" or self._is_ours(change.object):
                continue
            if "terminated" in container_state(change.object):
                return change.at
        return None

    def evidence(self) -> dict[str, Any]:
        """The namespace's events, oldest first; each pod as last seen."""
        events = [
            f"{one.object.get('reason')}: {one.object.get('message')}"
            for one in self.run.observer.history(self.namespace)
            if one.kind == "Event"
        ]
        last = {
            change.object["metadata"]["uid"]: change.object
            for change in self.run.observer.history(self.namespace)
            if change.kind == "Pod"
        }
        return {"events": events, "described": evidence.pods(last.values())}

    def own(self, made: Mapping[str, Any]) -> None:
        """Note an object that the harness made."""
        self.own_all([str(made["metadata"]["uid"])])

    def own_all(self, uids: Iterable[str]) -> None:
        """Note objects that the subject didn't make."""
        self._own.update((uid, "") for uid in uids)


def _made_by_cluster(kind: str, name: str) -> bool:
    return kind == "ConfigMap" and name == "kube-root-ca.crt"


def _suspended_job(run: KubeRun, environment: str, job_id: str) -> dict[str, Any]:
    """A Job as wrappers make them, which never runs and costs nothing."""
    labels = {
        "app": f"{environment}_worker",
        "type": "package",
        "job_id": job_id,
        "app.kubernetes.io/managed-by": "qfieldcloud-worker-wrapper",
        RUN_LABEL: run.run_id,
    }
    image = run.images["probe"] or run.images["job"]  # it never runs
    container = {"name": "qgis", "image": image}
    prefix = f"bystander-{run.run_id}-"
    pod = {"restartPolicy": "Never", "containers": [container]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"generateName": prefix, "labels": _legal(labels)},
        "spec": {"suspend": True, "template": {"spec": pod}},
    }


def _legal(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels that Kubernetes takes; an ENVIRONMENT may have a name it doesn't."""
    return {
        key: value
        for key, value in labels.items()
        if len(value) <= 63
        and value.replace("-", "").replace("_", "").replace(".", "").isalnum()
    }
