"""The claims that wrapper and workers share."""

from .check import BLOCKER, WARNING, Check

CATEGORY = "storage"
WHO = "Who may get claims in the namespace; or a real job (--yes)."
CHECKS = (
    Check(
        id="QFV-401",
        title="The shared claim exists and can be mounted",
        severity=BLOCKER,
        needs=("QFV-103",),
        why="Wrapper and workers stay Pending: no job is run.",
        fix="kubectl apply -k k8s-manifests/overlays/production, or mend the storage "
        "class.",
        who=WHO,
    ),
    Check(
        id="QFV-402",
        title="The shared claim can be written",
        severity=BLOCKER,
        needs=("QFV-401",),
        affects=("fm-40",),
        why="The wrapper can't hand over deltas, the worker no feedback.json.",
        fix="Use a claim with ReadWriteMany (or ReadWriteOnce on one node).",
        who=WHO,
    ),
    Check(
        id="QFV-403",
        title="The shared claim can be mounted on every node that workers may run on",
        severity=WARNING,
        needs=("QFV-401",),
        affects=("fm-39",),
        why="A worker on another node than the wrapper's waits for the volume "
        "(Multi-Attach error) and ends as a time-out.",
        fix="Use ReadWriteMany, or pin wrapper and workers to one node.",
        who=WHO,
    ),
    Check(
        id="QFV-404",
        title="The shared claim has room for the replicas' jobs",
        severity=WARNING,
        needs=("QFV-401",),
        why="A full /io fails package jobs with errors that look like QGIS's.",
        fix="Enlarge the claim: 2 GiB for each replica are a start.",
        who=WHO,
    ),
    Check(
        id="QFV-405",
        title="The claim of the transformation grids exists and can be mounted",
        severity=BLOCKER,
        needs=("QFV-103",),
        why="Workers stay Pending.",
        fix='Create the claim, or set QFIELDCLOUD_K8S_TRANSFORMATION_GRIDS_PVC="".',
        who=WHO,
    ),
    Check(
        id="QFV-406",
        title="The grids' claim can be mounted on every node that workers may run on",
        severity=WARNING,
        needs=("QFV-405",),
        affects=("fm-39",),
        why="Workers on other nodes wait for the volume and end as a time-out.",
        fix="Use ReadOnlyMany or ReadWriteMany.",
        who=WHO,
    ),
)
