"""A cell's place in a cluster whose wrapper runs in a pod made from the Deployment."""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..errors import HarnessFailure
from ..incluster import wrapper
from ..scenario.cells import Cell
from ..tap.faults import Fault
from ..tap.gates import Moment
from ..tap.journal import Call
from . import faults, grids, manifests, namespace_rules, pod_objects, two_nodes
from .in_cluster import InCluster, RemoteApplication, Slot, in_namespace
from .kube_place import LEFT, KubePlace, KubeRun
from .patience import COLLECT
from .place import image_of
from .pod_client import PodClient, describe
from .pod_objects import ExtraMounts
from .wrapper_pod import WrapperPod

_UID = re.compile(rb'"uid":\s*"([0-9a-f-]{36})"')


class RemoteJournal:
    """What the tap beside the wrapper has noted."""

    def __init__(self, client: PodClient) -> None:
        self._client = client

    def calls(self) -> list[Call]:
        """All calls so far, in the order of their beginning."""
        return [_call(one) for one in self._client.call("GET", "calls")]


class RemoteGates:
    """The gates of the tap beside the wrapper."""

    def __init__(self, client: PodClient) -> None:
        self._client = client

    def hold(self, chosen: str, moment: Moment, nth: int = 1) -> "RemoteHold":
        """Stop the nth such call, from now on."""
        number = self._client.call(
            "POST", "hold", chosen=chosen, moment=moment, nth=str(nth)
        )
        return RemoteHold(self._client, str(number))


class RemoteHold:
    """A call that is stopped there."""

    def __init__(self, client: PodClient, number: str) -> None:
        self._client = client
        self._number = number

    def wait(self, timeout_s: float) -> bool:
        """Whether the call has come, after waiting a while for it."""
        came = self._client.call(
            "GET", "held", number=self._number, seconds=f"{timeout_s:.3f}"
        )
        return bool(came)

    def release(self, *, goes_on: bool = True) -> None:
        """Let it go on, or cut its connection."""
        self._client.call(
            "POST", "release", number=self._number, goes_on=str(int(goes_on))
        )


def _call(told: Mapping[str, Any]) -> Call:
    return Call(
        **{
            **told,
            "at": datetime.fromisoformat(told["at"]),
            "request": base64.b64decode(told["request"]),
            "response": base64.b64decode(told["response"]),
        }
    )


class RemoteFiles:
    """The shared claim, through the container beside the wrapper."""

    def __init__(self, client: PodClient) -> None:
        self._client = client

    def listing(self) -> list[dict[str, Any]]:
        """Everything below its root."""
        found: list[dict[str, Any]] = self._client.call("GET", "io")
        return found

    def put(self, archive: bytes) -> None:
        """Unpack a tar archive there."""
        self._client.call("PUT", "io", data=archive)


@dataclass(kw_only=True)
class PodPlace(KubePlace):
    """One cell's place: a slot, and in it the wrapper's pod."""

    app: RemoteApplication
    cluster: InCluster
    slot: Slot
    pod: WrapperPod
    secret: Mapping[str, Any]
    """The pod's environment of this cell, as a Secret."""
    lacks: dict[str, str] = field(default_factory=dict)
    """What of it the pod doesn't have, being one that served another cell."""
    node: str = ""
    """The node that it has to go to; "" for any."""
    users: Mapping[str, int] = field(default_factory=dict)
    """As in a securityContext: those that the scenario gives to workers."""
    faults: tuple[Fault, ...] = ()
    _code: bytes = b""

    def begin(self, code: bytes, extra: ExtraMounts) -> None:
        """Have the wrapper's pod there; a new one starts while the rows are arranged.

        :param code: an archive of the subject
        """
        self._code = code
        spec = pod_objects.wrapper_pod(
            self.slot.of_kind("Deployment"),
            name=self.pod.name,
            image=self.cluster.image,
            labels=self.cluster.labels,
            token=self.pod.token,
            tap_secret=self.cluster.tap_secret,
            grids_claim=self.environ["QFIELDCLOUD_K8S_TRANSFORMATION_GRIDS_PVC"],
            extra=extra,
            users=self.users,
        )
        if self.node:
            spec["spec"]["nodeSelector"] = dict(two_nodes.selector(self.node))
        self.lacks = self.pod.begin(spec, dict(self.secret))
        for uid in self.pod.uids:
            self._own[uid] = ""

    def prepare(self, job_id: str, neighbour_job_id: str) -> None:
        """Fill the claims and bring the subject's code, once the pod is there."""
        self.pod.wait_until_ready()
        self.pod.sidecar.call("PUT", "grids", data=grids.archive())
        armed = json.dumps([one.as_json() for one in self.faults])
        self.pod.sidecar.call("PUT", "faults", data=armed.encode())
        super().prepare(job_id, neighbour_job_id)
        self.pod.agent.call("PUT", "code", data=self._code)

    def collect(self) -> None:
        """Bring what the subject has stored to the stand-in.

        QFieldCloud's pods share an object store; here each has a directory instead.
        """
        archive = base64.b64decode(self.pod.agent.call("GET", "storage"))
        if archive:
            self.app.put_storage(archive)

    def evidence(self) -> dict[str, Any]:
        """The namespace's events, and how the wrapper's own pod fares."""
        found = self.run.api.get("Pod", self.pod.name, self.namespace)
        told = describe(found) if found else "gone"
        return {**super().evidence(), "wrapper_pod": told}

    def clear(self) -> None:
        """Remove what was made for the cell or by the subject, and wait for its end.

        :raises TimedOut: it doesn't go
        """
        namespace_rules.take_back(self.run.api, self.namespace, self.given)
        made = self._made()
        bystanders = {uid for uid, what in self._own.items() if what}
        wanted = made | bystanders

        def look() -> tuple[bool | None, str]:
            left = []
            for kind in LEFT:
                for one in self.run.api.list(kind, self.namespace):
                    meta = one["metadata"]
                    owners = {str(o["uid"]) for o in meta.get("ownerReferences") or ()}
                    name = str(meta["name"])
                    if meta["uid"] in wanted or owners & wanted:
                        left.append(f"{kind} {name}")
                        if "deletionTimestamp" not in meta:
                            self.run.api.delete(kind, name, self.namespace)
            return (None if left else True), ", ".join(left)

        COLLECT.wait(f"what the cell made in {self.namespace} to go", look)
        self.pod.renew()
        self.run.observer.forget(self.namespace)

    def _made(self) -> frozenset[str]:
        try:
            return made_by(self.journal.calls())
        except HarnessFailure:  # the pod never ran, or is gone
            return frozenset()


