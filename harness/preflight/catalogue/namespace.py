"""What is in the namespace already."""

from .check import WARNING, Check

CATEGORY = "namespace"
CHECKS = (
    Check(
        id="QFV-801",
        title="Nothing is left of earlier wrappers",
        severity=WARNING,
        needs=("QFV-103",),
        why="What is left takes quota, and its secrets stay readable.",
        fix="Look at each, then delete it.",
        who="Who may list jobs, pods and secrets there.",
    ),
    Check(
        id="QFV-802",
        title="No other wrapper's workers run in the namespace",
        severity=WARNING,
        needs=("QFV-103",),
        why="Two wrappers of one ENVIRONMENT sweep each other's workers.",
        fix="Give each its own namespace or ENVIRONMENT.",
        who="Who may list jobs there.",
    ),
)
