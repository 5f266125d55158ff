"""Real worker processes in the simulator, on both backends, as tests script them."""

import itertools
import re
import textwrap
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from harness.environment.kube_api import KubeApi
from harness.environment.simulator_process import Simulator
from harness.settings import Settings

FEEDBACK = """
import json, sys
print("says out"); print("says err", file=sys.stderr)
feedback = {"outputs": {}, "feedback_version": "2.0"}
with open("/io/feedback.json", "w") as file:
    json.dump(feedback, file)
"""
"""A worker that does nothing, well."""
IO = """
import json, os
IO = json.loads(os.environ.get("QFC_SIMULATOR_MOUNTS") or "{}").get("/io", "/io")
"""
"""Where user namespaces are forbidden, a worker finds its /io by this redirection."""


class Backends:
    """One simulator; each worker's program is an image of its own."""

    def __init__(self, directory: Path, path: str) -> None:
        settings = Settings(temporary=directory, cache=directory, path=path)
        self._directory = directory
        self._numbers = itertools.count(1)
        self.simulator = Simulator(settings, directory)
        self.api: KubeApi = self.simulator.kube_api()
        self.node = self.api.list("Node")[0]["metadata"]["name"]

    def image(self, program: str = FEEDBACK) -> str:
        """The name of an image with this program as its entrypoint.py."""
        number = next(self._numbers)
        root = self._directory / f"image-{number}"
        root.mkdir()
        text = re.sub(r"""(["'])/io/""", r"IO + \1/", textwrap.dedent(program))
        (root / "entrypoint.py").write_text(IO + text)
        name = f"tests/worker:{number}"
        described = {
            "entrypoint": [],
            "cmd": [],
            "workdir": "/usr/src/app",
            "env": {},
            "user": "",
            "root": str(root),
        }
        self.simulator.register_image(name, described)
        return name

    @property
    def docker_host(self) -> str:
        """For the variable DOCKER_HOST."""
        return f"unix://{self.simulator.docker_socket}"

    def namespace(self) -> dict[str, str]:
        """Makes one with the shared claim; the wrapper's settings for it."""
        name = f"test-{uuid4().hex[:8]}"
        self.api.create({"kind": "Namespace", "metadata": {"name": name}})
        node_path = f"/tests/{name}"
        real = self.simulator.control("GET", f"nodes/{self.node}/path?path={node_path}")
        io = Path(real["path"])
        io.mkdir(parents=True)
        claim = {"accessModes": ["ReadWriteMany"], "storageClassName": ""}
        self.api.create(
            {
                "kind": "PersistentVolume",
                "metadata": {"name": f"{name}-io"},
                "spec": {
                    **claim,
                    "capacity": {"storage": "1Gi"},
                    "hostPath": {"path": node_path},
                },
            }
        )
        self.api.create(
            {
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": "io"},
                "spec": {
                    **claim,
                    "volumeName": f"{name}-io",
                    "resources": {"requests": {"storage": "1Gi"}},
                },
            },
            name,
        )
        while self.claim_phase(name) != "Bound":
            time.sleep(0.02)
        return {
            "QFIELDCLOUD_WORKER_BACKEND": "kubernetes",
            "QFIELDCLOUD_K8S_NAMESPACE": name,
            "QFIELDCLOUD_K8S_KUBECONFIG": str(self._kubeconfig()),
            "QFIELDCLOUD_K8S_IO_PVC": "io",
            "QFIELDCLOUD_K8S_IO_MOUNT_PATH": str(io),
            "QFIELDCLOUD_K8S_TRANSFORMATION_GRIDS_PVC": "",
        }

    def claim_phase(self, namespace: str) -> str:
        """How far the shared claim is."""
        (claim,) = self.api.list("PersistentVolumeClaim", namespace)
        return str((claim.get("status") or {}).get("phase"))

    def _kubeconfig(self) -> Path:
        path = self._directory / "kubeconfig"
        access = self.api.access
        content: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "t",
            "clusters": [
                {
                    "name": "t",
                    "cluster": {
                        "server": access.url,
                        "certificate-authority": str(access.ca_file),
                    },
                }
            ],
            "users": [{"name": "t", "user": {"token": access.token}}],
            "contexts": [{"name": "t", "context": {"cluster": "t", "user": "t"}}],
        }
        path.write_text(yaml.safe_dump(content))
        return path

    def containers(self) -> list[dict[str, Any]]:
        """All containers of the engine."""
        import docker

        with_timeout = docker.APIClient(base_url=self.docker_host, timeout=10)
        try:
            found: list[dict[str, Any]] = with_timeout.containers(all=True)
        finally:
            with_timeout.close()
        return found

    def close(self) -> None:
        """End it with all workers."""
        self.simulator.close()
