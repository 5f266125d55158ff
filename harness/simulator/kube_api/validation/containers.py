"""Validation of containers: names, images, env, mounts, ports, resources."""

from collections.abc import Mapping
from fractions import Fraction

from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api import quantity
from harness.simulator.kube_api.field_errors import FieldError
from harness.simulator.kube_api.objects import Object
from harness.simulator.kube_api.validation import names, volumes

_STANDARD = ("cpu", "memory", "ephemeral-storage")
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_FIELD_PATHS = (
    *("metadata.name", "metadata.namespace", "metadata.uid", "spec.hostIP"),
    *("spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs"),
    *("status.podIP", "status.podIPs"),
)
_CONVERTIBLE = (
    *_FIELD_PATHS,
    *("metadata.labels", "metadata.annotations", "spec.restartPolicy"),
    *("spec.schedulerName", "spec.hostNetwork", "status.phase"),
)


def errors(
    containers: list[Object], path: str, *, volume_names: set[str]
) -> list[FieldError]:
    """Return what is wrong with a pod's containers."""
    found: list[FieldError] = []
    seen: set[str] = set()
    for index, container in enumerate(containers):
        here = f"{path}[{index}]"
        found += _container(container, here, volume_names)
        name = container.get("name", "")
        if name in seen:
            found.append(field.duplicate(f"{here}.name", name))
        seen.add(name)
    return found


def image_whitespace_errors(containers: list[Object], path: str) -> list[FieldError]:
    """Return what only a pod, and not a template, is refused for."""
    return [
        field.invalid(
            f"{path}[{index}].image",
            container["image"],
            "must not have leading or trailing whitespace",
        )
        for index, container in enumerate(containers)
        if container.get("image", "") != container.get("image", "").strip()
    ]


def _container(
    container: Object, path: str, volume_names: set[str]
) -> list[FieldError]:
    found: list[FieldError] = []
    name = container.get("name", "")
    if not name:
        found.append(field.required(f"{path}.name"))
    for text in names.dns_label(name) if name else ():
        found.append(field.invalid(f"{path}.name", name, text))
    if not container.get("image"):
        found.append(field.required(f"{path}.image"))
    policy = container.get("terminationMessagePolicy", "File")
    if policy not in _MESSAGE_POLICIES:
        where = f"{path}.terminationMessagePolicy"
        found.append(field.not_supported(where, policy, _MESSAGE_POLICIES))
    found += _ports(container.get("ports") or [], f"{path}.ports")
    found += _env(container.get("env") or [], f"{path}.env")
    found += _env_from(container.get("envFrom") or [], f"{path}.envFrom")
    found += _mounts(
        container.get("volumeMounts") or [], f"{path}.volumeMounts", volume_names
    )
    pull = container.get("imagePullPolicy", "Always")
    if pull not in _PULL_POLICIES:
        where = f"{path}.imagePullPolicy"
        found.append(field.not_supported(where, pull, _PULL_POLICIES))
    return found + resources(container.get("resources") or {}, f"{path}.resources")


def resources(spec: Object, path: str) -> list[FieldError]:
    """Return what is wrong with requests and limits."""
    limits = spec.get("limits") or {}
    requests = spec.get("requests") or {}
    found = _amounts(limits, f"{path}.limits")
    for name, amount in requests.items():
        found += _amounts({name: amount}, f"{path}.requests")
        if name not in limits:
            continue
        asked, limit = quantity.parse(amount), quantity.parse(limits[name])
        if asked.amount > limit.amount:
            text = f"must be less than or equal to {name} limit of {limit}"
            found.append(field.invalid(f"{path}.requests", str(asked), text))
    return found


def _amounts(amounts: Mapping[str, str], path: str) -> list[FieldError]:
    found: list[FieldError] = []
    for name, amount in amounts.items():
        here = f"{path}[{name}]"
        if (
            "/" not in name
            and name not in _STANDARD
            and not name.startswith("hugepages-")
        ):
            text = "must be a standard resource type or fully qualified"
            found.append(field.invalid(here, name, text))
            text = "must be a standard resource for containers"
            found.append(field.invalid(here, name, text))
        if quantity.parse(amount).amount < Fraction(0):
            text = "must be greater than or equal to 0"
            found.append(field.invalid(here, amount, text))
    return found


def _env(variables: list[Object], path: str) -> list[FieldError]:
    found: list[FieldError] = []
    for index, variable in enumerate(variables):
        here = f"{path}[{index}]"
        name = variable.get("name", "")
        if not name:
            found.append(field.required(f"{here}.name"))
        for text in names.env_name(name) if name else ():
            found.append(field.invalid(f"{here}.name", name, text))
        if "valueFrom" in variable:
            found += _value_from(variable, f"{here}.valueFrom")
    return found


