"""A kind cluster as tests see it, and what is there in a namespace of it."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from harness.environment.kube_api import KubeApi


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cluster:
    """A kind cluster with the images of app and probe."""

    kubeconfig: Path
    api: KubeApi
    app: str
    probe: str
    load: Callable[[str], None]
    """Brings an image of the local engine to the nodes."""


def there(api: KubeApi, namespace: str) -> dict[str, str]:
    """Kind and name of each object, and its UID."""
    kinds = (
        *("Pod", "Job", "Secret", "ConfigMap", "PersistentVolumeClaim"),
        *("ServiceAccount", "Role", "RoleBinding"),
    )
    return {
        f"{kind} {one['metadata']['name']}": one["metadata"]["uid"]
        for kind in kinds
        for one in api.list(kind, namespace)
    }
