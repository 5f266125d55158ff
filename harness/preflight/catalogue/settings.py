"""The operator's settings, as each backend reads them."""

from .check import BLOCKER, WARNING, Check

CATEGORY = "settings"
WHO = "You: run it again with --values and the settings that production has."
CHECKS = (
    Check(
        id="QFV-701",
        title="Each setting has a name that exists",
        severity=BLOCKER,
        why="A misspelt setting is not read: its default holds, without a word.",
        fix="Correct the name.",
        who=WHO,
    ),
    Check(
        id="QFV-702",
        title="The Kubernetes backend takes the settings",
        severity=BLOCKER,
        why="The wrapper doesn't start.",
        fix="Correct the value.",
        who=WHO,
    ),
    Check(
        id="QFV-703",
        title="Both backends read each setting the same",
        severity=WARNING,
        why="Jobs that run with Docker fail on Kubernetes, or the other way round.",
        fix="Write the value so that both read it the same.",
        who=WHO,
    ),
    Check(
        id="QFV-704",
        title="The settings without which no worker runs are there",
        severity=BLOCKER,
        why="The wrapper fails each job before its worker is started.",
        fix="Add them to the values file.",
        who=WHO,
    ),
    Check(
        id="QFV-705",
        title="QFIELDCLOUD_URL means the same in a pod",
        severity=BLOCKER,
        why="The worker talks to itself, or finds no such name: each job fails.",
        fix="Write the URL by which pods reach QFieldCloud, with its scheme.",
        who=WHO,
    ),
    Check(
        id="QFV-706",
        title="The time-outs fit one another",
        severity=WARNING,
        why="Jobs are ended before they could be done, or hang for longer than the "
        "cron waits.",
        fix="Write the values that the finding names.",
        who=WHO,
    ),
    Check(
        id="QFV-707",
        title="The backend is Kubernetes and means this namespace",
        severity=WARNING,
        why="The wrapper would go on with Docker, or work in another namespace.",
        fix="Set QFIELDCLOUD_WORKER_BACKEND=kubernetes and QFIELDCLOUD_K8S_NAMESPACE.",
        who=WHO,
    ),
)
