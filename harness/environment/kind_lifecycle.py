"""The life of one kind cluster: made, found again, fed with images, deleted.

A cluster belongs to a directory of this machine, which has its kubeconfig and the
folder that it shares with the cluster's nodes. Its name holds the id of the run (or of
the ``up``) that made it.
"""

import ipaddress
import json
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import docker
import yaml
from docker.errors import DockerException, NotFound
from docker.models.containers import Container

from ..errors import EnvironmentMissing
from ..settings import Settings
from . import engine
from .evidence import LINES
from .in_cluster import SHARED
from .patience import CLEAN_UP, CLUSTER, IMAGE, Patience

NETWORK = "kind"
PREFIX = "qfc-"
CONTROL_PLANE_TAINT = "node-role.kubernetes.io/control-plane:NoSchedule"
CLUSTER_LABEL = "io.x-k8s.kind.cluster"
ROOM = 2 * 1024**3
"""Bytes that a node and the images loaded into it need."""
OLDEST_KIND = (0, 20)
_CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
_PATCHES = "kubeadm"
_RECORD = "cluster.json"
_LINES = 12
"""So many last lines of a tool are shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """The programs that clusters are made with."""

    kind: str
    kubectl: str
    image: str
    """Of the nodes; "" for kind's own."""


def tools(settings: Settings) -> Tools:
    """The programs of this machine; nothing is ever downloaded.

    :raises EnvironmentMissing: one isn't there, or too old
    """
    kind = settings.kind_bin or shutil.which("kind", path=settings.path)
    kubectl = shutil.which("kubectl", path=settings.path)
    if not kind or not kubectl:
        raise EnvironmentMissing(
            f"{'kind' if not kind else 'kubectl'} is not on PATH.",
            "Install it: qfc-harness doctor says how.",
        )
    try:
        done = subprocess.run(
            [kind, "version"], capture_output=True, text=True, timeout=15, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentMissing(
            f"{kind} can't be run: {error}", "Set QFC_HARNESS_KIND_BIN to one that can."
        ) from error
    version = version_of(done.stdout)
    if version < OLDEST_KIND:
        oldest = ".".join(str(part) for part in OLDEST_KIND)
        raise EnvironmentMissing(
            f"{kind} is too old, or isn't kind: `kind version` says "
            f"{(done.stdout or done.stderr).strip()[:100]!r}; {oldest} or newer is "
            "needed.",
            "Install a newer one (https://kind.sigs.k8s.io), or name it in "
            "QFC_HARNESS_KIND_BIN.",
        )
    return Tools(kind=kind, kubectl=kubectl, image=settings.kind_image)


def version_of(words: str) -> tuple[int, ...]:
    """The version in what ``kind version`` prints; () if there is none.

    >>> version_of("kind v0.30.0 go1.24 linux/amd64")
    (0, 30)
    """
    for word in words.split():
        parts = word.removeprefix("v").split(".")
        if len(parts) >= 2 and parts[0].isdigit() and parts[1].isdigit():
            return int(parts[0]), int(parts[1])
    return ()


class KindCluster:
    """One cluster.

    :param directory: exists, and is nobody else's
    """

    def __init__(
        self, name: str, directory: Path, tools: Tools, client: docker.DockerClient
    ) -> None:
        self.name = name
        self.directory = directory
        self.kubeconfig = directory / "kubeconfig"
        self.shared = directory / "node"
        self._tools = tools
        self._client = client
        self._loading = threading.Lock()

    def create(self, nodes: int = 1) -> None:
        """Make it; what fails half-way leaves nothing.

        :raises EnvironmentMissing: it can't be made, and why
        """
        engine.check_room(self._client, ROOM, "a cluster")
        self.shared.mkdir(exist_ok=True)
        _write_patches(self.shared / _PATCHES)
        self._note(nodes, ready=False)
        config = self.directory / "kind.yaml"
        config.write_text(yaml.safe_dump(cluster_config(self.shared, nodes)))
        try:
            self._tool("create", CLUSTER, f"--config={config}")
        except BaseException:
            self.delete()
            raise
        self.kubeconfig.chmod(0o600)
        if nodes > 1:
            self._open_control_plane()
        self._note(nodes, ready=True)

    def _open_control_plane(self) -> None:
        """Let it take pods: of two nodes a cluster would else have one for them."""
        command = [self._tools.kubectl, f"--kubeconfig={self.kubeconfig}", "taint"]
        command += ["nodes", f"{self.name}-control-plane", f"{CONTROL_PLANE_TAINT}-"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode and "not found" not in done.stderr:
            self.delete()
            raise EnvironmentMissing(
                f"The control plane of {self.name} can't take pods: {done.stderr}"
            )

    def _note(self, nodes: int, *, ready: bool) -> None:
        record = {"name": self.name, "nodes": nodes, "ready": ready}
        (self.directory / _RECORD).write_text(json.dumps(record))

    def nodes(self) -> list[str]:
        """The names of its node containers that run, the control plane first."""
        found = self._client.containers.list(
            filters={"label": f"{CLUSTER_LABEL}={self.name}"}
        )
        names = [str(one.name) for one in found]
        return sorted(names, key=lambda name: (not name.endswith("-plane"), name))

    def load(self, image: str) -> None:
        """Put an image into each node that hasn't got it; QGIS's takes minutes."""
        with self._loading:
            wanted = str(self._client.images.get(image).id)
            if not all(self._has(node, image, wanted) for node in self.nodes()):
                self._tool("load", IMAGE, image)

    def _has(self, node: str, image: str, wanted: str) -> bool:
        """Whether a node has an image by this name, with this id.

        containerd notes an image by its names and by its id.
        """
        listed = self.on_node("ctr", "-n", "k8s.io", "images", "ls", "-q", node=node)
        names = listed.split()
        return wanted in names and any(
            name == image or name.endswith(f"/{image}") for name in names
        )

    def on_node(self, *command: str, node: str = "") -> str:
        """What a command prints on a node; the control plane unless another is named.

        :raises EnvironmentMissing: the node isn't there
        """
        name = node or f"{self.name}-control-plane"
        try:
            done = self._client.containers.get(name).exec_run(list(command))
        except (DockerException, OSError) as error:
            raise EnvironmentMissing(
                f"The node {name} of the cluster {self.name} can't be reached: {error}",
                "Was it stopped or deleted meanwhile? `docker ps -a` shows it.",
            ) from error
        output = done.output
        return output.decode(errors="replace") if isinstance(output, bytes) else ""

    def kubelet_log(self, node: str, since: datetime) -> str:
        """What a node's kubelet has logged, its last lines."""
        at = f"--since=@{int(since.timestamp())}"
        unit = ("journalctl", "-u", "kubelet", "--no-pager", "-o", "short-iso")
        return self.on_node(*unit, at, f"--lines={LINES}", node=node)

    def gateway(self) -> str:
        """An address of this machine that pods reach.

        :raises EnvironmentMissing: there is none
        """
        network = self._client.networks.get(NETWORK)
        for found in network.attrs["IPAM"]["Config"]:
            if ":" not in found["Subnet"]:
                hosts = ipaddress.ip_network(found["Subnet"]).hosts()
                return str(found.get("Gateway") or next(hosts))
        raise EnvironmentMissing(f"The Docker network {NETWORK} has no IPv4 subnet.")

    def node_directory(self, path: str) -> Path:
        """A directory below ``SHARED`` on the nodes, as this machine sees it."""
        directory = self.shared / Path(path).relative_to(SHARED)
        directory.mkdir(parents=True, exist_ok=True)
        return directory

    def kill_pod(self, uid: str, node: str = "") -> None:
        """Kill the processes of a pod's containers, and not those of its sandbox."""
        script = (
            "for p in /proc/[0-9]*; do "
            f"grep -qsE '{uid}|{uid.replace('-', '_')}' $p/cgroup || continue; "
            "[ \"$(tr -d '\\0' < $p/cmdline)\" = /pause ] || kill -9 ${p#/proc/}; done"
        )
        self.on_node("sh", "-c", script, node=node)

    def delete(self) -> None:
        """Delete it; one that isn't there is no error."""
        self._tool("delete", CLEAN_UP)
        (self.directory / _RECORD).unlink(missing_ok=True)

    def _tool(self, action: str, patience: Patience, *arguments: str) -> None:
        command = [
            sys.executable,
            "-m",
            f"{__package__}.kind_tool",
            action,
            *arguments,
            f"--name={self.name}",
            f"--kubeconfig={self.kubeconfig}",
            f"--kind={self._tools.kind}",
            f"--kubectl={self._tools.kubectl}",
            f"--image={self._tools.image}",
        ]
        try:
            done = subprocess.run(
                command,
                cwd=self.directory,
                capture_output=True,
                text=True,
                timeout=patience.seconds,
                check=False,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
        except subprocess.TimeoutExpired as error:
            words = bytes(error.stderr or b"").decode(errors="replace")
            raise patience.passed(
                f"kind {action} of {self.name}", _last(words)
            ) from error
        if done.returncode:
            raise EnvironmentMissing(
                f"kind {action} of {self.name} failed: "
                + _last(done.stderr or done.stdout),
                hint_for(done.stderr),
            )


def found(
    directory: Path, tools: Tools, client: docker.DockerClient
) -> tuple[KindCluster | None, str]:
    """The cluster that was begun in a directory, and what is wrong with it, if it is.

    ``(None, …)`` if none was begun there.
    """
    try:
        record = json.loads((directory / _RECORD).read_text())
        name, nodes, ready = record["name"], int(record["nodes"]), record["ready"]
    except (OSError, ValueError, KeyError, TypeError):
        return None, f"there is no cluster in {directory}"
    cluster = KindCluster(str(name), directory, tools, client)
    running = len(cluster.nodes())
    if not ready:
        return cluster, f"the cluster {name} was not finished"
    if running != nodes:
        words = f"{running} of the {nodes} nodes of the cluster {name} run"
        return cluster, f"{words}; were they stopped, or Docker started anew?"
    return cluster, ""


def is_ours(node: Container, name: str) -> bool:
    """Whether a node's container is of a cluster that the harness made.

    A cluster of somebody else may have a name like ours, but doesn't share our folder.
    """
    try:
        node.reload()
    except NotFound:
        return False
    shares = any(one["Destination"] == SHARED for one in node.attrs["Mounts"])
    return shares and node.labels.get(CLUSTER_LABEL) == name


def cluster_config(shared: Path, nodes: int) -> dict[str, object]:
    """The configuration for kind: the first node is the control plane.

    >>> [node["role"] for node in cluster_config(Path("/x"), 2)["nodes"]]
    ['control-plane', 'worker']
    """
    first = {
        "kind": "InitConfiguration",
        "patches": {"directory": f"{SHARED}/{_PATCHES}"},
    }
    mount = {"hostPath": str(shared), "containerPath": SHARED}
    roles = ["control-plane"] + ["worker"] * (nodes - 1)
    return {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "nodes": [{"role": role, "extraMounts": [mount]} for role in roles],
        "kubeadmConfigPatches": [yaml.safe_dump(first)],
    }


def _write_patches(directory: Path) -> None:
    """Have the control plane ask for little CPU: of a node of two cores, what it asks
    for leaves room for two workers at a time, and the others wait for the scheduler.
    """
    directory.mkdir(exist_ok=True)
    for name in _CONTROL_PLANE:
        requests = {"resources": {"requests": {"cpu": "10m"}}}
        patch = {"spec": {"containers": [{"name": name, **requests}]}}
        (directory / f"{name}+strategic.yaml").write_text(yaml.safe_dump(patch))


def hint_for(words: str) -> str:
    """What to do about what kind said."""
    for sign, hint in (
        ("no space left", "Make room on the engine's disk: `docker system df`."),
        (
            "permission denied",
            "Let this user use Docker (group docker), or set DOCKER_HOST.",
        ),
        (
            "pull image",
            "The node image can't be pulled: name one that is there in "
            "QFC_HARNESS_KIND_IMAGE.",
        ),
        (
            "Cannot connect to the Docker daemon",
            "Is Docker running? `docker version` says.",
        ),
        ("No module named 'pytest_kind'", "pip install pytest-kind"),
    ):
        if sign.lower() in words.lower():
            return hint
    return "Try `kind create cluster` by hand; `qfc-harness doctor` says what it needs."


def _last(words: str) -> str:
    lines = words.strip().splitlines()[-_LINES:]
    return "".join(f"\n    {line}" for line in lines)
