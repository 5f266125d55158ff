"""Containers that a cluster adds to a worker's pod, as a mesh or a log agent."""

from collections.abc import Mapping
from typing import Any

NAME = "injected"
_ENDS_ON_TERM = "trap 'exit 0' TERM; while :; do sleep 0.2; done"
_FAILS = "sleep 0.2; exit 7"


def of(kind: str, image: str) -> Mapping[str, Any]:
    """What is added to the pod's spec.

    :param kind: as the scenario has it: ``container``, ``failing`` or ``init``
    """
    script = _FAILS if kind == "failing" else _ENDS_ON_TERM
    container = {"name": NAME, "image": image, "command": ["/bin/sh", "-c", script]}
    if kind == "init":
        return {"initContainers": [{**container, "restartPolicy": "Always"}]}
    return {"containers": [container]}
