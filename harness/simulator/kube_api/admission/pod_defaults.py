"""Priority and DefaultTolerationSeconds: what else every pod gets."""

from harness.simulator.kube_api.admission.attempt import CREATE, Attempt
from harness.simulator.kube_api.objects import Object, name_of
from harness.simulator.kube_api.store import Store

_TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_SECONDS = 300
_CLASSES = "priorityclasses.scheduling.k8s.io"


def admit_priority(attempt: Attempt, store: Store) -> None:
    """Resolve the priority class; raise 403 for one that doesn't exist."""
    if not attempt.is_for("pods", CREATE):
        return
    spec = attempt.obj["spec"]
    name = spec.get("priorityClassName", "")
    found: Object | None
    if name:
        found = store.get(_CLASSES, "", name)
        if found is None:
            raise attempt.forbidden(f"no PriorityClass with name {name} was found")
    else:
        found = _default_class(store)
        if found is not None:
            spec["priorityClassName"] = name_of(found)
    value = found["value"] if found else 0
    policy = found["preemptionPolicy"] if found else "PreemptLowerPriority"
    if spec.setdefault("priority", value) != value:
        raise attempt.forbidden(
            f"the integer value of priority ({spec['priority']}) must not be provided "
            f"in pod spec; priority admission controller computed {value} from the "
            "given PriorityClass name"
        )
    spec.setdefault("preemptionPolicy", policy)


def admit_tolerations(attempt: Attempt, _store: Store) -> None:
    """Let a pod stay 300 s on a node that is not ready or not reachable."""
    if not attempt.is_for("pods", CREATE):
        return
    tolerations = attempt.obj["spec"].get("tolerations") or []
    added = [
        {
            "key": key,
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": _SECONDS,
        }
        for key in _TAINTS
        if not any(_tolerates(item, key) for item in tolerations)
    ]
    if added:
        attempt.obj["spec"]["tolerations"] = [*tolerations, *added]


def _tolerates(toleration: Object, key: str) -> bool:
    matches_key = toleration.get("key", "") in ("", key)
    return matches_key and toleration.get("effect", "") in ("", "NoExecute")


def _default_class(store: Store) -> Object | None:
    classes = [c for c in store.all(_CLASSES) if c.get("globalDefault")]
    return min(classes, key=lambda c: int(c["value"])) if classes else None