def made_by(calls: Iterable[Call]) -> frozenset[str]:
    """UIDs of what these calls created, whoever has deleted it since.

    An answer begins with the object's own metadata, so the first UID is its.
    """
    found = set()
    for call in calls:
        if call.method == "POST" and call.status in (200, 201):
            match = _UID.search(call.response)
            if match:
                found.add(match[1].decode())
    return frozenset(found)


@contextmanager
def open_pod_place(
    run: KubeRun, cluster: InCluster, cell: Cell, number: int
) -> Iterator[PodPlace]:
    """A slot with the cell's rights and a stand-in of its own."""
    with ExitStack() as stack:
        other_node = cell.scenario.given.other_node
        slot = stack.enter_context(cluster.slot(shared=other_node == "shared"))
        app = cluster.open_app(f"cell_{cluster.run_id}_{number}")
        stack.callback(app.close)
        namespace = slot.namespace
        role = manifests.without_rights(
            slot.of_kind("Role"),
            [(right.resource, right.verb) for right in cell.scenario.given.without],
        )
        run.api.replace(in_namespace(role, namespace), namespace)
        deployment = slot.of_kind("Deployment")
        given = cell.scenario.given.environment_name or "harness"
        own = {
            "ENVIRONMENT": f"{given}-{cluster.run_id}-{number}",
            "QFC_APP_STORAGE_DIR": str(wrapper.STORAGE),
            "QFIELDCLOUD_QGIS_IMAGE_NAME": run.images[image_of(cell)],
            "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL": app.api_url,
        }
        node = ""
        if other_node:
            node, another = two_nodes.choose(run.api, namespace)
            own.update(two_nodes.settings(another))
        values = {name: value.encode() for name, value in (app.environ | own).items()}
        source = pod_objects.wrapper_container(deployment)["envFrom"][0]
        secret = pod_objects.secret(source["secretRef"]["name"], cluster.labels, values)
        pod = stack.enter_context(cluster.wrapper_pod(slot, run.observer))
        beside = pod.sidecar
        place = PodPlace(
            app=app,
            journal=RemoteJournal(beside),
            gates=RemoteGates(beside),
            environment_name=own["ENVIRONMENT"],
            environ={**manifests.deployment_environ(deployment, namespace), **own},
            binds=(),
            granted=manifests.rules_of(role),
            run=run,
            namespace=namespace,
            given=cell.scenario.given,
            files=RemoteFiles(beside),
            cluster=cluster,
            slot=slot,
            pod=pod,
            secret=secret,
            faults=faults.of_cell(cell),
            node=node,
            users=pod_objects.users(cell.scenario.given.settings),
        )
        place.own_all(slot.made)
        place.own_all(_there(run, namespace))
        stack.callback(place.clear)
        yield place


def _there(run: KubeRun, namespace: str) -> Iterator[str]:
    """UIDs of what was in the namespace before."""
    for kind in LEFT:
        for one in run.api.list(kind, namespace):
            yield str(one["metadata"]["uid"])
