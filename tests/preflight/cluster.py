"""A namespace as an operator has it: the manifests' objects, a Service, settings."""

import contextlib
import dataclasses
import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from harness.environment import manifests
from harness.environment.in_cluster import in_namespace
from harness.environment.kube_api import KubeAccess, KubeApi, KubeRefused
from harness.preflight.course import Course
from harness.preflight.flow import validate
from harness.preflight.given import Asked
from harness.preflight.journal import Journal
from harness.preflight.model import Validation

KINDS = ("ServiceAccount", "Role", "RoleBinding", "PersistentVolumeClaim")
HOST = "qfieldcloud"
LOOPBACK = "0x7f.1"
"""A name that simulated pods resolve; written so that no check knows what it is."""
_NUMBERS = itertools.count(1)


@dataclasses.dataclass
class Cluster:
    """One namespace of the simulator; what a test breaks, it breaks here."""

    ready: Mapping[str, Any]
    directory: Path
    namespace: str = ""
    port: int = 8000

    def __post_init__(self) -> None:
        found = self.ready["kubernetes"]
        self.api = KubeApi(
            KubeAccess(
                url=found["url"], ca_file=found["ca_file"], token=found["admin_token"]
            )
        )
        self.namespace = f"production-{next(_NUMBERS)}"
        self.values = {
            "QFIELDCLOUD_WORKER_BACKEND": "kubernetes",
            "QFIELDCLOUD_K8S_NAMESPACE": self.namespace,
            "QFIELDCLOUD_K8S_WORKER_SERVICE_ACCOUNT": "qfieldcloud-worker-pod",
            "QFIELDCLOUD_QGIS_IMAGE_NAME": "qgis:1",
            "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL": f"http://{HOST}:{self.port}/api/v1/",
            "WORKER_QGIS_MEMORY_LIMIT": "64m",
        }
        self.replicas = 1
        self.token = found["admin_token"]
        self.more: dict[str, Any] = {}

    def fill(self) -> None:
        """Make what is there before a validation."""
        metadata = {"name": self.namespace}
        self.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        for kind in KINDS:
            for one in manifests.of_kind(manifests.base(), kind):
                body = in_namespace(one, self.namespace)
                self.api.create(body, self.namespace)
        spec = {"ports": [{"port": self.port}]}
        self.post("services", "v1", "Service", HOST, spec=spec)

    def path(self, plural: str, api: str = "v1", name: str = "") -> str:
        """Of a collection in the namespace, or of one object."""
        root = f"/apis/{api}" if "/" in api else f"/api/{api}"
        path = f"{root}/namespaces/{self.namespace}/{plural}"
        return f"{path}/{name}" if name else path

    def post(
        self, plural: str, api: str, kind: str, name: str, **content: Any
    ) -> dict[str, Any]:
        """Create something."""
        labels = content.pop("labels", {})
        body = {
            "apiVersion": api,
            "kind": kind,
            "metadata": {"name": name, "labels": labels},
            **content,
        }
        return self.api.call("POST", self.path(plural, api), body)

    def change(
        self,
        plural: str,
        api: str,
        name: str,
        mend: Callable[[dict[str, Any]], None],
    ) -> None:
        """Read, change, write."""
        path = self.path(plural, api, name)
        found = self.api.call("GET", path)
        mend(found)
        self.api.call("PUT", path, found)

    def delete(self, plural: str, api: str, name: str) -> None:
        """Delete something for good."""
        path = self.path(plural, api, name)
        found = self.api.call("GET", path)
        if found["metadata"].pop("finalizers", None):
            self.api.call("PUT", path, found)
        with contextlib.suppress(KubeRefused):  # it went with its last finalizer
            self.api.call("DELETE", path)

    def label(self, name: str, value: str) -> None:
        """Put a label on the namespace."""
        path = f"/api/v1/namespaces/{self.namespace}"
        found = self.api.call("GET", path)
        found["metadata"].setdefault("labels", {})[name] = value
        self.api.call("PUT", path, found)

    def kubeconfig(self) -> Path:
        """An operator's."""
        found = self.ready["kubernetes"]
        cluster = {"server": found["url"], "certificate-authority": found["ca_file"]}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "simulated", "cluster": cluster}],
            "users": [{"name": "operator", "user": {"token": self.token}}],
            "contexts": [
                {
                    "name": "production",
                    "context": {"cluster": "simulated", "user": "operator"},
                }
            ],
            "current-context": "production",
        }
        path = self.directory / "kubeconfig"
        path.write_text(yaml.safe_dump(content))
        return path

    def settings(self) -> Path:
        """The operator's settings file."""
        path = self.directory / "settings.env"
        lines = [f"{name}={value}" for name, value in self.values.items()]
        path.write_text("\n".join(lines))
        return path

    def asked(self) -> Asked:
        """The command line."""
        return Asked(
            command="qfc-harness validate",
            kubeconfig=self.kubeconfig(),
            namespace=self.namespace,
            values=self.settings(),
            replicas=self.replicas,
            **self.more,
        )

    def validate(self, *, jobs: bool = False) -> tuple[Validation, int]:
        """A validation; without real jobs unless they are wanted."""
        with Journal(self.directory / "journal.jsonl") as journal:
            course = Course(asked=self.asked(), journal=journal, say=lambda _: None)
            return validate(course, lambda _: "" if jobs else "not asked for")
