"""What a new cluster is born with: namespaces, roles, classes, one node."""

from collections.abc import Mapping

from harness.simulator.clock import rfc3339
from harness.simulator.kube_api import recorded, resources
from harness.simulator.kube_api.auth.user import system
from harness.simulator.kube_api.cluster import Cluster
from harness.simulator.kube_api.objects import Object
from harness.simulator.kube_api.writer import Caller

NODE = "simulated-node"
NODE_IP = "127.0.0.1"
CAPACITY: Mapping[str, str] = {
    # room for a whole suite's jobs; a scenario that wants less patches the node
    "cpu": "64",
    "memory": "256Gi",
    "ephemeral-storage": "200Gi",
    "pods": "500",
}
SERVICE_IP = "10.96.0.1"
_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
_SYSTEM_PRIORITIES = {
    "system-cluster-critical": (
        2_000_000_000,
        "Used for system critical pods that must run in the cluster, but can be moved "
        "to another node if necessary.",
    ),
    "system-node-critical": (
        2_000_001_000,
        "Used for system critical pods that must not be moved from their current node.",
    ),
}


def fill(cluster: Cluster) -> None:
    """Create the first objects, and forget how they came about."""
    caller = Caller(user=system("bootstrap"))
    for name in _NAMESPACES:
        namespace = _object("v1", "Namespace", name)
        cluster.writer.create(resources.by_plural("namespaces"), "", namespace, caller)
    for item in recorded.bootstrap_rbac():
        kind = str(item["kind"])
        row = resources.by_plural(f"{kind.lower()}s", "rbac.authorization.k8s.io")
        cluster.writer.create(row, "", item, caller)
    for name, (value, text) in _SYSTEM_PRIORITIES.items():
        _priority_class(cluster, name, value, text)
    cluster.writer.create(
        resources.by_plural("storageclasses", "storage.k8s.io"),
        "",
        _standard_class(),
        caller,
    )
    service = _kubernetes_service()
    cluster.writer.create(resources.by_plural("services"), "default", service, caller)
    node = new_node(NODE, now=rfc3339(cluster.world.clock.now_ns()))
    cluster.writer.create(resources.by_plural("nodes"), "", node, caller)
    cluster.store.compact()


def new_node(name: str, *, now: str, capacity: Mapping[str, str] = CAPACITY) -> Object:
    """Return a Node that is ready for pods."""
    version = recorded.schema()["server"]["gitVersion"]
    node = _object("v1", "Node", name)
    node["metadata"]["labels"] = {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
    }
    node["spec"] = {"podCIDR": "10.244.0.0/24", "podCIDRs": ["10.244.0.0/24"]}
    node["status"] = {
        "capacity": dict(capacity),
        "allocatable": dict(capacity),
        "addresses": [
            {"type": "InternalIP", "address": NODE_IP},
            {"type": "Hostname", "address": name},
        ],
        "conditions": [_condition(*row, now=now) for row in _CONDITIONS],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": {
            "architecture": "amd64",
            "bootID": "",
            "containerRuntimeVersion": "qfc-simulator://1",
            "kernelVersion": "",
            "kubeProxyVersion": "",
            "kubeletVersion": version,
            "machineID": "",
            "operatingSystem": "linux",
            "osImage": "qfc-simulator",
            "systemUUID": "",
        },
    }
    return node


_CONDITIONS = (
    *(
        (
            "MemoryPressure",
            "False",
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available",
        ),
        (
            "DiskPressure",
            "False",
            "KubeletHasNoDiskPressure",
            "kubelet has no disk pressure",
        ),
        (
            "PIDPressure",
            "False",
            "KubeletHasSufficientPID",
            "kubelet has sufficient PID available",
        ),
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ),
)


def _condition(
    kind: str, status: str, reason: str, message: str, *, now: str
) -> Object:
    return {
        "type": kind,
        "status": status,
        "lastHeartbeatTime": now,
        "lastTransitionTime": now,
        "reason": reason,
        "message": message,
    }


def _object(api_version: str, kind: str, name: str) -> Object:
    return {"kind": kind, "apiVersion": api_version, "metadata": {"name": name}}


def _priority_class(cluster: Cluster, name: str, value: int, text: str) -> None:
    # straight into the store: to everybody else this name is forbidden
    obj = _object("scheduling.k8s.io/v1", "PriorityClass", name)
    obj["metadata"] |= {
        "uid": cluster.ids.uid(),
        "generation": 1,
        "creationTimestamp": rfc3339(cluster.world.clock.now_ns()),
    }
    more = {
        "value": value,
        "description": text,
        "preemptionPolicy": "PreemptLowerPriority",
    }
    cluster.store.create("priorityclasses.scheduling.k8s.io", {**obj, **more})


def _standard_class() -> Object:
    obj = _object("storage.k8s.io/v1", "StorageClass", "standard")
    obj["metadata"]["annotations"] = {
        "storageclass.kubernetes.io/is-default-class": "true"
    }
    return {
        **obj,
        "provisioner": "rancher.io/local-path",
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
    }


def _kubernetes_service() -> Object:
    obj = _object("v1", "Service", "kubernetes")
    obj["metadata"]["labels"] = {"component": "apiserver", "provider": "kubernetes"}
    port = {"name": "https", "protocol": "TCP", "port": 443, "targetPort": 6443}
    return {
        **obj,
        "spec": {
            "clusterIP": SERVICE_IP,
            "clusterIPs": [SERVICE_IP],
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "ports": [port],
        },
    }