def _value_from(variable: Object, path: str) -> list[FieldError]:
    sources = variable["valueFrom"]
    found: list[FieldError] = []
    for kind, source in sources.items():
        here = f"{path}.{kind}"
        if kind == "fieldRef":
            found += _field_ref(source, here)
        elif kind in ("secretKeyRef", "configMapKeyRef"):
            if not source.get("name"):
                found.append(field.required(f"{here}.name"))
            if not source.get("key"):
                found.append(field.required(f"{here}.key"))
            else:
                texts = names.config_key(source["key"])
                found += [field.invalid(f"{here}.key", source["key"], t) for t in texts]
        elif kind == "resourceFieldRef" and not source.get("resource"):
            found.append(field.required(f"{here}.resource"))
    if not sources:
        text = (
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or "
            "`secretKeyRef`"
        )
        found.append(field.invalid(path, "", text))
    elif variable.get("value"):
        text = "may not be specified when `value` is not empty"
        found.append(field.invalid(path, "", text))
    elif len(sources) > 1:
        text = "may not have more than one field specified at a time"
        found.append(field.invalid(path, "", text))
    return found


def _field_ref(source: Object, path: str) -> list[FieldError]:
    value = source.get("fieldPath", "")
    if not value:
        return [field.required(f"{path}.fieldPath")]
    if value in _FIELD_PATHS or value.startswith(
        ("metadata.labels['", "metadata.annotations['")
    ):
        return []
    if value not in _CONVERTIBLE:
        text = f"error converting fieldPath: field label not supported: {value}"
        return [field.invalid(f"{path}.fieldPath", value, text)]
    return [field.not_supported(f"{path}.fieldPath", value, sorted(_FIELD_PATHS))]


def _env_from(sources: list[Object], path: str) -> list[FieldError]:
    found: list[FieldError] = []
    for index, source in enumerate(sources):
        here = f"{path}[{index}]"
        prefix = source.get("prefix", "")
        for text in names.env_name(prefix) if prefix else ():
            found.append(field.invalid(f"{here}.prefix", prefix, text))
        kinds = [kind for kind in ("configMapRef", "secretRef") if kind in source]
        for kind in kinds:
            if not source[kind].get("name"):
                found.append(field.required(f"{here}.{kind}.name"))
        if not kinds:
            text = "must specify one of: `configMapRef` or `secretRef`"
            found.append(field.invalid(path, "", text))
        elif len(kinds) > 1:
            text = "may not have more than one field specified at a time"
            found.append(field.invalid(path, "", text))
    return found


def _mounts(
    mounts: list[Object], path: str, volume_names: set[str]
) -> list[FieldError]:
    found: list[FieldError] = []
    targets: set[str] = set()
    for index, mount in enumerate(mounts):
        here = f"{path}[{index}]"
        name, target = mount.get("name", ""), mount.get("mountPath", "")
        if not name:
            found.append(field.required(f"{here}.name"))
        if name not in volume_names:
            found.append(field.not_found(f"{here}.name", name))
        if not target:
            found.append(field.required(f"{here}.mountPath"))
        if target in targets:
            found.append(field.invalid(f"{here}.mountPath", target, "must be unique"))
        targets.add(target)
        # the real server leaves the index out of the next two
        if mount.get("subPath"):
            found += volumes.descending_path(mount["subPath"], f"{path}.subPath")
        if mount.get("subPathExpr"):
            if mount.get("subPath"):
                text = "subPathExpr and subPath are mutually exclusive"
                value = mount["subPathExpr"]
                found.append(field.invalid(f"{here}.subPathExpr", value, text))
            found += volumes.descending_path(
                mount["subPathExpr"], f"{path}.subPathExpr"
            )
    return found


def _ports(ports: list[Object], path: str) -> list[FieldError]:
    found: list[FieldError] = []
    for index, port in enumerate(ports):
        here = f"{path}[{index}]"
        number = port.get("containerPort", 0)
        if not number:
            found.append(field.required(f"{here}.containerPort"))
        elif not 0 < number < 65536:
            text = "must be between 1 and 65535, inclusive"
            found.append(field.invalid(f"{here}.containerPort", number, text))
        protocol = port.get("protocol", "TCP")
        if protocol not in _PROTOCOLS:
            where = f"{here}.protocol"
            found.append(field.not_supported(where, protocol, _PROTOCOLS))
    return found
