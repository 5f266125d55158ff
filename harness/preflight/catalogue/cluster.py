"""Reach, identity, versions, clock."""

from .check import BLOCKER, WARNING, Check

CATEGORY = "cluster"
ADMIN = "A cluster admin runs the same command with their kubeconfig; then --merge it."
CHECKS = (
    Check(
        id="QFV-101",
        title="The API server answers",
        severity=BLOCKER,
        why="No worker can be started: each job ends as failed.",
        fix="Mend the kubeconfig's server, CA or network path; try kubectl version.",
    ),
    Check(
        id="QFV-102",
        title="Your credentials are accepted",
        severity=BLOCKER,
        needs=("QFV-101",),
        why="Nothing else can be looked at.",
        fix="Log in again, or name another context with --context.",
    ),
    Check(
        id="QFV-103",
        title="The namespace exists and is in use",
        severity=BLOCKER,
        needs=("QFV-102",),
        why="The wrapper's Jobs are refused with 404 or 403.",
        fix="Create it, name another one, or let --create-namespace make one.",
    ),
    Check(
        id="QFV-104",
        title="The server's version is supported",
        severity=BLOCKER,
        needs=("QFV-101",),
        why="The wrapper relies on Job fields that an older server doesn't know.",
        fix="Upgrade the cluster to 1.28 or newer.",
    ),
    Check(
        id="QFV-105",
        title="The Kubernetes client is not one that is known to be broken",
        severity=BLOCKER,
        affects=("fm-46",),
        why="Release 36.0.0 sends no credentials: every call ends as 401.",
        fix="pip install 'kubernetes!=36.0.0', here and in the wrapper's image.",
    ),
    Check(
        id="QFV-106",
        title="The server is one that this validation has been tried with",
        severity=WARNING,
        needs=("QFV-101",),
        why="A newer server may have taken away what the wrapper uses.",
        fix="Look for a newer release of the harness, or read Kubernetes' own list of "
        "removed APIs.",
    ),
    Check(
        id="QFV-107",
        title="The server's clock and the one here agree",
        severity=WARNING,
        needs=("QFV-101",),
        affects=("fm-41",),
        why="Workers' tokens expire too early, docker_started_at lies outside of the "
        "job, and the cron reaps jobs that still run.",
        fix="Mend NTP on the side that is wrong.",
    ),
)
