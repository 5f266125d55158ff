"""Binds claims to volumes, makes volumes where a class says so, and lets go of them.

The class's provisioner is kind's local-path: a directory on the chosen node,
ReadWriteOnce alone. Which node a claim of a WaitForFirstConsumer class goes to is the
scheduler's to say, in an annotation.
"""

from harness.simulator.clock import rfc3339
from harness.simulator.kube_api import resources, volume_matching
from harness.simulator.kube_api.auth.user import system
from harness.simulator.kube_api.cluster import Cluster
from harness.simulator.kube_api.controllers import local_path
from harness.simulator.kube_api.controllers.loop import Loop
from harness.simulator.kube_api.event_recorder import NORMAL, WARNING, EventRecorder
from harness.simulator.kube_api.objects import (
    Object,
    annotations_of,
    is_deleting,
    meta,
    name_of,
    namespace_of,
    uid_of,
    with_meta,
)
from harness.simulator.kube_api.pauses import scaled
from harness.simulator.kube_api.store import Change
from harness.simulator.kube_api.volume_matching import SELECTED_NODE
from harness.simulator.kube_api.writer import Caller

_CLAIMS, _VOLUMES = "persistentvolumeclaims", "persistentvolumes"
_CLASSES = "storageclasses.storage.k8s.io"
_RETRY_S = 15.0
_EXTERNAL = (
    "Waiting for a volume to be created either by the external provisioner '{}' or "
    "manually by the system administrator. If volume creation is delayed, please "
    "verify that the provisioner is running and correctly registered."
)
Key = tuple[str, str]


