"""Roles and bindings as objects; the authorizer reads them."""

from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api.objects import Object
from harness.simulator.kube_api.strategy import FieldErrors, Strategy

_RBAC = "rbac.authorization.k8s.io"


def _validate_role(role: Object, *, cluster: bool) -> FieldErrors:
    found: FieldErrors = []
    for index, rule in enumerate(role.get("rules") or ()):
        here = f"rules[{index}]"
        if not rule.get("verbs"):
            found.append(
                field.required(f"{here}.verbs", "verbs must contain at least one value")
            )
        urls = rule.get("nonResourceURLs")
        if urls and not cluster:
            text = "namespaced rules cannot apply to non-resource URLs"
            found.append(field.invalid(f"{here}.nonResourceURLs", urls, text))
        elif urls:
            if any(rule.get(k) for k in ("apiGroups", "resources", "resourceNames")):
                text = (
                    "rules cannot apply to both regular resources and non-resource URLs"
                )
                found.append(field.invalid(f"{here}.nonResourceURLs", urls, text))
        else:
            if not rule.get("apiGroups"):
                text = "resource rules must supply at least one api group"
                found.append(field.required(f"{here}.apiGroups", text))
            if not rule.get("resources"):
                text = "resource rules must supply at least one resource"
                found.append(field.required(f"{here}.resources", text))
    return found


def _default_role(role: Object) -> None:
    role.setdefault("rules", None)


def _default_binding(binding: Object) -> None:
    binding.setdefault("roleRef", {}).setdefault("apiGroup", _RBAC)
    for subject in binding.get("subjects") or ():
        if subject.get("kind") in ("User", "Group"):
            subject.setdefault("apiGroup", _RBAC)


def _validate_binding(binding: Object, *, cluster: bool) -> FieldErrors:
    found: FieldErrors = []
    ref = binding.get("roleRef") or {}
    if ref.get("apiGroup") != _RBAC:
        where = "roleRef.apiGroup"
        found.append(field.not_supported(where, ref.get("apiGroup", ""), (_RBAC,)))
    kinds = ("ClusterRole",) if cluster else ("Role", "ClusterRole")
    if ref.get("kind") not in kinds:
        found.append(field.not_supported("roleRef.kind", ref.get("kind", ""), kinds))
    if not ref.get("name"):
        found.append(field.required("roleRef.name"))
    for index, subject in enumerate(binding.get("subjects") or ()):
        found += _subject(subject, f"subjects[{index}]")
    return found


def _subject(subject: Object, path: str) -> FieldErrors:
    found: FieldErrors = []
    kind = subject.get("kind", "")
    if not subject.get("name"):
        found.append(field.required(f"{path}.name"))
    if kind == "ServiceAccount":
        if subject.get("apiGroup"):
            where = f"{path}.apiGroup"
            found.append(field.not_supported(where, subject["apiGroup"], ("",)))
        # a RoleBinding too: the server does not default it to its own namespace
        if not subject.get("namespace"):
            found.append(field.required(f"{path}.namespace"))
    elif kind in ("User", "Group"):
        if subject.get("apiGroup") != _RBAC:
            where = f"{path}.apiGroup"
            found.append(field.not_supported(where, subject["apiGroup"], (_RBAC,)))
    else:
        kinds = ("ServiceAccount", "User", "Group")
        found.append(field.not_supported(f"{path}.kind", kind, kinds))
    return found


def _binding_update(new: Object, old: Object) -> FieldErrors:
    if new.get("roleRef") == old.get("roleRef"):
        return []
    return [field.invalid("roleRef", new.get("roleRef"), "cannot change roleRef")]


ROLES = Strategy(
    default=_default_role, validate=lambda role: _validate_role(role, cluster=False)
)
CLUSTER_ROLES = Strategy(
    default=_default_role, validate=lambda role: _validate_role(role, cluster=True)
)
BINDINGS = Strategy(
    default=_default_binding,
    validate=lambda binding: _validate_binding(binding, cluster=False),
    validate_update=_binding_update,
)
CLUSTER_BINDINGS = Strategy(
    default=_default_binding,
    validate=lambda binding: _validate_binding(binding, cluster=True),
    validate_update=_binding_update,
)
