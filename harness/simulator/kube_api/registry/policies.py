"""Kinds that are stored and have little or no behaviour here.

NetworkPolicies have no effect (every container is on the machine's network), nothing
is preempted by priority, and a Service only gives pods its environment variables.
"""

from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api.objects import Object, name_of
from harness.simulator.kube_api.strategy import FieldErrors, Strategy


def _default_service(service: Object) -> None:
    spec = service.setdefault("spec", {})
    spec.setdefault("sessionAffinity", "None")
    spec.setdefault("type", "ClusterIP")
    for port in spec.get("ports") or ():
        port.setdefault("protocol", "TCP")
        port.setdefault("targetPort", port.get("port"))
    if spec["type"] != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")


def _prepare_service(service: Object) -> None:
    service["status"] = {"loadBalancer": {}}


def _keep_address(new: Object, old: Object) -> None:
    for key in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if key in old["spec"]:
            new["spec"].setdefault(key, old["spec"][key])


def _validate_service(service: Object) -> FieldErrors:
    spec = service["spec"]
    found: FieldErrors = []
    headless = spec.get("clusterIP") == "None" or spec["type"] == "ExternalName"
    if not spec.get("ports") and not headless:
        found.append(field.required("spec.ports"))
    for index, port in enumerate(spec.get("ports") or ()):
        number = port.get("port", 0)
        if not 0 < number < 65536:
            text = "must be between 1 and 65535, inclusive"
            found.append(field.invalid(f"spec.ports[{index}].port", number, text))
    return found


def _unmodelled_service(service: Object) -> list[str]:
    kind = service["spec"]["type"]
    return ["spec.type"] if kind in ("NodePort", "LoadBalancer") else []


def _validate_lease(lease: Object) -> FieldErrors:
    spec = lease.get("spec") or {}
    found: FieldErrors = []
    seconds = spec.get("leaseDurationSeconds")
    if seconds is not None and seconds <= 0:
        text = "must be greater than 0"
        found.append(field.invalid("spec.leaseDurationSeconds", seconds, text))
    transitions = spec.get("leaseTransitions")
    if transitions is not None and transitions < 0:
        text = "must be greater than or equal to 0"
        found.append(field.invalid("spec.leaseTransitions", transitions, text))
    if spec.get("holderIdentity") == "":
        found.append(field.required("spec.holderIdentity", "must not be empty"))
    return found


def _default_priority_class(priority_class: Object) -> None:
    priority_class.setdefault("preemptionPolicy", "PreemptLowerPriority")
    priority_class.setdefault("value", 0)


def _validate_priority_class(priority_class: Object) -> FieldErrors:
    name, value = name_of(priority_class), priority_class["value"]
    found: FieldErrors = []
    if name.startswith("system-"):
        text = (
            "priority class names with 'system-' prefix are reserved for system use "
            "only"
        )
        found.append(field.forbidden("metadata.name", text))
    elif value > 1_000_000_000:
        text = "maximum allowed value of a user defined priority is 1000000000"
        found.append(field.forbidden("value", text))
    return found


def _priority_class_update(new: Object, old: Object) -> FieldErrors:
    if new["value"] == old["value"]:
        return []
    return [field.invalid("value", new["value"], "field is immutable")]


def _default_network_policy(policy: Object) -> None:
    spec = policy.setdefault("spec", {})
    spec.setdefault("podSelector", {})
    types = ["Ingress"] + (["Egress"] if spec.get("egress") else [])
    spec.setdefault("policyTypes", types)
    for direction in ("ingress", "egress"):
        for rule in spec.get(direction) or ():
            for port in rule.get("ports") or ():
                port.setdefault("protocol", "TCP")


SERVICES = Strategy(
    default=_default_service,
    prepare_create=_prepare_service,
    prepare_update=_keep_address,
    validate=_validate_service,
    unmodelled=_unmodelled_service,
)
LEASES = Strategy(validate=_validate_lease)
PRIORITY_CLASSES = Strategy(
    default=_default_priority_class,
    validate=_validate_priority_class,
    validate_update=_priority_class_update,
)
NETWORK_POLICIES = Strategy(default=_default_network_policy)
