"""What admission did to an object: sent against returned, and what follows."""

from collections.abc import Iterator, Mapping
from typing import Any

from .model import AdmissionChange

_API_DEFAULTS = (
    # what the API server itself fills in, whoever sends the pod
    "dnsPolicy",
    "schedulerName",
    "serviceAccount",
    "serviceAccountName",
    "priority",
    "preemptionPolicy",
    "securityContext",
    "restartPolicy",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "successPolicy",
    "protocol",
    "recursiveReadOnly",
    "automountServiceAccountToken",
    "nodeName",
    "imagePullSecrets",
    "hostPath",
    "apiVersion",
    "fieldPath",
    "defaultMode",
    "optional",
)
_CONSEQUENCES = (
    (
        "containers/",
        "added",
        "A sidecar runs beside the worker: a pod that waits for it never ends, and a "
        "wrapper that looks at the pod's phase waits until the time-out.",
    ),
    (
        "initContainers/",
        "added",
        "Another program runs before the worker: its failure is the job's.",
    ),
    (
        "resources/limits/cpu",
        "",
        "The worker is throttled to this: jobs take longer than with Docker.",
    ),
    (
        "resources/limits/memory",
        "",
        "The worker is killed at this, not at WORKER_QGIS_MEMORY_LIMIT.",
    ),
    (
        "resources/requests",
        "",
        "The scheduler keeps so much free for each worker: fewer of them run at once.",
    ),
    ("imagePullPolicy", "", "Another image may run than the one that was tested."),
    ("image", "", "Another image runs than the settings name."),
    ("nodeSelector", "", "Workers run on these nodes only."),
    ("tolerations", "", "Workers stay on a node that is lost for longer, or less."),
    ("runtimeClassName", "", "Workers run in another container runtime."),
    (
        "securityContext",
        "",
        "The worker runs as another user: what it writes to /io may not be readable.",
    ),
    ("args", "", "The worker gets other arguments."),
    ("env", "", "The worker sees other variables."),
    ("volume", "", "The worker sees other files."),
    ("terminationGracePeriodSeconds", "", "The worker is ended sooner or later."),
    ("activeDeadlineSeconds", "", "The worker is ended sooner or later."),
)
_NODE_STATES = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def changes(
    sent: Mapping[str, Any], returned: Mapping[str, Any]
) -> tuple[AdmissionChange, ...]:
    """Every change of the spec, and of labels and annotations."""
    kind = str(sent.get("kind", ""))
    found = []
    for part in ("labels", "annotations"):
        before = sent["metadata"].get(part) or {}
        after = returned["metadata"].get(part) or {}
        found += list(_compared(f"metadata/{part}", before, after))
    found += list(_compared("spec", sent["spec"], returned.get("spec") or {}))
    return tuple(
        AdmissionChange(
            kind=kind,
            path=path,
            sent=before,
            returned=after,
            consequence=_consequence(path, before),
            harmless=_is_harmless(path, before, after),
        )
        for path, before, after in found
    )


Change = tuple[str, Any, Any]


def _compared(path: str, before: Any, after: Any) -> Iterator[Change]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            yield from _compared(f"{path}/{key}", before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list):
        old, new = _by_name(before), _by_name(after)
        for key in dict.fromkeys([*old, *new]):
            yield from _compared(f"{path}/{key}", old.get(key), new.get(key))
    elif before != after and not (before is None and after in ({}, [], None)):
        yield path, before, after


def _by_name(items: list[Any]) -> dict[str, Any]:
    """List items by what tells them apart."""
    found = {}
    for number, item in enumerate(items):
        name = str(number)
        if isinstance(item, Mapping):
            own = item.get("name") or item.get("key") or item.get("mountPath")
            name = str(own or number)
        found[name] = item
    return found


def _is_harmless(path: str, before: Any, after: Any) -> bool:
    if path.startswith("metadata/"):
        return before is None
    last = path.rsplit("/", 1)[-1]
    if before is None and last in _API_DEFAULTS:
        return True
    if before is None and "/tolerations/" in path:
        return last in _NODE_STATES or "memory-pressure" in path
    return before is None and after in ({}, [], "", False, 0)


def _consequence(path: str, before: Any) -> str:
    what = "added" if before is None else "changed"
    tail = path.removeprefix("spec/")
    for part, only, words in _CONSEQUENCES:
        if part not in tail or (only and only != what):
            continue
        if part.endswith("/") and (tail.count("/") > 1 or not tail.startswith(part)):
            continue
        return words
    return ""
