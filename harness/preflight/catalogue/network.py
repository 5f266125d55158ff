"""The way from a worker to QFieldCloud."""

from .check import WARNING, Check

CATEGORY = "network"
CHECKS = (
    Check(
        id="QFV-601",
        title="No NetworkPolicy cuts workers off from QFieldCloud",
        severity=WARNING,
        needs=("QFV-103",),
        why="The worker can't reach QFIELDCLOUD_URL: each job fails.",
        fix="Allow egress from the workers to DNS and to QFIELDCLOUD_URL.",
        who="Who may list networkpolicies there; a real job (--yes) decides.",
    ),
)
