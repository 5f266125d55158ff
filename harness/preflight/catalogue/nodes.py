"""Nodes and images."""

from .check import BLOCKER, INFO, WARNING, Check

CATEGORY = "nodes and image"
WHO = (
    "A cluster admin (get and list nodes) runs the same command; then --merge it. "
    "A real job (--yes) proves it for one worker."
)
CHECKS = (
    Check(
        id="QFV-501",
        title="A node takes the worker's pod",
        severity=WARNING,
        needs=("QFV-102",),
        affects=("fm-16",),
        why="The worker stays Pending, and the job ends as a time-out.",
        fix="Add a node that is large enough, set tolerations or another node "
        "selector, or lower WORKER_QGIS_MEMORY_LIMIT.",
        who=WHO,
    ),
    Check(
        id="QFV-502",
        title="The nodes have an architecture that the worker's image exists for",
        severity=WARNING,
        needs=("QFV-102",),
        why='On other nodes the worker ends with "exec format error".',
        fix="Set QFIELDCLOUD_K8S_NODE_SELECTOR to kubernetes.io/arch=amd64.",
        who=WHO,
    ),
    Check(
        id="QFV-503",
        title="The nodes have disk for workers",
        severity=WARNING,
        needs=("QFV-102",),
        affects=("fm-20",),
        why="Workers are evicted: the job fails in the middle.",
        fix="Free or enlarge the nodes' disks.",
        who=WHO,
    ),
    Check(
        id="QFV-504",
        title="The nodes have room for a worker of each replica",
        severity=WARNING,
        needs=("QFV-102",),
        affects=("fm-16",),
        why="Workers wait for one another, and the last ones end as a time-out.",
        fix="Add nodes, or run fewer replicas of the wrapper.",
        who=WHO,
    ),
    Check(
        id="QFV-511",
        title="The worker's image is named so that each node runs the same one",
        severity=WARNING,
        why="Two nodes may run two versions of the worker under one tag.",
        fix="Name a fixed tag or a digest; with a moving tag set "
        "QFIELDCLOUD_K8S_IMAGE_PULL_POLICY=Always.",
    ),
    Check(
        id="QFV-512",
        title="The image pull secrets exist",
        severity=BLOCKER,
        needs=("QFV-103",),
        affects=("fm-14",),
        why="The worker's image can't be pulled: the job ends as a time-out.",
        fix="kubectl create secret docker-registry NAME …, or correct "
        "QFIELDCLOUD_K8S_IMAGE_PULL_SECRETS.",
        who="Who may get Secrets there; or a real job (--yes).",
    ),
    Check(
        id="QFV-513",
        title="The worker's image is on the nodes",
        severity=INFO,
        needs=("QFV-102",),
        why="The first job on each node waits for the pull.",
        fix="Pull it beforehand, for example by a DaemonSet.",
        who=WHO,
    ),
)
