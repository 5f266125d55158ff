"""A run that makes what runs make, says so, and waits to be killed.

Arguments: temporary directory, state directory, image; a kubeconfig, or "".
"""

import sys
import time
from pathlib import Path

import docker

from harness.environment.docker_place import RUN_LABEL
from harness.environment.kube_api import KubeApi
from harness.environment.kubeconfig_access import access_of
from harness.settings import Settings
from harness.standin.run_directory import RunDirectory, open_run_directory


def on_engine(run: RunDirectory, image: str) -> None:
    """A bystander, a wrapper's container without our label, network and volume."""
    client = docker.from_env()
    labels = {RUN_LABEL: run.run_id}
    network, volume = f"qfc-{run.run_id}-1", f"qfc-{run.run_id}-grids"
    client.networks.create(network, labels=labels)
    client.volumes.create(volume, labels=labels)
    client.containers.create(image, "true", labels=labels)
    client.containers.create(image, "true", network=network)
    app = f"prod-{run.run_id}-1_worker"
    client.containers.create(image, "true", labels={"app": app})
    client.close()


def in_cluster(run: RunDirectory, kubeconfig: Path) -> None:
    """A namespace, a volume, a directory of the node."""
    api = KubeApi(access_of(kubeconfig))
    meta = {"name": f"qfc-{run.run_id}-1", "labels": {RUN_LABEL: run.run_id}}
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
    spec = {
        "capacity": {"storage": "1Mi"},
        "accessModes": ["ReadWriteMany"],
        "hostPath": {"path": "/qfc-harness"},
    }
    volume = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": meta}
    api.create({**volume, "spec": spec})
    (kubeconfig.parent / "node" / f"qfc-{run.run_id}-1" / "io").mkdir(parents=True)


def main() -> None:
    """Make all, say the id, wait."""
    place, state, image, kubeconfig = sys.argv[1:]
    settings = Settings(temporary=Path(place), cache=Path(place), state=Path(state))
    with open_run_directory(settings) as run:
        run.outlived = True
        on_engine(run, image)
        if kubeconfig:
            in_cluster(run, Path(kubeconfig))
        sys.stdout.write(f"{run.run_id}\n")
        sys.stdout.flush()
        time.sleep(600)


if __name__ == "__main__":
    main()
