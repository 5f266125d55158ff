"""The API server under test: a real cluster's, or the simulator's."""

import base64
import hashlib
import os
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness import settings
from harness.environment import engine, keeping, kind_cluster, kind_lifecycle

from .. import simulator
from ..recorder import Profile, Recorder
from ..wire import Api
from .normalise import LEFT_OUT, KubernetesNormaliser
from .space import IMAGE, RBAC, Space

PROFILE = "kubernetes-1.34"
ADMIN = "qfc-conformance"


@pytest.fixture(scope="session")
def server(
    target: str, ready: dict[str, Any] | None, tmp_path_factory: pytest.TempPathFactory
) -> Api:
    """The API server, as an administrator of the same name on both sides."""
    if ready is not None:
        root = simulator.control(ready)
        put = root("PUT", f"/_simulator/images/{IMAGE}", {"cmd": ["bash"]})
        assert put.status == 200, put.body
        _make_admin(root)
        return _as_admin(root)
    if target != "kind_cluster":
        pytest.skip(f"{target} has no Kubernetes API")
    return _kind(tmp_path_factory.mktemp("kind"))


def _environ() -> dict[str, str]:
    """For kubectl: KUBECONFIG if it is set, else the cluster that `up` keeps.

    The nodes of a cluster that KUBECONFIG names must have IMAGE.
    """
    if "KUBECONFIG" in os.environ:
        return dict(os.environ)
    found = settings.from_environ()
    kept = keeping.look(found, kind_cluster.NAME, kind_cluster.KEEPER)
    if kept is None or kept.wrong:
        pytest.exit("no cluster: set KUBECONFIG, or qfc-harness up kind_cluster", 3)
    client = engine.connect(found)
    tools = kind_lifecycle.tools(found)
    cluster, wrong = kind_lifecycle.found(kept.directory, tools, client)
    assert cluster is not None, wrong
    cluster.load(IMAGE)
    client.close()
    return {**os.environ, "KUBECONFIG": str(cluster.kubeconfig)}


def _kind(directory: Path) -> Api:
    """A real cluster, as an administrator that is made for it."""
    environ = _environ()
    raw = subprocess.run(
        ["kubectl", "config", "view", "--minify", "--raw"],
        capture_output=True,
        text=True,
        check=True,
        env=environ,
    )
    cluster = yaml.safe_load(raw.stdout)["clusters"][0]["cluster"]
    ca_file = directory / "ca.pem"
    ca_file.write_bytes(base64.b64decode(cluster["certificate-authority-data"]))
    for command in (
        ["create", "serviceaccount", ADMIN, "-n", "kube-system"],
        [
            *("create", "clusterrolebinding", ADMIN, "--clusterrole=cluster-admin"),
            f"--serviceaccount=kube-system:{ADMIN}",
        ],
    ):
        subprocess.run(["kubectl", *command], capture_output=True, env=environ)
    token = subprocess.run(
        ["kubectl", "create", "token", ADMIN, "-n", "kube-system", "--duration=4h"],
        capture_output=True,
        text=True,
        check=True,
        env=environ,
    ).stdout.strip()
    return Api(cluster["server"], str(ca_file), {"Authorization": f"Bearer {token}"})


def _make_admin(root: Api) -> None:
    account = {"metadata": {"name": ADMIN}}
    root("POST", "/api/v1/namespaces/kube-system/serviceaccounts", account)
    binding = {
        "metadata": {"name": ADMIN},
        "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [
            {"kind": "ServiceAccount", "name": ADMIN, "namespace": "kube-system"}
        ],
    }
    root("POST", f"{RBAC}/clusterrolebindings", binding)


def _as_admin(root: Api) -> Api:
    path = f"/api/v1/namespaces/kube-system/serviceaccounts/{ADMIN}/token"
    made = root("POST", path, {"spec": {"expirationSeconds": 14400}})
    assert made.status == 201, made.body
    return root.as_user(Authorization=f"Bearer {made.body['status']['token']}")


@pytest.fixture(scope="session")
def node(server: Api) -> str:
    """The name of the only node."""
    names = [
        item["metadata"]["name"]
        for item in server("GET", "/api/v1/nodes").body["items"]
    ]
    assert len(names) == 1, "record on a cluster with one node"
    return str(names[0])


@pytest.fixture
def space(
    server: Api, see: Recorder, request: pytest.FixtureRequest
) -> Iterator[Space]:
    """A namespace that is ready for pods; deleted afterwards."""
    number = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:6]
    tried = getattr(request.node, "execution_count", 1)
    name = f"qfc-conf-{number}-{os.getpid()}" + ("" if tried == 1 else f"-{tried}")
    made = server("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    assert made.status == 201, made.body
    found = Space(server, see, name)
    found.wait("serviceaccounts", "default", bool)
    found.wait("configmaps", "kube-root-ca.crt", bool)
    yield found
    server("DELETE", f"/api/v1/namespaces/{name}")


@pytest.fixture(scope="session")
def profile() -> Profile:
    """How Kubernetes' answers are compared; see `normalise.LEFT_OUT`, too."""
    ignored = {f"*.{key}": reason for key, reason in LEFT_OUT.items()}
    return Profile(PROFILE, ignored, KubernetesNormaliser)


@pytest.fixture
def see(profile: Profile, node: str) -> Recorder:
    """The test's recorder; the node's name is no fact."""
    recorder = Recorder(profile)
    recorder.name(node, "node")
    return recorder


@pytest.fixture(scope="session")
def origin(server: Api) -> dict[str, Any]:
    """Proof that a real cluster answers; fails for anything else."""
    version = server("GET", "/version")
    info = server("GET", "/api/v1/nodes").body["items"][0]["status"]["nodeInfo"]
    proofs = {
        "no simulator's header": "X-Qfc-Simulator" not in version.headers,
        "a release of Kubernetes": version.body["gitVersion"].startswith("v1.34."),
        "built by Go": version.body["goVersion"].startswith("go"),
        "a container runtime": info["containerRuntimeVersion"].startswith("containerd"),
        "a kubelet of the same version": info["kubeletVersion"]
        == version.body["gitVersion"],
    }
    missing = [name for name, holds in proofs.items() if not holds]
    if missing:
        pytest.fail(f"--record: not proven to be a real cluster: {', '.join(missing)}")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True
    )
    return {
        "profile": PROFILE,
        "server": version.body["gitVersion"],
        "commit": version.body["gitCommit"],
        "runtime": info["containerRuntimeVersion"],
        "kernel": info["kernelVersion"],
        "recorded": date.today().isoformat(),
        "recorder": commit.stdout.strip(),
    }
