"""The claims: there, mountable, by every worker."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...environment.quantity import number
from .. import headroom
from ..facts import Facts, NotSeen
from ..making import judged, result
from ..model import Fix, Proof, Result, Status
from .registering import judges

Claim = Mapping[str, Any]
EACH = "2Gi"
"""For each replica's job: project, its package, and QGIS's scratch files."""


def _claim(facts: Facts, setting: str) -> tuple[str, Claim | None]:
    name = str(facts.settings().get(setting) or "")
    found = next(
        (
            one
            for one in facts.items("persistentvolumeclaims")
            if one["metadata"]["name"] == name
        ),
        None,
    )
    return name, found


def _there(facts: Facts, check: str, setting: str) -> Iterator[Result]:
    name, claim = _claim(facts, setting)
    repeat = f"kubectl describe pvc {name} -n {facts.given.namespace}"
    evidence = ["persistentvolumeclaims"]
    if not name:
        yield result(check, Status.NOT_APPLICABLE, "the settings name none")
        return
    if claim is None:
        there = [str(o["metadata"]["name"]) for o in facts.items(evidence[0])]
        seen = f"there is no claim {name}; there are {', '.join(there) or 'none'}"
        yield result(check, Status.FAIL, seen, evidence=evidence, repeat=repeat)
        return
    if facts.ran_on():
        seen = f"{name}: a real job had it mounted on {facts.ran_on()}"
        proof = Proof.REAL_JOB
        yield result(check, Status.PASS, seen, proof=proof, evidence=["job:look"])
        return
    phase = str((claim.get("status") or {}).get("phase", ""))
    if "deletionTimestamp" in claim["metadata"]:
        seen = f"{name} is being deleted"
        yield result(check, Status.FAIL, seen, evidence=evidence, repeat=repeat)
        return
    waits = phase == "Pending" and _waits_for_a_pod(facts, claim)
    words = f"{name} is {phase}"
    if waits:
        words += ", as it should be until the first pod mounts it (WaitForFirstConsumer"
        words += "); a real job proves it"
    elif phase == "Pending":
        words += f": storage class {claim['spec'].get('storageClassName', 'none')!r}"
    yield judged(
        phase == "Bound" or waits, check, words, evidence=evidence, repeat=repeat
    )


def _waits_for_a_pod(facts: Facts, claim: Claim) -> bool:
    name = claim["spec"].get("storageClassName")
    classes = facts.items("storageclasses")
    for one in classes:
        if one["metadata"]["name"] == name:
            return bool(one.get("volumeBindingMode") == "WaitForFirstConsumer")
    return False


@judges("QFV-401")
def io_there(facts: Facts) -> Iterator[Result]:
    """The shared claim."""
    yield from _there(facts, "QFV-401", "io_claim")


@judges("QFV-405")
def grids_there(facts: Facts) -> Iterator[Result]:
    """The grids' claim, if the settings name one."""
    yield from _there(facts, "QFV-405", "grids_claim")


def _modes(claim: Claim) -> list[str]:
    """What it can do, or was asked for as long as it isn't bound."""
    status = claim.get("status") or {}
    found: list[str] = status.get("accessModes") or claim["spec"].get("accessModes", [])
    return found


def _needs(claim: Claim | None, name: str) -> Claim:
    if claim is None:
        raise NotSeen(f"there is no claim {name}", "persistentvolumeclaims", "QFV-401")
    return claim


@judges("QFV-402")
def io_written(facts: Facts) -> Iterator[Result]:
    """Its access modes have a writing one."""
    name, found = _claim(facts, "io_claim")
    modes = _modes(_needs(found, name))
    alone = modes == ["ReadWriteOncePod"]
    seen = f"{name}: {', '.join(modes)}"
    if alone:
        seen += ": only one pod at a time, and wrapper and worker are two"
    yield judged(
        any(mode.startswith("ReadWrite") for mode in modes) and not alone,
        "QFV-402",
        seen,
        expected="ReadWriteMany, or ReadWriteOnce on one node",
        evidence=["persistentvolumeclaims"],
    )


def _everywhere(facts: Facts, check: str, setting: str) -> Iterator[Result]:
    name, found = _claim(facts, setting)
    if not name:
        yield result(check, Status.NOT_APPLICABLE, "the settings name none")
        return
    cause = "QFV-401" if setting == "io_claim" else "QFV-405"
    if found is None:
        raise NotSeen(f"there is no claim {name}", "persistentvolumeclaims", cause)
    modes = _modes(found)
    good = (
        {"ReadWriteMany"}
        if setting == "io_claim"
        else {
            "ReadWriteMany",
            "ReadOnlyMany",
        }
    )
    evidence = ["persistentvolumeclaims", "nodes"]
    if good & set(modes):
        yield result(check, Status.PASS, f"{name}: {', '.join(modes)}")
        return
    pod = facts.pod()
    nodes = [
        str(one["metadata"]["name"])
        for one in facts.items("nodes")
        if not headroom.refuses(one, pod)
    ]
    seen = (
        f"{name}: {', '.join(modes)}, and workers may run on {len(nodes)} "
        f"node{'s' if len(nodes) != 1 else ''} ({', '.join(nodes[:5])})"
    )
    yield judged(
        len(nodes) <= 1, check, seen, expected=" or ".join(good), evidence=evidence
    )


@judges("QFV-403")
def io_everywhere(facts: Facts) -> Iterator[Result]:
    """ReadWriteMany, or one node."""
    yield from _everywhere(facts, "QFV-403", "io_claim")


@judges("QFV-406")
def grids_everywhere(facts: Facts) -> Iterator[Result]:
    """ReadOnlyMany or ReadWriteMany, or one node."""
    yield from _everywhere(facts, "QFV-406", "grids_claim")


@judges("QFV-404")
def io_size(facts: Facts) -> Iterator[Result]:
    """So much for each replica."""
    name, found = _claim(facts, "io_claim")
    claim = _needs(found, name)
    capacity = (claim.get("status") or {}).get("capacity") or {}
    asked = claim["spec"]["resources"]["requests"]["storage"]
    size = capacity.get("storage", asked)
    wanted = number(EACH) * facts.given.replicas
    good = number(size) >= wanted
    yield judged(
        good,
        "QFV-404",
        f"{name}: {size} for {facts.given.replicas} replicas",
        expected=f"{EACH} for each",
        evidence=["persistentvolumeclaims"],
        fix=None
        if good
        else Fix(
            command=f"kubectl patch pvc {name} -n {facts.given.namespace} -p "
            f'\'{{"spec":{{"resources":{{"requests":{{"storage":'
            f'"{int(wanted) // 1024**3}Gi"}}}}}}}}\''
        ),
    )
