"""Tests that need a real environment run where the command line names it."""

import dataclasses
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import docker
import pytest
import yaml

from harness import settings as harness_settings
from harness.environment import (
    app_image,
    engine,
    images,
    keeping,
    kind_cluster,
    kind_lifecycle,
)
from harness.environment.kube_api import KubeApi
from harness.environment.kubeconfig_access import access_of
from harness.settings import Settings

from .in_namespace import Cluster

ENVIRONMENTS = {"docker_engine", "kind_cluster"}


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """A test is marked with its environment."""
    chosen = config.getoption("--environment")
    for item in items:
        for mark in ENVIRONMENTS & {mark.name for mark in item.iter_markers()}:
            if mark != chosen:
                reason = f"only with --environment {mark}"
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def short_tmp() -> Iterator[Path]:
    """A temporary directory with a short path: unix sockets lie in it."""
    with tempfile.TemporaryDirectory(prefix="q") as directory:
        Path(directory).chmod(0o711)
        yield Path(directory)


@pytest.fixture
def settings(short_tmp: Path) -> Settings:
    """As from the environment, with places of the test's own."""
    return dataclasses.replace(
        harness_settings.from_environ(), temporary=short_tmp, state=short_tmp / "state"
    )


@pytest.fixture
def client(settings: Settings) -> Iterator[docker.DockerClient]:
    """The engine."""
    opened = engine.connect(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The one that is kept; else one for these tests."""
    settings = harness_settings.from_environ()
    name, keeper = kind_cluster.NAME, kind_cluster.KEEPER
    kept = keeping.look(settings, name, keeper)
    made = kept is None or bool(kept.wrong)
    if made:
        state = tmp_path_factory.mktemp("state")
        settings = dataclasses.replace(settings, state=state)
        kept, _ = keeping.up(settings, name, keeper, 1)
    assert kept is not None
    client = docker.from_env()
    tools = kind_lifecycle.tools(settings)
    found, wrong = kind_lifecycle.found(kept.directory, tools, client)
    assert found is not None, wrong
    app, probe = app_image.build(client), images.build(client, "probe")
    found.load(app)
    found.load(probe)
    path = kept.directory / "kubeconfig"
    api = KubeApi(access_of(path))
    yield Cluster(kubeconfig=path, api=api, app=app, probe=probe, load=found.load)
    if made:
        keeping.down(settings, name, keeper)
    client.close()


@pytest.fixture(scope="module")
def worker(cluster: Cluster) -> str:
    """The image of the real worker, in the cluster."""
    client = docker.from_env()
    name = images.build(client, "worker")
    client.close()
    cluster.load(name)
    return name


@pytest.fixture
def namespace(cluster: Cluster) -> Iterator[str]:
    """A namespace of this test's."""
    name = f"qfc-test-{uuid4().hex[:8]}"
    meta = {"name": name}
    cluster.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
    yield name
    cluster.api.delete("Namespace", name)


@pytest.fixture
def operator(cluster: Cluster, namespace: str, tmp_path: Path) -> Iterator[Settings]:
    """Settings of one who has the ClusterRole admin in the namespace, no more."""
    api, name = cluster.api, f"operator-{namespace}"
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}
    api.create(account, "default")
    group = "rbac.authorization.k8s.io"
    api.create(
        {
            "apiVersion": f"{group}/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "operator"},
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "admin"},
            "subjects": [
                {"kind": "ServiceAccount", "name": name, "namespace": "default"}
            ],
        },
        namespace,
    )
    config = yaml.safe_load(cluster.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": api.token("default", name)}
    path = tmp_path / "operator"
    path.write_text(json.dumps(config))
    yield harness_settings.with_options(
        harness_settings.from_environ(),
        {
            "kubeconfig": str(path),
            "namespace": namespace,
            "app_image": cluster.app,
            "probe_image": cluster.probe,
        },
    )
    api.delete("ServiceAccount", name, "default")
