"""Validation of a pod's spec, alone or in a Job's template."""

from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api.field_errors import FieldError
from harness.simulator.kube_api.objects import Object
from harness.simulator.kube_api.validation import containers, metadata, names, volumes

_RESTART_POLICIES = ("Always", "OnFailure", "Never")
_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_MAX_INT32 = 2**31 - 1


def errors(spec: Object, path: str) -> list[FieldError]:
    """Return what is wrong with the spec; `path` is `spec` or `spec.template.spec`."""
    volume_names, found = volumes.errors(spec.get("volumes") or [], f"{path}.volumes")
    main = spec.get("containers") or []
    init = spec.get("initContainers") or []
    if not main:
        found.append(field.required(f"{path}.containers"))
    found += containers.errors(main, f"{path}.containers", volume_names=volume_names)
    found += containers.errors(
        init, f"{path}.initContainers", volume_names=volume_names
    )
    taken = {container.get("name") for container in main}
    found += [
        field.duplicate(f"{path}.initContainers[{index}].name", container["name"])
        for index, container in enumerate(init)
        if container.get("name") in taken
    ]
    policy = spec.get("restartPolicy", "")
    if not policy:
        found.append(field.required(f"{path}.restartPolicy"))
    elif policy not in _RESTART_POLICIES:
        where = f"{path}.restartPolicy"
        found.append(field.not_supported(where, policy, _RESTART_POLICIES))
    if spec.get("dnsPolicy", "ClusterFirst") not in _DNS_POLICIES:
        where = f"{path}.dnsPolicy"
        found.append(field.not_supported(where, spec["dnsPolicy"], _DNS_POLICIES))
    found += metadata.labels(spec.get("nodeSelector") or {}, f"{path}.nodeSelector")
    found += _names(spec, path)
    found += _numbers(spec, path)
    return found + tolerations(spec.get("tolerations") or [], f"{path}.tolerations")


def tolerations(items: list[Object], path: str) -> list[FieldError]:
    """Return what is wrong with tolerations."""
    found: list[FieldError] = []
    for index, item in enumerate(items):
        here = f"{path}[{index}]"
        key, operator = item.get("key", ""), item.get("operator", "")
        effect = item.get("effect", "")
        for text in names.qualified_name(key) if key else ():
            found.append(field.invalid(f"{here}.key", key, text))
        if not key and operator != "Exists":
            text = (
                'operator must be Exists when `key` is empty, which means "match all '
                'values and all keys"'
            )
            found.append(field.invalid(f"{here}.operator", operator, text))
        if "tolerationSeconds" in item and effect != "NoExecute":
            text = "effect must be 'NoExecute' when `tolerationSeconds` is set"
            found.append(field.invalid(f"{here}.effect", effect, text))
        if operator == "Exists" and item.get("value"):
            text = "value must be empty when `operator` is 'Exists'"
            found.append(field.invalid(f"{here}.operator", item["value"], text))
        elif operator not in ("", "Equal", "Exists"):
            supported = ("Equal", "Exists")
            found.append(field.not_supported(f"{here}.operator", operator, supported))
        if effect and effect not in _EFFECTS:
            found.append(field.not_supported(f"{here}.effect", effect, _EFFECTS))
    return found


def _names(spec: Object, path: str) -> list[FieldError]:
    rules = {
        "serviceAccountName": names.dns_subdomain,
        "nodeName": names.dns_subdomain,
        "priorityClassName": names.dns_subdomain,
        "runtimeClassName": names.dns_subdomain,
        "hostname": names.dns_label,
        "subdomain": names.dns_label,
    }
    return [
        field.invalid(f"{path}.{key}", spec[key], text)
        for key, rule in rules.items()
        if spec.get(key)
        for text in rule(spec[key])
    ]


def _numbers(spec: Object, path: str) -> list[FieldError]:
    found: list[FieldError] = []
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= _MAX_INT32:
        text = f"must be between 1 and {_MAX_INT32}, inclusive"
        found.append(field.invalid(f"{path}.activeDeadlineSeconds", deadline, text))
    security = spec.get("securityContext") or {}
    for key in ("runAsUser", "runAsGroup", "fsGroup"):
        value = security.get(key)
        if value is not None and not 0 <= value <= _MAX_INT32:
            text = f"must be between 0 and {_MAX_INT32}, inclusive"
            found.append(field.invalid(f"{path}.securityContext.{key}", value, text))
    return found
