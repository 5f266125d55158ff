"""kind's provisioner, local-path: a directory on one node, for that node alone."""

from harness.simulator.kube_api.objects import (
    Object,
    meta,
    name_of,
    namespace_of,
    uid_of,
)

PROVISIONER = "rancher.io/local-path"
DIRECTORY = "/var/local-path-provisioner"
DURATION_S = 3.0
"""It starts a helper pod for each directory."""
REFUSED = (
    "NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes"
)


def new_volume(claim: Object, class_: Object, node: str) -> Object:
    """Return the PersistentVolume made for a claim on a node."""
    name = f"pvc-{uid_of(claim)}"
    directory = f"{DIRECTORY}/{name}_{namespace_of(claim)}_{name_of(claim)}"
    requirement = {
        "key": "kubernetes.io/hostname",
        "operator": "In",
        "values": [node],
    }
    return {
        "kind": "PersistentVolume",
        "apiVersion": "v1",
        "metadata": {
            "name": name,
            "annotations": {
                "local.path.provisioner/selected-node": node,
                "pv.kubernetes.io/provisioned-by": PROVISIONER,
            },
        },
        "spec": {
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
            "hostPath": {"path": directory, "type": "DirectoryOrCreate"},
            "accessModes": list(claim["spec"]["accessModes"]),
            "claimRef": {
                "kind": "PersistentVolumeClaim",
                "namespace": namespace_of(claim),
                "name": name_of(claim),
                "uid": uid_of(claim),
                "apiVersion": "v1",
                "resourceVersion": meta(claim)["resourceVersion"],
            },
            "persistentVolumeReclaimPolicy": class_["reclaimPolicy"],
            "storageClassName": name_of(class_),
            "volumeMode": "Filesystem",
            "nodeAffinity": {
                "required": {"nodeSelectorTerms": [{"matchExpressions": [requirement]}]}
            },
        },
    }
