"""What a cluster's administrator, or the cluster itself, does to a worker's pod.

Each does by the API what the real part would do, in its words, so that it is the same
in every environment: a drain evicts, the scheduler notes a preemption and deletes.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from .kube_api import KubeApi, path_of

Pod = Mapping[str, Any]
Act = Callable[[KubeApi, Pod], None]


def act(deed: str, api: KubeApi, pod: Pod) -> None:
    """Do it.

    :raises KeyError: for a deed that isn't one to a pod
    """
    DEEDS[deed](api, pod)


def _path(pod: Pod) -> str:
    meta = pod["metadata"]
    return f"{path_of('Pod', meta['namespace'])}/{meta['name']}"


def _delete_worker(api: KubeApi, pod: Pod) -> None:
    meta = pod["metadata"]
    api.delete("Pod", meta["name"], meta["namespace"])


def _delete_job(api: KubeApi, pod: Pod) -> None:
    meta = pod["metadata"]
    for owner in meta.get("ownerReferences") or ():
        if owner["kind"] == "Job":
            api.delete("Job", owner["name"], meta["namespace"])


def _delete_secret(api: KubeApi, pod: Pod) -> None:
    """Remove every Secret that a Job owns."""
    namespace = pod["metadata"]["namespace"]
    for one in api.list("Secret", namespace):
        owners = one["metadata"].get("ownerReferences") or ()
        if any(owner["kind"] == "Job" for owner in owners):
            api.delete("Secret", one["metadata"]["name"], namespace)


def _evict_worker(api: KubeApi, pod: Pod) -> None:
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": pod["metadata"]["name"]},
    }
    api.call("POST", f"{_path(pod)}/eviction", body)


def _preempt_worker(api: KubeApi, pod: Pod) -> None:
    condition = {
        "type": "DisruptionTarget",
        "status": "True",
        "reason": "PreemptionByScheduler",
        "message": "default-scheduler: preempting to accommodate a higher priority pod",
        "lastTransitionTime": _now(),
    }
    api.patch(f"{_path(pod)}/status", {"status": {"conditions": [condition]}})
    _delete_worker(api, pod)


def _bind_worker(api: KubeApi, pod: Pod) -> None:
    """Give the pod to a node that the scheduler found too small for it."""
    node = api.list("Node")[0]["metadata"]["name"]
    body = {
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {"name": pod["metadata"]["name"]},
        "target": {"apiVersion": "v1", "kind": "Node", "name": node},
    }
    api.call("POST", f"{_path(pod)}/binding", body)


def _forget_worker(api: KubeApi, pod: Pod) -> None:
    """Take the pod away as if it had never been: the Job makes another."""
    api.patch(_path(pod), {"metadata": {"finalizers": None}})
    meta = pod["metadata"]
    api.delete("Pod", meta["name"], meta["namespace"], gracePeriodSeconds=0)


def _say_unknown(api: KubeApi, pod: Pod) -> None:
    status = {"phase": "Unknown", "reason": "NodeStatusUnknown"}
    api.patch(f"{_path(pod)}/status", {"status": status})


def _free_quota(api: KubeApi, pod: Pod) -> None:
    """Remove the namespace's quotas, also where there is no pod yet."""
    namespace = pod["metadata"]["namespace"]
    for quota in api.list("ResourceQuota", namespace):
        api.delete("ResourceQuota", quota["metadata"]["name"], namespace)


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


DEEDS: Mapping[str, Act] = {
    "bind_worker": _bind_worker,
    "delete_job": _delete_job,
    "delete_secret": _delete_secret,
    "delete_worker": _delete_worker,
    "evict_worker": _evict_worker,
    "forget_worker": _forget_worker,
    "free_quota": _free_quota,
    "preempt_worker": _preempt_worker,
    "say_unknown": _say_unknown,
}
