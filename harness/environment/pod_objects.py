"""The objects of wrappers that run in pods: the base's, and what the harness adds.

The wrapper's pod is the Deployment's: its account, environment, mounts and security
context. The harness puts its own program in the place of ``manage.py dequeue``, a
container with the tap beside it, and the tap's authority in the place of the cluster's.
"""

import base64
import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..incluster import app, sidecar, wrapper
from ..settings import AGENT_TOKEN, POD_IP
from . import manifests
from .manifests import Object

RUN_LABEL = "qfc-harness.run"
ACCOUNT_FILES = "/var/run/secrets/kubernetes.io/serviceaccount"
TOKEN_SECONDS = 3600
NOBODY = 65534
_RENAMED = (
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "PersistentVolumeClaim",
    "Deployment",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtraMounts:
    """What a subject's profile says that its pod mounts besides the Deployment's."""

    io: str = ""
    """Where it expects the shared claim, if it can't be told by a setting."""
    node_directories: tuple[str, ...] = ()


def renamed(
    objects: Iterable[Object], suffix: str, labels: Mapping[str, str]
) -> list[Object]:
    """The base with a suffix to every name, also where one object names another.

    What kustomize's nameSuffix does; also puts labels on each.
    """
    objects = list(objects)
    names = {one["metadata"]["name"] for one in objects if one["kind"] in _RENAMED}
    names |= set(_secrets(objects))
    changed = []
    for one in objects:
        found: Object = _with_suffix(copy.deepcopy(one), names, suffix)
        metadata = found["metadata"]
        metadata["labels"] = {**(metadata.get("labels") or {}), **labels}
        changed.append(found)
    return changed


def _secrets(objects: Iterable[Object]) -> Iterable[str]:
    for deployment in manifests.of_kind(objects, "Deployment"):
        for source in wrapper_container(deployment).get("envFrom") or ():
            yield source["secretRef"]["name"]


_NAMING = {"name", "serviceAccountName", "claimName", "value"}
"""Keys whose value may be the name of one of the base's objects."""


def _with_suffix(content: Any, names: set[str], suffix: str) -> Any:
    if isinstance(content, dict):
        return {
            key: f"{value}{suffix}"
            if key in _NAMING and isinstance(value, str) and value in names
            else _with_suffix(value, names, suffix)
            for key, value in content.items()
        }
    if isinstance(content, list):
        return [_with_suffix(one, names, suffix) for one in content]
    return content


def wrapper_container(deployment: Object) -> Object:
    """The one container of the wrapper's Deployment."""
    found: Object = deployment["spec"]["template"]["spec"]["containers"][0]
    return found


def secret(
    name: str, labels: Mapping[str, str], content: Mapping[str, bytes]
) -> Object:
    """A Secret."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "labels": dict(labels)},
        "data": {
            key: base64.b64encode(value).decode() for key, value in content.items()
        },
    }


def wrapper_pod(
    deployment: Object,
    *,
    name: str,
    image: str,
    labels: Mapping[str, str],
    token: str,
    tap_secret: str,
    grids_claim: str,
    extra: ExtraMounts,
    users: Mapping[str, int],
) -> Object:
    """The pod in which a subject runs.

    :param tap_secret: a Secret with the tap's ``tls.pem`` and its ``ca.crt``
    :param users: of the wrapper's container, where they aren't the Deployment's
    """
    template = copy.deepcopy(deployment["spec"]["template"])
    spec = template["spec"]
    container = spec["containers"][0]
    # the tap's, which clears away what cells of another user left, stays as it is
    security = container.get("securityContext") or {}
    container["securityContext"] = {**security, **users}
    shared = next(
        one["name"] for one in spec["volumes"] if "persistentVolumeClaim" in one
    )
    container["image"] = image
    container.pop("resources", None)  # on a small node workers are to have the room
    container["args"] = _program(wrapper.__name__)
    container["env"] = [
        *(container.get("env") or ()),
        {"name": "KUBERNETES_SERVICE_HOST", "value": "127.0.0.1"},
        {"name": "KUBERNETES_SERVICE_PORT", "value": str(sidecar.TAP_PORT)},
        {"name": AGENT_TOKEN, "value": token},
    ]
    container["volumeMounts"] = [
        *(container.get("volumeMounts") or ()),
        {"name": "account", "mountPath": ACCOUNT_FILES, "readOnly": True},
        *([{"name": shared, "mountPath": extra.io}] if extra.io else []),
        *(
            {"name": f"node-{number}", "mountPath": path}
            for number, path in enumerate(extra.node_directories)
        ),
    ]
    spec["containers"].append(
        {
            "name": "tap",
            "image": image,
            "args": _program(sidecar.__name__),
            "env": [{"name": AGENT_TOKEN, "value": token}],
            "securityContext": security,
            "volumeMounts": [
                {"name": "tap", "mountPath": str(sidecar.TLS.parent), "readOnly": True},
                {"name": shared, "mountPath": str(sidecar.IO)},
                {"name": "grids", "mountPath": str(sidecar.GRIDS)},
            ],
        }
    )
    spec["volumes"] += [
        {"name": "account", "projected": {"sources": _account(tap_secret)}},
        {"name": "tap", "secret": {"secretName": tap_secret}},
        {"name": "grids", "persistentVolumeClaim": {"claimName": grids_claim}},
        *(
            {
                "name": f"node-{number}",
                "hostPath": {"path": path, "type": "DirectoryOrCreate"},
            }
            for number, path in enumerate(extra.node_directories)
        ),
    ]
    spec["restartPolicy"] = "Never"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": dict(labels)},
        "spec": spec,
    }


def users(settings: Mapping[str, str]) -> dict[str, int]:
    """Of a wrapper's container: those of its workers, as the Deployment says."""
    names = {
        "runAsUser": "QFIELDCLOUD_K8S_RUN_AS_USER",
        "runAsGroup": "QFIELDCLOUD_K8S_RUN_AS_GROUP",
    }
    return {key: int(settings[name]) for key, name in names.items() if name in settings}


def _program(module: str) -> list[str]:
    return ["python3", "-m", module]


def _account(tap_secret: str) -> list[Object]:
    """What every pod finds of its account, but with the tap's authority."""
    token = {"path": "token", "expirationSeconds": TOKEN_SECONDS}
    ca = {"name": tap_secret, "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    namespace = {
        "path": "namespace",
        "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"},
    }
    return [
        {"serviceAccountToken": token},
        {"secret": ca},
        {"downwardAPI": {"items": [namespace]}},
    ]


def app_pod(name: str, image: str, labels: Mapping[str, str], token: str) -> Object:
    """The pod of the stand-ins and their database: unprivileged, without an account."""
    container = {
        "name": "app",
        "image": image,
        "args": _program(app.__name__),
        "env": [
            {"name": AGENT_TOKEN, "value": token},
            {
                "name": POD_IP,
                "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}},
            },
        ],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": dict(labels)},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 5,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": NOBODY,
                "runAsGroup": NOBODY,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [container],
        },
    }