class VolumeBinder:
    """One loop over claims, one over volumes."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._store = cluster.store
        self._clock = cluster.world.clock
        ids = cluster.ids.stream("volume-events")
        self._events = EventRecorder(
            cluster.store, self._clock, ids, component="persistentvolume-controller"
        )
        self._local_path = EventRecorder(
            cluster.store, self._clock, ids, component=local_path.PROVISIONER
        )
        self._provisioning: set[str] = set()
        self.claims: Loop[Key] = Loop("claim binder", self.sync_claim, self._clock)
        self.volumes: Loop[str] = Loop("volume binder", self.sync_volume, self._clock)
        self._ready: Loop[Key] = Loop("local-path", self._provision, self._clock)
        self._store.listen(self._notice)

    @property
    def loops(self) -> "tuple[Loop[Key], Loop[str], Loop[Key]]":
        """Return what has to run."""
        return self.claims, self.volumes, self._ready

    def _notice(self, change: Change) -> None:
        if change.resource == _CLAIMS:
            key = (namespace_of(change.last), name_of(change.last))
            self.claims.add(key)
            name = change.last["spec"].get("volumeName")
            if change.new is None and name:
                self.volumes.add(name)
        elif change.resource == _VOLUMES:
            self.volumes.add(name_of(change.last))
            ref = change.last["spec"].get("claimRef")
            if ref:
                self.claims.add((ref["namespace"], ref["name"]))
            elif change.new is not None:
                self._look_for_claims()
        elif change.resource == "pods" and (change.new is None or _has_ended(change)):
            for claim in self._store.all(_CLAIMS, namespace_of(change.last)):
                if is_deleting(claim):
                    self.claims.add((namespace_of(claim), name_of(claim)))

    def _look_for_claims(self) -> None:
        for claim in self._store.all(_CLAIMS):
            if not volume_matching.is_bound(claim):
                self.claims.add((namespace_of(claim), name_of(claim)))

    def sync_claim(self, key: Key) -> None:
        """Bring one claim a step further."""
        claim = self._store.get(_CLAIMS, *key)
        if claim is None:
            return
        if is_deleting(claim):
            self._release_claim(claim)
        elif volume_matching.is_bound(claim):
            self._check_bound(claim)
        else:
            self._look_for_volume(key, claim)

    def _look_for_volume(self, key: Key, claim: Object) -> None:
        waits = self._waits_for_consumer(claim)
        named = bool(claim["spec"].get("volumeName"))
        if not waits or named or annotations_of(claim).get(SELECTED_NODE):
            volume = volume_matching.best(claim, self._store.all(_VOLUMES))
            if volume is not None:
                self._bind(claim, volume)
                return
        if named:
            return
        class_ = self._class_of(claim)
        if class_ is None:
            self._say_without_class(claim)
        elif waits and not annotations_of(claim).get(SELECTED_NODE):
            text = "waiting for first consumer to be created before binding"
            self._events.record(claim, NORMAL, "WaitForFirstConsumer", text)
        elif class_["provisioner"] == local_path.PROVISIONER:
            self._begin(key, claim)
        else:
            text = _EXTERNAL.format(class_["provisioner"])
            self._events.record(claim, NORMAL, "ExternalProvisioning", text)

    def _say_without_class(self, claim: Object) -> None:
        name = claim["spec"].get("storageClassName")
        if name:
            text = f'storageclass.storage.k8s.io "{name}" not found'
            self._events.record(claim, WARNING, "ProvisioningFailed", text)
        else:
            text = (
                "no persistent volumes available for this claim and no storage class "
                "is set"
            )
            self._events.record(claim, NORMAL, "FailedBinding", text)

    def _begin(self, key: Key, claim: Object) -> None:
        if uid_of(claim) in self._provisioning:
            return
        text = _EXTERNAL.format(local_path.PROVISIONER)
        self._events.record(claim, NORMAL, "ExternalProvisioning", text)
        text = (
            "External provisioner is provisioning volume for claim "
            f'"{namespace_of(claim)}/{name_of(claim)}"'
        )
        self._local_path.record(claim, NORMAL, "Provisioning", text)
        modes = set(claim["spec"].get("accessModes") or ())
        if not modes <= {"ReadWriteOnce", "ReadWriteOncePod"}:
            name = claim["spec"].get("storageClassName")
            text = (
                f'failed to provision volume with StorageClass "{name}": '
                f"{local_path.REFUSED}"
            )
            self._local_path.record(claim, WARNING, "ProvisioningFailed", text)
            self.claims.add_after(key, scaled(self._clock, _RETRY_S))
            return
        self._provisioning.add(uid_of(claim))
        self._store.update(
            _CLAIMS, with_meta(claim, annotations=_provisioned_by(claim))
        )
        self._ready.add_lagging(key, local_path.DURATION_S)

    def _provision(self, key: Key) -> None:
        claim = self._store.get(_CLAIMS, *key)
        if claim is None or is_deleting(claim):
            return
        self._provisioning.discard(uid_of(claim))
        class_ = self._class_of(claim)
        node = annotations_of(claim).get(SELECTED_NODE) or self._any_node()
        if class_ is None or not node:
            return
        volume = local_path.new_volume(claim, class_, node)
        caller = Caller(user=system("local-path-provisioner"))
        row = resources.by_plural(_VOLUMES)
        self._cluster.writer.create(row, "", volume, caller)
        text = f"Successfully provisioned volume {name_of(volume)}"
        self._local_path.record(claim, NORMAL, "ProvisioningSucceeded", text)

    def _bind(self, claim: Object, volume: Object) -> None:
        ref = {
            "kind": "PersistentVolumeClaim",
            "namespace": namespace_of(claim),
            "name": name_of(claim),
            "uid": uid_of(claim),
            "apiVersion": "v1",
            "resourceVersion": meta(claim)["resourceVersion"],
        }
        if not volume_matching.refers_to(volume, claim):
            volume = _annotated(volume, "pv.kubernetes.io/bound-by-controller")
            volume = {**volume, "spec": {**volume["spec"], "claimRef": ref}}
            volume = self._store.update(_VOLUMES, volume)
        volume = self._store.update(_VOLUMES, self._with_phase(volume, "Bound"))
        if not claim["spec"].get("volumeName"):
            claim = _annotated(claim, "pv.kubernetes.io/bound-by-controller")
            spec = {**claim["spec"], "volumeName": name_of(volume)}
            claim = {**claim, "spec": spec}
        claim = _annotated(claim, "pv.kubernetes.io/bind-completed")
        claim = self._store.update(_CLAIMS, claim)
        status = {
            "phase": "Bound",
            "accessModes": list(volume["spec"]["accessModes"]),
            "capacity": dict(volume["spec"]["capacity"]),
        }
        self._store.update(_CLAIMS, {**claim, "status": status})

    def _check_bound(self, claim: Object) -> None:
        """Say that a bound claim is lost when its volume is gone."""
        volume = self._store.get(_VOLUMES, "", claim["spec"]["volumeName"])
        if volume is not None and volume_matching.refers_to(volume, claim):
            return
        if (claim.get("status") or {}).get("phase") != "Lost":
            self._store.update(_CLAIMS, {**claim, "status": {"phase": "Lost"}})
            text = (
                "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
            )
            self._events.record(claim, WARNING, "ClaimLost", text)

    def _release_claim(self, claim: Object) -> None:
        """Let a deleted claim go when no pod that runs uses it."""
        protection = "kubernetes.io/pvc-protection"
        left = [f for f in meta(claim).get("finalizers") or () if f != protection]
        used = any(
            _uses(pod, name_of(claim))
            for pod in self._store.all("pods", namespace_of(claim))
        )
        if used or protection not in (meta(claim).get("finalizers") or ()):
            return
        free = with_meta(claim, finalizers=left or None)
        if left:
            self._store.update(_CLAIMS, free)
        else:
            self._store.delete(_CLAIMS, free)

    def sync_volume(self, name: str) -> None:
        """Bring one volume a step further."""
        volume = self._store.get(_VOLUMES, "", name)
        if volume is None:
            return
        ref = volume["spec"].get("claimRef")
        claim = self._store.get(_CLAIMS, ref["namespace"], ref["name"]) if ref else None
        bound = bool(claim) and volume_matching.refers_to(volume, claim or {})
        if is_deleting(volume) and not bound:
            self._release_volume(volume)
        elif not ref or not ref.get("uid"):
            self._store.update(_VOLUMES, self._with_phase(volume, "Available"))
        elif not bound:
            self._reclaim(volume)

    def _reclaim(self, volume: Object) -> None:
        volume = self._store.update(_VOLUMES, self._with_phase(volume, "Released"))
        made_by = annotations_of(volume).get("pv.kubernetes.io/provisioned-by")
        policy = volume["spec"]["persistentVolumeReclaimPolicy"]
        if (
            policy == "Delete"
            and made_by == local_path.PROVISIONER
            and not is_deleting(volume)
        ):
            self._release_volume(volume)

    def _release_volume(self, volume: Object) -> None:
        protection = "kubernetes.io/pv-protection"
        left = [f for f in meta(volume).get("finalizers") or () if f != protection]
        free = with_meta(volume, finalizers=left or None)
        if left:
            self._store.update(_VOLUMES, free)
        else:
            self._store.delete(_VOLUMES, free)

    def _with_phase(self, volume: Object, phase: str) -> Object:
        if (volume.get("status") or {}).get("phase") == phase:
            return volume
        now = rfc3339(self._clock.now_ns())
        return {**volume, "status": {"phase": phase, "lastPhaseTransitionTime": now}}

    def _class_of(self, claim: Object) -> Object | None:
        return self._store.get(_CLASSES, "", claim["spec"].get("storageClassName", ""))

    def _waits_for_consumer(self, claim: Object) -> bool:
        class_ = self._class_of(claim)
        mode = class_["volumeBindingMode"] if class_ else "Immediate"
        return bool(mode == "WaitForFirstConsumer")

    def _any_node(self) -> str:
        nodes = self._store.all("nodes")
        return name_of(nodes[0]) if nodes else ""


def _provisioned_by(claim: Object) -> dict[str, str]:
    keys = ("volume.beta.kubernetes.io", "volume.kubernetes.io")
    noted = {f"{key}/storage-provisioner": local_path.PROVISIONER for key in keys}
    return {**annotations_of(claim), **noted}


def _annotated(obj: Object, key: str) -> Object:
    return with_meta(obj, annotations={**annotations_of(obj), key: "yes"})


def _uses(pod: Object, claim: str) -> bool:
    ended = (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")
    return not ended and any(
        (volume.get("persistentVolumeClaim") or {}).get("claimName") == claim
        for volume in pod["spec"].get("volumes") or ()
    )


def _has_ended(change: Change) -> bool:
    status = (change.new or {}).get("status") or {}
    return status.get("phase") in ("Succeeded", "Failed")
