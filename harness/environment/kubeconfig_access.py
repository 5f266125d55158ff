"""From a kubeconfig to how an API server is reached, whatever the kubeconfig says."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from kubernetes import config
from kubernetes.client import Configuration

from ..errors import EnvironmentMissing
from .kube_api import KubeAccess

_UNREADABLE = (
    config.ConfigException,
    OSError,
    ValueError,
    yaml.YAMLError,
    # a file that is YAML, and no kubeconfig
    TypeError,
    AttributeError,
    KeyError,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """What a kubeconfig calls things."""

    context: str
    cluster: str
    user: str
    namespace: str = ""


def names_of(kubeconfig: Path, context: str = "") -> Names:
    """The names of a context, the current one if none is named.

    :raises EnvironmentMissing: as `access_of`
    """
    try:
        contexts, current = config.list_kube_config_contexts(str(kubeconfig))
        known = {str(one["name"]): one["context"] for one in contexts}
        name = context or str(current["name"])
        if name not in known:
            raise ValueError(f"there is no context {name}, only {', '.join(known)}")
        found: dict[str, Any] = known[name]
        return Names(
            context=name,
            cluster=str(found["cluster"]),
            user=str(found.get("user", "")),
            namespace=str(found.get("namespace", "")),
        )
    except _UNREADABLE as error:
        raise _unusable(kubeconfig, error) from error


def _unusable(kubeconfig: Path, error: Exception) -> EnvironmentMissing:
    text = str(error)
    if not kubeconfig.exists():
        text = "there is no such file"
    elif isinstance(error, TypeError | AttributeError | KeyError):
        text = f"it is no kubeconfig ({type(error).__name__}: {error})"
    return EnvironmentMissing(
        f"The kubeconfig {kubeconfig} can't be used: {text}",
        "Name a kubeconfig that kubectl can use, and one of its contexts.",
    )


def access_of(kubeconfig: Path, context: str = "") -> KubeAccess:
    """The access that a kubeconfig gives.

    :raises EnvironmentMissing: it can't be read, or has no such context
    """
    found = Configuration()
    try:
        config.load_kube_config(
            config_file=str(kubeconfig),
            context=context or None,
            client_configuration=found,
        )
    except _UNREADABLE as error:
        raise _unusable(kubeconfig, error) from error
    bearer = ""
    for credential in found.auth_settings().values():
        if credential["key"] == "authorization" and credential.get("value"):
            bearer = str(credential["value"]).split(maxsplit=1)[-1]
    certificate = None
    if found.cert_file and found.key_file:
        certificate = (str(found.cert_file), str(found.key_file))
    return KubeAccess(
        url=str(found.host),
        ca_file=str(found.ssl_ca_cert or ""),
        token=bearer,
        client_certificate=certificate,
        insecure=not found.verify_ssl,
    )
