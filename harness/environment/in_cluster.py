"""What a run has in a cluster whose wrappers run in pods: the app's pod, and slots.

A slot is a namespace with the base's accounts, claims and rights, in which one cell
after the other has its wrapper's pod: to provision claims takes longer than most jobs.
"""

import contextlib
import itertools
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..incluster import app as app_program
from ..standin.application import ControlApi
from ..tap.tap import Tap
from . import manifests, pod_objects
from .kube_api import KubeApi, KubeRefused
from .kube_observer import KubeObserver
from .manifests import Object
from .patience import CLEAN_UP
from .pod_client import PodClient, proxy_url
from .pod_objects import RUN_LABEL
from .wrapper_pod import WrapperPod

SHARED = "/qfc-harness"
"""Where the nodes of a cluster of ours have the directory that they share."""
TAP_SECRET = "qfc-harness-tap"  # noqa: S105 (its name)
APP = "qfc-harness-app"
WRAPPER = "qfc-harness-wrapper"
_ORDER = (
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "PersistentVolumeClaim",
)
"""What of the base a slot holds; the Deployment's pod is made for each cell."""


class RemoteApplication:
    """A stand-in that is served in the app's pod."""

    def __init__(self, client: PodClient, name: str, access: KubeApi, pod: str) -> None:
        self._client = client
        self._name = name
        opened = client.call("POST", "open", name=name)
        self.environ: dict[str, str] = opened["environ"]
        self.url = str(opened["url"])
        namespace, name = pod.split("/")
        port = int(self.url.rsplit(":", 1)[1])
        self.control = ControlApi(
            proxy_url(access.access, namespace, name, port),
            str(opened["token"]),
            access.new_session(),
        )

    @property
    def api_url(self) -> str:
        """``QFIELDCLOUD_URL`` for workers in the cluster."""
        return f"{self.url}/api/v1/"

    @property
    def log(self) -> str:
        """What the server wrote."""
        return str(self._client.call("GET", "log", name=self._name))

    def put_storage(self, archive: bytes) -> None:
        """Put files into its storage, which stands for S3."""
        self._client.call("PUT", "storage", data=archive, name=self._name)

    def close(self) -> None:
        """End it, and drop its database."""
        self.control.close()
        self._client.call("POST", "close", name=self._name)


@dataclass(kw_only=True, slots=True, eq=False)
class Slot:
    """A namespace for one cell at a time."""

    namespace: str
    objects: tuple[Object, ...]
    """The base's, under the names that they have here."""
    made: frozenset[str]
    """UIDs of what is there as long as the slot is."""
    pod: WrapperPod | None = None
    """Where the last cell's wrapper ran, as good as new."""

    def of_kind(self, kind: str) -> Object:
        """The one object of a kind, or the first."""
        return manifests.of_kind(self.objects, kind)[0]


