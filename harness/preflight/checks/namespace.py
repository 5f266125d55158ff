"""What is in the namespace already."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..facts import Facts
from ..making import judged
from ..model import Fix, Result
from .registering import judges

MANAGED_BY = "app.kubernetes.io/managed-by"
WRAPPER = "qfieldcloud-worker-wrapper"
RUN_LABEL = "qfc-harness.run"


def is_worker(found: Mapping[str, Any]) -> bool:
    """Whether a wrapper has made it."""
    labels = found["metadata"].get("labels") or {}
    if RUN_LABEL in labels:
        return False
    return labels.get(MANAGED_BY) == WRAPPER or str(labels.get("app", "")).endswith(
        "worker"
    )


def is_over(job: Mapping[str, Any]) -> bool:
    """Whether a Job has ended."""
    conditions = (job.get("status") or {}).get("conditions") or ()
    return any(
        one["type"] in ("Complete", "Failed") and one["status"] == "True"
        for one in conditions
    )


@judges("QFV-801")
def leftovers(facts: Facts) -> Iterator[Result]:
    """Ended Jobs of wrappers; Secrets and pods whose Job is gone; ours too."""
    jobs = facts.items("jobs")
    alive = {str(one["metadata"]["uid"]) for one in jobs}
    found = [
        f"job/{one['metadata']['name']}"
        for one in jobs
        if is_worker(one) and is_over(one)
    ]
    for plural, word in (("pods", "pod"), ("secrets", "secret")):
        for one in facts.items(plural):
            owners = one["metadata"].get("ownerReferences") or ()
            orphan = not any(str(owner["uid"]) in alive for owner in owners)
            if is_worker(one) and orphan:
                found.append(f"{word}/{one['metadata']['name']}")
    ours = [
        f"{word}/{one['metadata']['name']}"
        for plural, word in (("jobs", "job"), ("pods", "pod"), ("configmaps", "cm"))
        for one in facts.items(plural)
        if RUN_LABEL in (one["metadata"].get("labels") or {})
    ]
    everything = [*found, *ours]
    yield judged(
        not everything,
        "QFV-801",
        ", ".join(everything[:8]) + (" …" if len(everything) > 8 else "")
        if everything
        else "nothing",
        evidence=["jobs", "pods", "secrets"],
        fix=Fix(
            steps=("Look at each; then delete it.",),
            command=f"kubectl delete -n {facts.given.namespace} "
            + " ".join(everything[:20]),
        )
        if everything
        else None,
        repeat=f"kubectl get jobs,pods,secrets -n {facts.given.namespace} "
        f"-l {MANAGED_BY}={WRAPPER}",
    )


@judges("QFV-802")
def foreign(facts: Facts) -> Iterator[Result]:
    """Jobs of wrappers that are not over."""
    found = [
        f"{one['metadata']['name']} (app="
        f"{(one['metadata'].get('labels') or {}).get('app', '')})"
        for one in facts.items("jobs")
        if is_worker(one) and not is_over(one)
    ]
    yield judged(
        not found,
        "QFV-802",
        ", ".join(found[:8]) if found else "none",
        evidence=["jobs"],
        repeat=f"kubectl get jobs -n {facts.given.namespace}",
    )
