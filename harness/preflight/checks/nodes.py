"""Nodes that can take workers, and the image that they run."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .. import headroom
from ..facts import Facts
from ..making import judged, result
from ..model import Proof, Result, Status
from ..rendering import PLACEHOLDER
from .registering import judges

Node = Mapping[str, Any]
_MOVING = ("latest", "master", "main", "stable", "edge", "dev")


def _name(node: Node) -> str:
    return str(node["metadata"]["name"])


def _taking(facts: Facts) -> list[Node]:
    """The nodes that would take a worker's pod, apart from room."""
    pod = facts.pod()
    return [one for one in facts.items("nodes") if not headroom.refuses(one, pod)]


def _ran(check: str, facts: Facts) -> Result:
    seen = f"a real job ran on {facts.ran_on()}"
    proof = Proof.REAL_JOB
    return result(check, Status.PASS, seen, proof=proof, evidence=["job:look"])


@judges("QFV-501")
def some_node(facts: Facts) -> Iterator[Result]:
    """One of them has room, as far as can be told; a real job can tell."""
    if facts.ran_on():
        yield _ran("QFV-501", facts)
        return
    pod = facts.pod()
    others = facts.optional("all pods")
    pods = None if others is None else others["items"]
    reasons = []
    fits = ""
    for node in facts.items("nodes"):
        why = headroom.refuses(node, pod)
        room = headroom.on_node(node, pod, pods)
        if not why and room.workers > 0:
            fits = fits or _name(node)
        reasons.append(f"{_name(node)} {why or 'has no room for it: ' + room.by}")
    free = "" if pods is not None else " (not counting what runs there)"
    yield judged(
        bool(fits),
        "QFV-501",
        f"{fits} takes it{free}" if fits else "; ".join(reasons) or "there is none",
        evidence=["nodes", "all pods" if pods is not None else ""],
        repeat="kubectl describe nodes",
    )


@judges("QFV-504")
def each_replica(facts: Facts) -> Iterator[Result]:
    """All of them together have room for the replicas' workers."""
    if facts.given.replicas == 1 and facts.ran_on():
        yield _ran("QFV-504", facts)
        return
    pod = facts.pod()
    others = facts.optional("all pods")
    pods = None if others is None else others["items"]
    total = sum(headroom.on_node(one, pod, pods).workers for one in _taking(facts))
    replicas = facts.given.replicas
    free = "" if pods is not None else ", not counting what runs there"
    yield judged(
        total >= replicas,
        "QFV-504",
        f"the nodes have room for {total} workers at once{free}; {replicas} planned",
        expected=f"{replicas}",
        evidence=["nodes"],
        caused_by="QFV-501",
    )


@judges("QFV-502")
def architecture(facts: Facts) -> Iterator[Result]:
    """QFieldCloud's worker image is for amd64."""
    others = {
        _name(one): arch
        for one in _taking(facts)
        for arch in [str(one["status"].get("nodeInfo", {}).get("architecture", "?"))]
        if arch != "amd64"
    }
    words = ", ".join(f"{name} is {arch}" for name, arch in others.items())
    yield judged(
        not others,
        "QFV-502",
        words or "all are amd64",
        expected="amd64",
        evidence=["nodes"],
        repeat="kubectl get nodes -L kubernetes.io/arch",
    )


@judges("QFV-503")
def disk(facts: Facts) -> Iterator[Result]:
    """No node under pressure."""
    pressed = [
        f"{_name(one)}: {condition['type']}: {condition.get('message', '')}"
        for one in facts.items("nodes")
        for condition in (one.get("status") or {}).get("conditions") or ()
        if condition["type"] in ("DiskPressure", "MemoryPressure", "PIDPressure")
        and condition["status"] == "True"
    ]
    yield judged(
        not pressed,
        "QFV-503",
        "; ".join(pressed) or "no node is under pressure",
        evidence=["nodes"],
        repeat="kubectl describe nodes | grep Pressure",
    )


def image_of(facts: Facts) -> str:
    """The worker's image, as its pod has it; "" where none is set."""
    facts.settings()
    name = str(facts.given.rendered.pod["spec"]["containers"][0]["image"])
    return "" if name == PLACEHOLDER else name


def tag_of(image: str) -> str:
    """The tag or digest of an image.

    >>> tag_of("r.example:5000/a/b"), tag_of("a:1"), tag_of("a@sha256:0f")
    ('latest', '1', 'sha256:0f')
    """
    if "@" in image:
        return image.partition("@")[2]
    match = re.search(r":([\w.-]+)$", image)
    return match[1] if match else "latest"


@judges("QFV-511")
def image_named(facts: Facts) -> Iterator[Result]:
    """A fixed tag, or pulled each time."""
    image = image_of(facts)
    if not image:
        seen = "QFIELDCLOUD_QGIS_IMAGE_NAME is not set"
        who = "You: give the settings, with QFIELDCLOUD_QGIS_IMAGE_NAME, as --values."
        yield result("QFV-511", Status.NOT_PROVEN, seen, caused_by="QFV-704", who=who)
        return
    policy = str(facts.settings().get("image_pull_policy"))
    moving = tag_of(image) in _MOVING
    yield judged(
        not moving or policy == "Always",
        "QFV-511",
        f"{image}, pull policy {policy}",
        expected="a fixed tag or digest, or Always",
    )


@judges("QFV-512")
def pull_secrets(facts: Facts) -> Iterator[Result]:
    """Those of the settings and of the workers' account."""
    named = [str(one) for one in facts.settings().get("image_pull_secrets") or ()]
    if not named:
        yield result("QFV-512", Status.PASS, "the settings name none")
        return
    there = {_name(one) for one in facts.items("secrets")}
    right = {_name(one) for one in facts.items("pull secrets")}
    wrong = [
        f"{one} is there, but not of type kubernetes.io/dockerconfigjson"
        if one in there
        else f"there is no Secret {one}"
        for one in named
        if one not in right
    ]
    yield judged(
        not wrong,
        "QFV-512",
        "; ".join(wrong) or ", ".join(named),
        evidence=["secrets", "pull secrets"],
        repeat=f"kubectl get secrets -n {facts.given.namespace}",
    )


@judges("QFV-513")
def image_there(facts: Facts) -> Iterator[Result]:
    """As far as the nodes list their images: they list the largest 50."""
    image = image_of(facts)
    nodes = _taking(facts)
    have = [
        _name(one)
        for one in nodes
        for images in [(one.get("status") or {}).get("images") or ()]
        if image
        and any(
            name == image or name.endswith(f"/{image}")
            for entry in images
            for name in entry.get("names") or ()
        )
    ]
    if nodes and len(have) == len(nodes):
        yield result("QFV-513", Status.PASS, f"on {', '.join(have)}")
        return
    yield result(
        "QFV-513",
        Status.NOT_PROVEN,
        f"listed by {', '.join(have) or 'no node'}; a node lists 50 images at the "
        "most, so absence proves nothing",
        evidence=["nodes"],
    )
