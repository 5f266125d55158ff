"""Pods: defaults, QoS class, validation, and what an update may change."""

from collections.abc import Sequence
from fractions import Fraction

from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api import quantity
from harness.simulator.kube_api.objects import Object
from harness.simulator.kube_api.registry import pod_defaults, pod_fields
from harness.simulator.kube_api.strategy import FieldErrors, Strategy
from harness.simulator.kube_api.validation import containers, pod_spec

_UPDATABLE = (
    "`spec.containers[*].image`",
    "`spec.initContainers[*].image`",
    "`spec.activeDeadlineSeconds`",
    "`spec.tolerations` (only additions to existing tolerations)",
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
    "previously negative)",
)
_MEMORY = ("memory", "ephemeral-storage")


def qos_class(pod: Object) -> str:
    """Return BestEffort, Burstable or Guaranteed."""
    totals: dict[str, dict[str, Fraction]] = {"requests": {}, "limits": {}}
    guaranteed = True
    spec = pod["spec"]
    for container in [*spec["containers"], *(spec.get("initContainers") or ())]:
        resources = container.get("resources") or {}
        limited = set()
        for kind, total in totals.items():
            for name, text in (resources.get(kind) or {}).items():
                amount = quantity.parse(text).amount
                if name in ("cpu", "memory") and amount > 0:
                    total[name] = total.get(name, Fraction(0)) + amount
                    if kind == "limits":
                        limited.add(name)
        guaranteed = guaranteed and limited == {"cpu", "memory"}
    if not totals["requests"] and not totals["limits"]:
        return "BestEffort"
    if guaranteed and totals["requests"] == totals["limits"]:
        return "Guaranteed"
    return "Burstable"


def warnings(spec: Object, path: str) -> Sequence[str]:
    """Return what the API server warns of in a pod's spec."""
    found = []
    for kind in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(kind) or ()):
            here = f"{path}.{kind}[{index}]"
            found += _fractional_bytes(container.get("resources") or {}, here)
            found += _hidden_variables(container.get("env") or [], here)
    return found


def _fractional_bytes(resources: Object, path: str) -> list[str]:
    return [
        f'{path}.resources.{kind}[{name}]: fractional byte value "{text}" is invalid, '
        "must be an integer"
        for name in _MEMORY
        for kind in ("limits", "requests")
        if (text := (resources.get(kind) or {}).get(name)) is not None
        and quantity.parse(text).amount.denominator != 1
    ]


def _hidden_variables(variables: list[Object], path: str) -> list[str]:
    found = []
    seen: dict[str, str] = {}
    for index, variable in enumerate(variables):
        name, value = variable.get("name", ""), variable.get("value", "")
        if name in seen and f"$({name})" not in value:
            found.append(
                f'{path}.env[{index}]: hides previous definition of "{name}", which '
                "may be dropped when using apply"
            )
        seen[name] = value
    return found


def _prepare_create(pod: Object) -> None:
    pod["status"] = {"phase": "Pending", "qosClass": qos_class(pod)}
    if pod["spec"].get("schedulingGates"):
        pod["status"]["conditions"] = [
            {
                "type": "PodScheduled",
                "status": "False",
                "lastProbeTime": None,
                "lastTransitionTime": None,
                "reason": "SchedulingGated",
                "message": "Scheduling is blocked due to non-empty scheduling gates",
            }
        ]


def _validate(pod: Object) -> FieldErrors:
    spec = pod["spec"]
    found = pod_spec.errors(spec, "spec")
    for kind in ("containers", "initContainers"):
        found += containers.image_whitespace_errors(
            spec.get(kind) or [], f"spec.{kind}"
        )
    return found


def _validate_update(new: Object, old: Object) -> FieldErrors:
    found: FieldErrors = []
    after, before = dict(new["spec"]), dict(old["spec"])
    counts = [len(spec.get("containers") or ()) for spec in (after, before)]
    if counts[0] != counts[1]:
        text = "pod updates may not add or remove containers"
        return [field.forbidden("spec.containers", text)]
    deadline, earlier = (s.get("activeDeadlineSeconds") for s in (after, before))
    if deadline is None and earlier is not None:
        text = "must not update from a positive integer to nil value"
        found.append(field.invalid("spec.activeDeadlineSeconds", None, text))
    elif deadline is not None and earlier is not None and deadline > earlier:
        text = "must be less than or equal to previous value"
        found.append(field.invalid("spec.activeDeadlineSeconds", deadline, text))
    kept = before.get("tolerations") or []
    if any(item not in (after.get("tolerations") or ()) for item in kept):
        text = "existing toleration can not be modified except its tolerationSeconds"
        found.append(field.forbidden("spec.tolerations", text))
    for spec in (after, before):
        for key in ("activeDeadlineSeconds", "tolerations", "schedulingGates"):
            spec.pop(key, None)
        for kind in ("containers", "initContainers"):
            listed = spec.get(kind) or []
            spec[kind] = [{**container, "image": ""} for container in listed]
    if after != before:
        changed = sorted(k for k in {*after, *before} if after.get(k) != before.get(k))
        found.append(
            field.forbidden(
                "spec",
                "pod updates may not change fields other than "
                f"{','.join(_UPDATABLE)}\nchanged: {', '.join(changed)}",
            )
        )
    return found


STRATEGY = Strategy(
    default=pod_defaults.default_pod,
    prepare_create=_prepare_create,
    validate=_validate,
    validate_update=_validate_update,
    warnings=lambda pod: warnings(pod["spec"], "spec"),
    unmodelled=lambda pod: pod_fields.refused_in_pod(pod["spec"], "spec"),
)
