"""Node selectors and node affinity terms: pure matching of a node's labels."""

from collections.abc import Iterable

from harness.simulator.kube_api.objects import Object, labels_of, name_of


def matches_pod(spec: Object, node: Object) -> bool:
    """Say whether a pod's nodeSelector and required affinity take a node."""
    labels = labels_of(node)
    for key, value in (spec.get("nodeSelector") or {}).items():
        if labels.get(key) != value:
            return False
    affinity = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    return required is None or matches_any(required.get("nodeSelectorTerms"), node)


def matches_volume(volume: Object, node: Object) -> bool:
    """Say whether a PersistentVolume can be reached from a node."""
    required = (volume["spec"].get("nodeAffinity") or {}).get("required")
    return required is None or matches_any(required.get("nodeSelectorTerms"), node)


def matches_any(terms: Iterable[Object] | None, node: Object) -> bool:
    """Say whether one of the terms takes the node; an empty term takes none."""
    return any(_matches(term, node) for term in terms or ())


def _matches(term: Object, node: Object) -> bool:
    expressions = term.get("matchExpressions") or ()
    fields = term.get("matchFields") or ()
    if not expressions and not fields:
        return False
    labels = labels_of(node)
    return all(_holds(e, labels.get(e["key"])) for e in expressions) and all(
        _holds(e, name_of(node)) for e in fields
    )


def _holds(expression: Object, value: str | None) -> bool:
    operator = expression["operator"]
    values: list[str] = expression.get("values") or []
    if operator == "In":
        return value in values
    if operator == "NotIn":
        return value not in values
    if operator == "Exists":
        return value is not None
    if operator == "DoesNotExist":
        return value is None
    try:
        number, bound = int(value or ""), int(values[0])
    except (ValueError, IndexError):
        return False
    return number > bound if operator == "Gt" else number < bound
