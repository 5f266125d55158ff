"""Creates, feeds and deletes kind clusters through pytest-kind's ``KindCluster``.

A program of its own (``python -m harness.environment.kind_tool``): pytest-kind writes
into the current directory and to standard output, both of which belong to the user.
It is always given the paths of kind and kubectl, because by default it would download
versions that are too old for today's clusters.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from pytest_kind import KindCluster


def main() -> None:
    """``create``, ``load IMAGE…`` or ``delete``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=["create", "load", "delete"])
    parser.add_argument("images", nargs="*")
    parser.add_argument("--name", required=True)
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--kind", type=Path, required=True)
    parser.add_argument("--kubectl", type=Path, required=True)
    parser.add_argument("--image", default="")
    parser.add_argument("--config", type=Path)
    options = parser.parse_args()
    cluster = KindCluster(
        options.name,
        kubeconfig=options.kubeconfig,
        image=options.image or None,
        kind_path=options.kind,
        kubectl_path=options.kubectl,
    )
    try:
        _act(cluster, options)
    except subprocess.CalledProcessError as error:  # kind has said itself what is wrong
        sys.exit(error.returncode)


def _act(cluster: KindCluster, options: argparse.Namespace) -> None:
    if options.action == "create":
        cluster.create(options.config)
    elif options.action == "load":
        for image in options.images:
            cluster.load_docker_image(image)
    else:
        os.environ["KUBECONFIG"] = str(options.kubeconfig)
        cluster.delete()


if __name__ == "__main__":
    main()
