"""ResourceQuotas and LimitRanges as objects; admission enforces them."""

from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api import quantity
from harness.simulator.kube_api.objects import Object
from harness.simulator.kube_api.strategy import FieldErrors, Strategy

_SCOPES = (
    *("BestEffort", "CrossNamespacePodAffinity", "NotBestEffort", "NotTerminating"),
    *("PriorityClass", "Terminating"),
)
_LIMIT_TYPES = ("Container", "Pod", "PersistentVolumeClaim")
_MODELLED_SCOPES = ("BestEffort", "NotBestEffort", "NotTerminating", "Terminating")


def _prepare_quota(quota: Object) -> None:
    quota["status"] = {}


def _validate_quota(quota: Object) -> FieldErrors:
    spec = quota.get("spec") or {}
    found: FieldErrors = []
    for name, amount in (spec.get("hard") or {}).items():
        if quantity.parse(amount).amount < 0:
            text = "must be greater than or equal to 0"
            found.append(field.invalid(f"spec.hard[{name}]", amount, text))
    for scope in spec.get("scopes") or ():
        if scope not in _SCOPES:
            text = "unsupported scope"
            found.append(field.invalid("spec.scopes", spec["scopes"], text))
    return found


def _unmodelled_quota(quota: Object) -> list[str]:
    spec = quota.get("spec") or {}
    found = [
        f"spec.scopes[{index}]"
        for index, scope in enumerate(spec.get("scopes") or ())
        if scope in _SCOPES and scope not in _MODELLED_SCOPES
    ]
    return [*found, "spec.scopeSelector"] if spec.get("scopeSelector") else found


def _default_limit_range(limit_range: Object) -> None:
    """Fill `default` from `max`, `defaultRequest` from `default` or `min`."""
    for item in (limit_range.get("spec") or {}).get("limits") or ():
        if item.get("type") != "Container":
            continue
        default = item.setdefault("default", {})
        for name, amount in (item.get("max") or {}).items():
            default.setdefault(name, amount)
        request = item.setdefault("defaultRequest", {})
        for source in (default, item.get("min") or {}):
            for name, amount in source.items():
                request.setdefault(name, amount)
        for key in ("default", "defaultRequest"):
            if not item[key]:
                del item[key]


def _validate_limit_range(limit_range: Object) -> FieldErrors:
    found: FieldErrors = []
    for index, item in enumerate((limit_range.get("spec") or {}).get("limits") or ()):
        here = f"spec.limits[{index}]"
        kind = item.get("type", "")
        if kind not in _LIMIT_TYPES and "/" not in kind:
            text = "must be a standard limit type or fully qualified"
            found.append(field.invalid(f"{here}.type", kind, text))
        low, high = item.get("min") or {}, item.get("max") or {}
        for name in low:
            if name not in high:
                continue
            if quantity.parse(low[name]).amount > quantity.parse(high[name]).amount:
                text = f"min value {low[name]} is greater than max value {high[name]}"
                found.append(field.invalid(f"{here}.min[{name}]", low[name], text))
    return found


QUOTAS = Strategy(
    prepare_create=_prepare_quota,
    validate=_validate_quota,
    unmodelled=_unmodelled_quota,
)
LIMIT_RANGES = Strategy(default=_default_limit_range, validate=_validate_limit_range)
