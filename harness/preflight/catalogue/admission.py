"""What admission says of the wrapper's own objects."""

from .check import BLOCKER, INFO, WARNING, Check

CATEGORY = "admission"
CHECKS = (
    Check(
        id="QFV-301",
        title="The worker's Job is accepted",
        severity=BLOCKER,
        needs=("QFV-103",),
        affects=("fm-11",),
        why="The job fails with the API's refusal in its output.",
        fix="Mend what the refusal names: a setting, or the policy.",
        who="Who may create Jobs there; or a real job (--yes).",
    ),
    Check(
        id="QFV-302",
        title="The worker's Secret is accepted",
        severity=BLOCKER,
        needs=("QFV-103",),
        why="The worker gets no token: its pod waits for the Secret until the "
        "time-out.",
        fix="Mend what the refusal names, or set QFIELDCLOUD_K8S_INLINE_ENV=True.",
        who="Who may create Secrets there; or a real job (--yes).",
    ),
    Check(
        id="QFV-303",
        title="The manifests' claims are accepted",
        severity=WARNING,
        needs=("QFV-103",),
        why="Claims that are refused can't be made anew after a loss.",
        fix="Mend what the refusal names: size, storage class, or a quota.",
        who="Who may create claims there.",
    ),
    Check(
        id="QFV-304",
        title="The worker's pod is accepted",
        severity=BLOCKER,
        needs=("QFV-103",),
        affects=("fm-11",),
        why="The Job is created and then has no pod: the job ends as a time-out.",
        fix="Mend what the refusal names: a setting, quota, or policy.",
        who="Who may create pods there; or a real job (--yes).",
    ),
    Check(
        id="QFV-305",
        title="Pod Security lets the worker's pod in",
        severity=BLOCKER,
        needs=("QFV-103",),
        affects=("fm-11",),
        why="The Job is created and then has no pod: the job ends as a time-out.",
        fix="Set QFIELDCLOUD_K8S_RUN_AS_USER to a user other than 0, or let the "
        "namespace enforce baseline.",
        who="Who may get the namespace; or a real job (--yes).",
    ),
    Check(
        id="QFV-306",
        title="Admission leaves the worker's pod as the wrapper wrote it",
        severity=WARNING,
        needs=("QFV-304",),
        affects=("fm-26",),
        why="A sidecar keeps the pod running after the worker's end; other limits than "
        "asked for kill workers; another pull policy takes another image.",
        fix="Exempt the pods with label app.kubernetes.io/managed-by="
        "qfieldcloud-worker-wrapper from the webhook or LimitRange.",
    ),
    Check(
        id="QFV-307",
        title="The API has no warning about the wrapper's objects",
        severity=INFO,
        why="Warnings announce what a later version or a stricter policy refuses.",
        fix="Read the warning's own words.",
    ),
    Check(
        id="QFV-310",
        title="The quota has room for a worker",
        severity=BLOCKER,
        needs=("QFV-103",),
        affects=("fm-11",),
        why="No pod is created: each job ends as a time-out.",
        fix="Raise the ResourceQuota, or lower WORKER_QGIS_MEMORY_LIMIT.",
        who="Who may list resourcequotas there.",
    ),
    Check(
        id="QFV-311",
        title="The quota has room for a worker of each replica",
        severity=WARNING,
        needs=("QFV-103",),
        affects=("fm-11",),
        why="The workers that have no room wait, and end as a time-out.",
        fix="Raise the ResourceQuota, or run fewer replicas of the wrapper.",
        who="Who may list resourcequotas there.",
    ),
    Check(
        id="QFV-312",
        title="The LimitRanges let the worker's limits pass",
        severity=BLOCKER,
        needs=("QFV-103",),
        affects=("fm-11",),
        why="No pod is created: each job ends as a time-out.",
        fix="Change the LimitRange, or WORKER_QGIS_MEMORY_LIMIT.",
        who="Who may list limitranges there.",
    ),
)
