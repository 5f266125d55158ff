"""``gc`` removes what a run left that was killed, and nothing of anybody else."""

import io
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import pytest

from harness import upkeep
from harness.environment import keeping, kind_cluster
from harness.environment.kube_api import KubeApi
from harness.environment.kubeconfig_access import access_of
from harness.settings import Settings
from harness.standin import run_record

PROGRAM = Path(__file__).with_name("killed_run.py")
FOREIGN = "qfc-harness-test-foreign"


@pytest.fixture
def image(client: docker.DockerClient) -> Iterator[str]:
    """An image with nothing in it: its containers are made, never started."""
    name = "qfc-harness-test/empty:1"
    with io.BytesIO() as buffer:
        tarfile.open(fileobj=buffer, mode="w").close()
        repository, tag = name.split(":")
        client.api.import_image_from_data(
            buffer.getvalue(), repository=repository, tag=tag
        )
    yield name
    client.images.remove(name, force=True)


@pytest.fixture
def foreign(client: docker.DockerClient, image: str) -> Iterator[list[Any]]:
    """A production beside us: its worker, its network, its volume."""
    labels = {"app": "prod_worker", "type": "package"}
    made: list[Any] = [
        client.containers.create(image, "true", labels=labels),
        client.networks.create(FOREIGN),
        client.volumes.create(FOREIGN),
        # ours by its label, but of a run that this machine knows nothing of
        client.containers.create(
            image, labels={"qfc-harness.run": "00000000"}, command="true"
        ),
    ]
    yield made
    for one in made:
        one.remove()


@contextmanager
def run_of(
    settings: Settings, image: str, kubeconfig: str = ""
) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """A run in a process of its own; killed at the end."""
    assert settings.state is not None
    arguments = [str(settings.temporary), str(settings.state), image, kubeconfig]
    with subprocess.Popen(
        [sys.executable, str(PROGRAM), *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            run_id = process.stdout.readline().strip()
            assert run_id
            yield run_id, process
        finally:
            process.kill()


def wait_until_dead(settings: Settings, run_id: str) -> None:
    """The guardian of a killed run needs a moment."""
    deadline = time.monotonic() + 30
    while run_id in run_record.alive(settings) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert run_id not in run_record.alive(settings)


def on_engine(client: docker.DockerClient, run_id: str) -> list[str]:
    """All that is there of a run, by any of its signs."""
    found: list[Any] = [
        *client.containers.list(all=True, ignore_removed=True),
        *client.networks.list(),
        *client.volumes.list(),
    ]
    return [str(one.name) for one in found if run_id in str(one.attrs)]


@pytest.mark.docker_engine
def test_only_a_killed_runs_things_are_removed(
    settings: Settings,
    client: docker.DockerClient,
    image: str,
    foreign: list[Any],
) -> None:
    """A run that goes on, an unknown one and a production stay as they are."""
    with run_of(settings, image) as (alive, _), run_of(settings, image) as (dead, one):
        one.kill()
        one.wait()
        wait_until_dead(settings, dead)
        before = on_engine(client, alive)
        assert len(before) == 5
        assert len(on_engine(client, dead)) == 5
        said: list[str] = []
        upkeep.gc(settings, said.append, dry=True)
        assert len(said) == 5
        assert len(on_engine(client, dead)) == 5  # only looked
        assert upkeep.gc(settings, said.append, dry=False)
        assert on_engine(client, dead) == []
        assert on_engine(client, alive) == before
        for thing in foreign:
            thing.reload()  # NotFound, were it gone
        assert all(dead in words for words in said)
        upkeep.gc(settings, said.append, dry=False)
        assert said[-1] == "nothing is left of killed runs"
        assert run_record.alive(settings) == {alive}
    wait_until_dead(settings, alive)
    upkeep.gc(settings, said.append, dry=False)
    assert on_engine(client, alive) == []


@pytest.mark.kind_cluster
def test_a_kept_cluster_is_cleared_up_and_kept(settings: Settings, image: str) -> None:
    """Beside somebody's own Jobs in it; then the cluster goes with ``down``."""
    kept, _ = keeping.up(settings, kind_cluster.NAME, kind_cluster.KEEPER, 1)
    try:
        kubeconfig = kept.directory / "kubeconfig"
        api = KubeApi(access_of(kubeconfig))
        job = _foreign_job(api, image)
        with run_of(settings, image, str(kubeconfig)) as (dead, process):
            process.kill()
            process.wait()
        wait_until_dead(settings, dead)
        said: list[str] = []
        assert upkeep.gc(settings, said.append, dry=False)
        kinds = {words.split()[1] for words in said}
        assert {"namespace", "persistentvolume", "node", "container"} <= kinds
        _wait_until_gone(api, dead)
        assert not list((kept.directory / "node").glob(f"qfc-{dead}*"))
        now = api.get("Job", "foreign", "foreign")
        assert now is not None
        assert now["metadata"]["uid"] == job["metadata"]["uid"]
        assert "deletionTimestamp" not in now["metadata"]
        found = keeping.look(settings, kind_cluster.NAME, kind_cluster.KEEPER)
        assert found is not None
        assert not found.wrong
    finally:
        assert keeping.down(settings, kind_cluster.NAME, kind_cluster.KEEPER)


def _foreign_job(api: KubeApi, image: str) -> dict[str, Any]:
    meta = {"name": "foreign"}
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
    container = {"name": "qgis", "image": image}
    pod = {"restartPolicy": "Never", "containers": [container]}
    labels = {"app": "prod_worker", "app.kubernetes.io/managed-by": "somebody"}
    return api.create(
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {**meta, "labels": labels},
            "spec": {"suspend": True, "template": {"spec": pod}},
        },
        "foreign",
    )


def _wait_until_gone(api: KubeApi, run_id: str) -> None:
    """A namespace ends in its own time."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = [*api.list("Namespace"), *api.list("PersistentVolume")]
        if not any(run_id in one["metadata"]["name"] for one in found):
            return
        time.sleep(0.2)
    raise AssertionError(f"something of {run_id} is still there")
