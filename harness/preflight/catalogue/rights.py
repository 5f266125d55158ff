"""What the operator and the wrapper's ServiceAccount may do."""

from .check import BLOCKER, WARNING, Check

CATEGORY = "rights"
WHO = (
    "Who has the ClusterRole admin in the namespace (or edit, which may impersonate "
    "ServiceAccounts) runs the same command; then --merge it."
)
CHECKS = (
    Check(
        id="QFV-201",
        title="You may look at what is to be validated",
        severity=WARNING,
        needs=("QFV-103",),
        why="What can't be looked at is not proven.",
        fix="Have the ClusterRole admin bound to you in the namespace.",
        who="Whoever may see it runs the same command; then --merge it.",
    ),
    Check(
        id="QFV-202",
        title="You may run the real jobs of the validation",
        severity=WARNING,
        needs=("QFV-103",),
        why="Storage, network, limits and images stay unproven without real jobs.",
        fix="Have the ClusterRole admin bound to you in the namespace.",
    ),
    Check(
        id="QFV-210",
        title="The wrapper's ServiceAccount exists",
        severity=BLOCKER,
        needs=("QFV-103",),
        why="The wrapper's pod is not created at all.",
        fix="kubectl apply -k k8s-manifests/overlays/production",
        who=WHO,
    ),
    Check(
        id="QFV-211",
        title="The wrapper may do what it needs to",
        severity=BLOCKER,
        needs=("QFV-210",),
        affects=("fm-10",),
        why="The job fails with the API's 403 in its output.",
        fix="Apply the minimal Role of this report.",
        who=WHO,
    ),
    Check(
        id="QFV-212",
        title="The wrapper may do what makes its errors clearer",
        severity=WARNING,
        needs=("QFV-210",),
        affects=("fm-10",),
        why="Why a pod did not start stands in events only: the job then ends as a "
        "time-out without the reason.",
        fix="Apply the minimal Role of this report.",
        who=WHO,
    ),
    Check(
        id="QFV-213",
        title="The wrapper may do no more than it needs to",
        severity=WARNING,
        needs=("QFV-210",),
        why="Who takes over the wrapper takes over these rights too.",
        fix="Replace the Role by the minimal Role of this report.",
        who=WHO,
    ),
    Check(
        id="QFV-214",
        title="The workers' ServiceAccount has no rights",
        severity=WARNING,
        needs=("QFV-215",),
        why="A worker runs what map makers uploaded.",
        fix="Remove its RoleBindings, or name another account in "
        "QFIELDCLOUD_K8S_WORKER_SERVICE_ACCOUNT.",
        who=WHO,
    ),
    Check(
        id="QFV-215",
        title="The workers' ServiceAccount exists",
        severity=BLOCKER,
        needs=("QFV-103",),
        why="The Job is created and then has no pod: the job ends as a time-out.",
        fix="kubectl apply -k k8s-manifests/overlays/production",
        who=WHO,
    ),
)
