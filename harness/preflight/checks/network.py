"""NetworkPolicies: what they intend; only a pod can tell what they do."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ..facts import Facts
from ..making import judged
from ..model import Result
from .registering import judges

DNS = 53


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a label selector selects an object with these labels."""
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    for one in selector.get("matchExpressions") or ():
        key, operator = one["key"], one["operator"]
        values = one.get("values") or ()
        holds = {
            "In": labels.get(key) in values,
            "NotIn": labels.get(key) not in values,
            "Exists": key in labels,
            "DoesNotExist": key not in labels,
        }
        if not holds.get(operator, True):
            return False
    return True


def cuts_egress(spec: Mapping[str, Any]) -> bool:
    """Whether a policy lets out only what it names."""
    types = spec.get("policyTypes") or []
    return "Egress" in types or (not types and "egress" in spec)


def lets_out(spec: Mapping[str, Any], port: int) -> bool:
    """Whether some rule of a policy has this port; peers can't be judged from here."""
    for rule in spec.get("egress") or ():
        ports = rule.get("ports")
        if not ports:
            return True
        for one in ports:
            first = one.get("port")
            if first is None or first == port or isinstance(first, str):
                return True
            if first <= port <= one.get("endPort", first):
                return True
    return False


def port_of(url: str) -> int:
    """The port of a URL; 0 if it has none that can be told."""
    try:
        parts = urlsplit(url)
        return parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return 0


@judges("QFV-601")
def policies(facts: Facts) -> Iterator[Result]:
    """Those that select a worker and let out neither DNS nor QFieldCloud's port."""
    facts.settings()
    labels = facts.given.rendered.pod["metadata"]["labels"]
    cutting = [
        one
        for one in facts.items("networkpolicies")
        if cuts_egress(one["spec"])
        and selects(one["spec"].get("podSelector") or {}, labels)
    ]
    port = port_of(str(facts.given.rendered.settings.get("api_url", "")))
    closed = [
        word
        for number, word in ((DNS, "DNS (53)"), (port, f"QFIELDCLOUD_URL ({port})"))
        if number and cutting and not any(lets_out(o["spec"], number) for o in cutting)
    ]
    names = ", ".join(str(one["metadata"]["name"]) for one in cutting)
    if closed:
        seen = f"the NetworkPolicy {names} lets workers reach neither " + " nor ".join(
            closed
        )
        seen = seen.replace("neither", "not") if len(closed) == 1 else seen
    elif cutting:
        seen = f"{names}: by its ports it lets workers out; only a pod can prove it"
    else:
        seen = "none selects workers and cuts what they may reach"
    yield judged(
        not closed,
        "QFV-601",
        seen,
        evidence=["networkpolicies"],
        repeat=f"kubectl get networkpolicies -n {facts.given.namespace} -o yaml",
    )
