"""LimitRanger: defaults and bounds of containers, pods and claims."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from harness.simulator.kube_api import quantity
from harness.simulator.kube_api.admission.attempt import CREATE, Attempt
from harness.simulator.kube_api.objects import Object, name_of
from harness.simulator.kube_api.store import Store

_ANNOTATION = "kubernetes.io/limit-ranger"


def admit(attempt: Attempt, store: Store) -> None:
    """Give containers the defaults of the namespace's LimitRanges."""
    if not attempt.is_for("pods", CREATE):
        return
    notes: list[str] = []
    for limit_range in store.all("limitranges", attempt.namespace):
        for item in _items(limit_range, "Container"):
            for kind, field in (
                ("initContainers", "init container"),
                ("containers", "container"),
            ):
                for container in attempt.obj["spec"].get(kind) or ():
                    notes += _fill(container, item, field)
    if notes:
        annotations = attempt.obj["metadata"].setdefault("annotations", {})
        annotations[_ANNOTATION] = "LimitRanger plugin set: " + "; ".join(notes)


def validate(attempt: Attempt, store: Store) -> None:
    """Raise 403 for what is outside the bounds, all of it in one text."""
    if attempt.is_for("pods", CREATE):
        problems = [
            text
            for limit_range in store.all("limitranges", attempt.namespace)
            for text in _pod_problems(attempt.obj, limit_range)
        ]
    elif attempt.is_for("persistentvolumeclaims", CREATE):
        requests = attempt.obj["spec"]["resources"].get("requests") or {}
        problems = [
            text
            for limit_range in store.all("limitranges", attempt.namespace)
            for item in _items(limit_range, "PersistentVolumeClaim")
            for text in _bounds(requests, {}, item, "PersistentVolumeClaim")
        ]
    else:
        return
    if problems:
        joined = problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]"
        raise attempt.forbidden(joined)


def _items(limit_range: Object, kind: str) -> Iterator[Object]:
    for item in (limit_range.get("spec") or {}).get("limits") or ():
        if item.get("type") == kind:
            yield item


def _fill(container: Object, item: Object, kind: str) -> list[str]:
    notes = []
    resources = container.setdefault("resources", {})
    for field, source, what in (
        ("limits", "default", "limit"),
        ("requests", "defaultRequest", "request"),
    ):
        values = resources.get(field) or {}
        added = [n for n in sorted(item.get(source) or {}) if n not in values]
        if not added:
            continue
        resources[field] = {**values, **{n: item[source][n] for n in added}}
        name = name_of({"metadata": container})
        notes.append(f"{', '.join(added)} {what} for {kind} {name}")
    # the order of the real annotation: requests before limits
    return notes[::-1]


def _pod_problems(pod: Object, limit_range: Object) -> list[str]:
    problems: list[str] = []
    spec = pod["spec"]
    containers = [*(spec.get("initContainers") or ()), *spec["containers"]]
    for item in _items(limit_range, "Container"):
        for container in containers:
            resources = container.get("resources") or {}
            problems += _bounds(
                resources.get("requests") or {},
                resources.get("limits") or {},
                item,
                "Container",
            )
    for item in _items(limit_range, "Pod"):
        requests, limits = (_total(spec, kind) for kind in ("requests", "limits"))
        problems += _bounds(requests, limits, item, "Pod")
    return problems


def _total(spec: Object, kind: str) -> dict[str, str]:
    totals: dict[str, quantity.Quantity] = {}
    for container in spec["containers"]:
        for name, text in ((container.get("resources") or {}).get(kind) or {}).items():
            amount = quantity.parse(text)
            totals[name] = totals[name] + amount if name in totals else amount
    return {name: str(amount) for name, amount in totals.items()}


def _bounds(
    requests: Mapping[str, str], limits: Mapping[str, str], item: Object, kind: str
) -> list[str]:
    problems = []
    for name, bound in (item.get("min") or {}).items():
        value = requests.get(name)
        if value is None:
            problems.append(
                f"minimum {name} usage per {kind} is {bound}.  No request is specified"
            )
        elif _amount(value) < _amount(bound):
            problems.append(
                f"minimum {name} usage per {kind} is {bound}, but request is {value}"
            )
    claim = kind == "PersistentVolumeClaim"
    for name, bound in (item.get("max") or {}).items():
        value = (requests if claim else limits).get(name)
        if value is None:
            problems.append(
                f"maximum {name} usage per {kind} is {bound}.  No limit is specified"
            )
        elif _amount(value) > _amount(bound):
            word = "request" if claim else "limit"
            problems.append(
                f"maximum {name} usage per {kind} is {bound}, but {word} is {value}"
            )
    for name, bound in (item.get("maxLimitRequestRatio") or {}).items():
        asked, limit = requests.get(name), limits.get(name)
        if asked is None or limit is None:
            problems.append(
                f"{name} max limit to request ratio per {kind} is {bound}, but no "
                f"{'request' if asked is None else 'limit'} is specified or "
                f"{'request' if asked is None else 'limit'} is 0"
            )
        elif _amount(limit) / _amount(asked) > _amount(bound):
            ratio = float(_amount(limit) / _amount(asked))
            problems.append(
                f"{name} max limit to request ratio per {kind} is {bound}, but "
                f"provided ratio is {ratio:f}"
            )
    return problems


def _amount(text: str) -> Fraction:
    return quantity.parse(text).amount
