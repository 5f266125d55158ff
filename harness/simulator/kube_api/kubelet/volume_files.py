"""Writes the files of Secret, ConfigMap, downward API and projected volumes.

In the real layout: a dated directory, the link `..data` to it, and a link for each
file, so that an update would change all at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.simulator.clock import Clock, as_datetime
from harness.simulator.kube_api.auth.tokens import Tokens
from harness.simulator.kube_api.kubelet import downward
from harness.simulator.kube_api.kubelet.environment import data_of
from harness.simulator.kube_api.kubelet.problems import MountError
from harness.simulator.kube_api.objects import Object, namespace_of
from harness.simulator.kube_api.store import Store

Files = dict[str, bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """Where the content of a pod's volumes comes from."""

    store: Store
    tokens: Tokens
    pod: Object
    node: Object
    addresses: tuple[str, str]


def content_of(volume: Object, sources: Sources) -> Files:
    """Return a volume's files by relative path; raise MountError where one is amiss."""
    if "secret" in volume:
        source = volume["secret"]
        return _of_object("secrets", source["secretName"], source, sources)
    if "configMap" in volume:
        source = volume["configMap"]
        return _of_object("configmaps", source["name"], source, sources)
    if "downwardAPI" in volume:
        return _downward(volume["downwardAPI"].get("items") or (), sources)
    files: Files = {}
    for source in volume["projected"].get("sources") or ():
        if "secret" in source:
            part = source["secret"]
            files |= _of_object("secrets", part["name"], part, sources)
        elif "configMap" in source:
            part = source["configMap"]
            files |= _of_object("configmaps", part["name"], part, sources)
        elif "downwardAPI" in source:
            files |= _downward(source["downwardAPI"].get("items") or (), sources)
        elif "serviceAccountToken" in source:
            files |= _token(source["serviceAccountToken"], sources)
    return files


def write(directory: Path, files: Mapping[str, bytes], clock: Clock) -> None:
    """Write the files; `directory` is empty or doesn't exist."""
    now = clock.now_ns()
    dated = f"..{as_datetime(now):%Y_%m_%d_%H_%M_%S}.{now % 10**9}"
    (directory / dated).mkdir(parents=True)
    for name, content in files.items():
        path = directory / dated / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (directory / "..data").symlink_to(dated)
    for name in dict.fromkeys(name.split("/")[0] for name in files):
        (directory / name).symlink_to(f"..data/{name}")


def _of_object(resource: str, name: str, source: Object, sources: Sources) -> Files:
    namespace = namespace_of(sources.pod)
    found = sources.store.get(resource, namespace, name)
    optional = bool(source.get("optional"))
    if found is None:
        if optional:
            return {}
        raise MountError(f'{resource[:-1]} "{name}" not found')
    values = data_of(resource, found)
    items = source.get("items")
    if not items:
        return values
    files: Files = {}
    for item in items:
        if item["key"] in values:
            files[item["path"]] = values[item["key"]]
        elif not optional:
            kind = "configmap" if resource == "configmaps" else "secret"
            raise MountError(f"references non-existent {kind} key: {item['key']}")
    return files


def _downward(items: Iterable[Object], sources: Sources) -> Files:
    files: Files = {}
    node_ip, pod_ip = sources.addresses
    for item in items:
        if "fieldRef" in item:
            path = item["fieldRef"]["fieldPath"]
            text = downward.field(sources.pod, path, node_ip=node_ip, pod_ip=pod_ip)
        else:
            reference = item["resourceFieldRef"]
            named = reference.get("containerName")
            containers = sources.pod["spec"]["containers"]
            holder = next(c for c in containers if c["name"] == named)
            text = downward.resource(holder, reference, sources.node)
        files[item["path"]] = text.encode()
    return files


def _token(source: Object, sources: Sources) -> Files:
    namespace = namespace_of(sources.pod)
    name = sources.pod["spec"]["serviceAccountName"]
    account = sources.store.get("serviceaccounts", namespace, name)
    if account is None:
        raise MountError(f'failed to fetch token: serviceaccounts "{name}" not found')
    audience = source.get("audience")
    token, _ = sources.tokens.sign(
        account,
        audiences=[audience] if audience else [],
        seconds=source["expirationSeconds"],
        bound=sources.pod,
    )
    return {source["path"]: token.encode()}
