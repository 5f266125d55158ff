"""A container's environment variables: services, envFrom, env, each over the former."""

import base64
from collections.abc import Callable, Mapping

from harness.simulator.kube_api.kubelet import downward, expansion
from harness.simulator.kube_api.kubelet.problems import config_error
from harness.simulator.kube_api.objects import Object, name_of, namespace_of
from harness.simulator.kube_api.store import Store

Find = Callable[[str, str], Object | None]
"""(resource, name) -> the object in the pod's namespace."""


def build(
    pod: Object,
    container: Object,
    *,
    store: Store,
    node: Object,
    addresses: tuple[str, str],
    api_server: tuple[str, int],
) -> dict[str, str]:
    """Return all variables; raise NotYetError where a Secret or key is missing.

    `addresses` are the node's and the pod's; `api_server` is where it really is.
    """
    namespace = namespace_of(pod)

    def find(resource: str, name: str) -> Object | None:
        return store.get(resource, namespace, name)

    links = pod["spec"].get("enableServiceLinks", True)
    services = _services(store, namespace if links else "", api_server)
    result: dict[str, str] = {}
    for source in container.get("envFrom") or ():
        result.update(_all_of(source, find))
    for variable in container.get("env") or ():
        name = variable["name"]
        if "valueFrom" not in variable:
            value = expansion.expand(variable.get("value", ""), {**services, **result})
        else:
            found = _value_from(
                variable["valueFrom"], pod, container, find, node, addresses
            )
            if found is None:
                continue
            value = found
        result[name] = value
    return {**services, **result}


def _all_of(source: Object, find: Find) -> Mapping[str, str]:
    prefix = source.get("prefix", "")
    for kind, resource in (("configMapRef", "configmaps"), ("secretRef", "secrets")):
        if kind in source:
            reference = source[kind]
            found = find(resource, reference["name"])
            if found is None:
                if reference.get("optional"):
                    return {}
                raise config_error(f'{resource[:-1]} "{reference["name"]}" not found')
            values = data_of(resource, found)
            return {
                prefix + key: value.decode(errors="surrogateescape")
                for key, value in values.items()
            }
    return {}


def _value_from(
    source: Object,
    pod: Object,
    container: Object,
    find: Find,
    node: Object,
    addresses: tuple[str, str],
) -> str | None:
    if "fieldRef" in source:
        path = source["fieldRef"]["fieldPath"]
        return downward.field(pod, path, node_ip=addresses[0], pod_ip=addresses[1])
    if "resourceFieldRef" in source:
        reference = source["resourceFieldRef"]
        named = reference.get("containerName")
        spec = pod["spec"]
        holders = [*spec["containers"], *(spec.get("initContainers") or ())]
        holder = next((c for c in holders if c["name"] == named), container)
        return downward.resource(holder, reference, node)
    for kind, resource in (
        ("configMapKeyRef", "configmaps"),
        ("secretKeyRef", "secrets"),
    ):
        if kind in source:
            return _key(source[kind], resource, find, namespace_of(pod))
    return ""


def _key(reference: Object, resource: str, find: Find, namespace: str) -> str | None:
    name, key = reference["name"], reference["key"]
    found = find(resource, name)
    if found is None:
        if reference.get("optional"):
            return None
        raise config_error(f'{resource[:-1]} "{name}" not found')
    values = data_of(resource, found)
    if key not in values:
        if reference.get("optional"):
            return None
        kind = "ConfigMap" if resource == "configmaps" else "Secret"
        raise config_error(f"couldn't find key {key} in {kind} {namespace}/{name}")
    return values[key].decode(errors="surrogateescape")


def data_of(resource: str, obj: Object) -> dict[str, bytes]:
    """Return the content of a Secret or ConfigMap, decoded."""
    coded = obj.get("data" if resource == "secrets" else "binaryData") or {}
    values = {key: base64.b64decode(text) for key, text in coded.items()}
    if resource == "configmaps":
        plain = obj.get("data") or {}
        values |= {key: text.encode() for key, text in plain.items()}
    return values


def _services(
    store: Store, namespace: str, api_server: tuple[str, int]
) -> dict[str, str]:
    """Return the variables of the namespace's services, and always those of the API.

    The API's are its real address, where the pod can reach it.
    """
    result: dict[str, str] = {}
    for service in store.all("services", namespace) if namespace else ():
        address = service["spec"].get("clusterIP", "")
        is_api = (namespace_of(service), name_of(service)) == ("default", "kubernetes")
        if address not in ("", "None") and not is_api:
            result |= _variables(name_of(service), address, service["spec"]["ports"])
    host, port = api_server
    ports = [{"name": "https", "protocol": "TCP", "port": 443}]
    own = _variables("kubernetes", host, ports)
    told = {name: value.replace("443", str(port)) for name, value in own.items()}
    return {**result, **told}


def _variables(name: str, host: str, ports: list[Object]) -> dict[str, str]:
    prefix = name.upper().replace("-", "_")
    first = ports[0]
    result = {
        f"{prefix}_SERVICE_HOST": host,
        f"{prefix}_SERVICE_PORT": str(first["port"]),
        f"{prefix}_PORT": _url(first, host),
    }
    for port in ports:
        if port.get("name"):
            key = port["name"].upper().replace("-", "_")
            result[f"{prefix}_SERVICE_PORT_{key}"] = str(port["port"])
        protocol = port.get("protocol", "TCP")
        base = f"{prefix}_PORT_{port['port']}_{protocol}"
        result |= {
            base: _url(port, host),
            f"{base}_PROTO": protocol.lower(),
            f"{base}_PORT": str(port["port"]),
            f"{base}_ADDR": host,
        }
    return result


def _url(port: Object, host: str) -> str:
    return f"{port.get('protocol', 'TCP').lower()}://{host}:{port['port']}"
