"""The downward API: what a pod can be told about itself."""

import json
import math
import re
from fractions import Fraction

from harness.simulator.kube_api import quantity
from harness.simulator.kube_api.objects import (
    Object,
    annotations_of,
    labels_of,
    name_of,
    namespace_of,
    uid_of,
)


def field(pod: Object, path: str, *, node_ip: str, pod_ip: str) -> str:
    """Return the value of a fieldRef."""
    spec = pod["spec"]
    simple: dict[str, str] = {
        "metadata.name": name_of(pod),
        "metadata.namespace": namespace_of(pod),
        "metadata.uid": uid_of(pod),
        "spec.nodeName": spec.get("nodeName", ""),
        "spec.serviceAccountName": spec.get("serviceAccountName", ""),
        "status.hostIP": node_ip,
        "status.hostIPs": node_ip,
        "status.podIP": pod_ip,
        "status.podIPs": pod_ip,
    }
    if path in simple:
        return simple[path]
    found = re.fullmatch(r"metadata\.(labels|annotations)(?:\['(.*)'\])?", path)
    if found is None:
        return ""
    values = labels_of(pod) if found.group(1) == "labels" else annotations_of(pod)
    if found.group(2) is not None:
        return values.get(found.group(2), "")
    return "\n".join(
        f"{key}={json.dumps(values[key], ensure_ascii=False)}" for key in sorted(values)
    )


def resource(container: Object, source: Object, node: Object) -> str:
    """Return the value of a resourceFieldRef, rounded up to whole divisors.

    Without a limit, the node's allocatable amount is the limit.
    """
    kind, _, name = source["resource"].partition(".")
    given = ((container.get("resources") or {}).get(kind) or {}).get(name)
    if given is None and kind == "limits":
        given = ((node.get("status") or {}).get("allocatable") or {}).get(name)
    amount = quantity.parse(given or "0").amount
    divisor = quantity.parse(source.get("divisor") or "0").amount or Fraction(1)
    return str(math.ceil(amount / divisor))