class InCluster:
    """The parts of a run in one cluster.

    :param namespace: the one to use for everything; "" to make namespaces
    """

    def __init__(
        self, api: KubeApi, tap: Tap, *, run_id: str, image: str, namespace: str = ""
    ) -> None:
        self.api = api
        self.run_id = run_id
        self.image = image
        self.labels = {RUN_LABEL: run_id}
        self._tap = tap
        self._given = namespace
        self._suffix = f"-{run_id}" if namespace else ""
        self._numbers = itertools.count(1)
        self._pods = itertools.count(1)
        self._idle: list[Slot] = []
        self._free = threading.Condition()
        self._slots: list[Slot] = []
        self._token = secrets.token_urlsafe(24)
        self.namespace = namespace or f"qfc-{run_id}-app"
        if not namespace:
            self._make_namespace(self.namespace)
        self._app = f"{APP}{self._suffix}"
        self.api.create(
            pod_objects.app_pod(self._app, image, self.labels, self._token),
            self.namespace,
        )
        self._client = PodClient(
            api, self.namespace, self._app, port=app_program.PORT, token=self._token
        )
        self._ready = threading.Event()

    def _make_namespace(self, name: str) -> None:
        metadata = {"name": name, "labels": self.labels}
        self.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})

    def wait_until_ready(self) -> None:
        """Wait for the app's pod."""
        if not self._ready.is_set():
            self._client.wait_until_ready()
            self._ready.set()

    def open_app(self, name: str) -> RemoteApplication:
        """A stand-in with a database of its own."""
        self.wait_until_ready()
        pod = f"{self.namespace}/{self._app}"
        return RemoteApplication(self._client, name, self.api, pod)

    @contextmanager
    def slot(self, *, shared: bool = False) -> Iterator[Slot]:
        """A slot that nobody else has; used again only if it is clean afterwards.

        :param shared: its volumes are a directory that all nodes share; used once
        """
        slot = self._new(shared=True) if shared else self._take()
        clean = False
        try:
            yield slot
            clean = not shared
        finally:
            with self._free:
                if clean or self._given:
                    self._idle.append(slot)
                else:
                    self._slots.remove(slot)
                    self._delete(slot)
                self._free.notify()

    @contextmanager
    def wrapper_pod(self, slot: Slot, observer: KubeObserver) -> Iterator[WrapperPod]:
        """The pod for a cell's wrapper: the slot's, or one that is still to be made."""
        pod, slot.pod = slot.pod, None
        if pod is None:
            name = f"{WRAPPER}-{self.run_id}-{next(self._pods)}"
            token = secrets.token_urlsafe(24)
            pod = WrapperPod(self.api, observer, slot.namespace, name, token)
        try:
            yield pod
        except BaseException:
            pod.end()
            raise
        if pod.usable:
            slot.pod = pod

    def _take(self) -> Slot:
        with self._free:
            if self._given and self._slots:
                self._free.wait_for(lambda: self._idle)
            if self._idle:
                return self._idle.pop()
            return self._new()

    def _new(self, *, shared: bool = False) -> Slot:
        slot = self._make(shared=shared)
        self._slots.append(slot)
        return slot

    def _make(self, *, shared: bool) -> Slot:
        namespace = self._given
        if not namespace:
            namespace = f"qfc-{self.run_id}-{next(self._numbers)}"
            self._make_namespace(namespace)
        objects = pod_objects.renamed(manifests.base(), self._suffix, self.labels)
        parts = {
            "tls.pem": self._tap.server_pem,
            "ca.crt": self._tap.ca_file.read_bytes(),
        }
        tap = pod_objects.secret(self.tap_secret, self.labels, parts)
        made = [self.api.create(tap, namespace)]
        if shared:
            objects = [self._on_shared_directory(one, namespace) for one in objects]
        for kind in _ORDER:
            made += [
                self.api.create(in_namespace(one, namespace), namespace)
                for one in manifests.of_kind(objects, kind)
            ]
        uids = frozenset(str(one["metadata"]["uid"]) for one in made)
        return Slot(namespace=namespace, objects=tuple(objects), made=uids)

    def _on_shared_directory(self, found: Object, namespace: str) -> Object:
        """A claim with a volume of its own below the directory that nodes share."""
        if found["kind"] != "PersistentVolumeClaim":
            return found
        claim = found["metadata"]["name"]
        name = f"{namespace}-{claim}"
        spec = found["spec"] | {"storageClassName": "", "volumeName": name}
        spec["accessModes"] = ["ReadWriteMany"]
        path = f"{SHARED}/{namespace}/{claim}"
        volume = {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": name, "labels": self.labels},
            "spec": {
                "capacity": spec["resources"]["requests"],
                "accessModes": spec["accessModes"],
                "persistentVolumeReclaimPolicy": "Retain",
                "storageClassName": "",
                "hostPath": {"path": path, "type": "DirectoryOrCreate"},
            },
        }
        self.api.create(volume)
        return {**found, "spec": spec}

    @property
    def tap_secret(self) -> str:
        """The Secret with the tap's key and authority, in each slot."""
        return f"{TAP_SECRET}{self._suffix}"

    def _delete(self, slot: Slot) -> None:
        if slot.pod is not None:
            slot.pod.end()
        if not self._given:
            self.api.delete("Namespace", slot.namespace)
            for claim in manifests.of_kind(slot.objects, "PersistentVolumeClaim"):
                if claim["spec"].get("volumeName"):
                    volume = claim["spec"]["volumeName"]
                    self.api.delete("PersistentVolume", volume)
            return
        for kind in reversed(_ORDER):
            for one in manifests.of_kind(slot.objects, kind):
                self.api.delete(kind, one["metadata"]["name"], slot.namespace)
        self.api.delete("Secret", self.tap_secret, slot.namespace)

    def close(self) -> None:
        """Remove all that was made."""
        self._client.close()
        with contextlib.suppress(KubeRefused):
            self.api.delete("Pod", self._app, self.namespace, gracePeriodSeconds=1)
        for slot in self._slots:
            with contextlib.suppress(KubeRefused):
                self._delete(slot)
        if self._given:
            self._wait_until_gone()
        else:
            self.api.delete("Namespace", self.namespace)

    def _wait_until_gone(self) -> None:
        """A namespace that was given is left as it was."""

        def look() -> tuple[bool | None, str]:
            left = [
                f"{kind} {one['metadata']['name']}"
                for kind in ("Pod", "Secret", *_ORDER)
                for one in self.api.list(kind, self._given)
                if self.labels.items() <= (one["metadata"].get("labels") or {}).items()
            ]
            return (None if left else True), ", ".join(left)

        CLEAN_UP.wait(f"what the run made in {self._given} to go", look)


def in_namespace(found: Object, namespace: str) -> Mapping[str, Any]:
    """An object as it is created there: a binding says where its subjects are."""
    if found["kind"] != "RoleBinding":
        return found
    subjects = [{**one, "namespace": namespace} for one in found["subjects"]]
    return {**found, "subjects": subjects}
