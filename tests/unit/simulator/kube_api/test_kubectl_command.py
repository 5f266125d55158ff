"""Tests with the kubectl command itself, on objects as JSON.

Its client-side validation and what it makes from flags need OpenAPI and protobuf, which
the simulator refuses: `--validate=false` and files are the way.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytestmark = [
    pytest.mark.kubectl,
    pytest.mark.skipif(
        not shutil.which("kubectl") and os.environ.get("QFC_REQUIRE_KUBECTL") != "1",
        reason="no kubectl command on PATH",
    ),
]

Kubectl = Callable[..., "subprocess.CompletedProcess[str]"]
IMAGE = "kubectl:1"


@pytest.fixture(scope="module")
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """The command, talking to a simulator as its administrator."""
    folder = tmp_path_factory.mktemp("simulator")
    with subprocess.Popen(
        [sys.executable, "-m", "harness.simulator", "--dir", str(folder / "simulator")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        ready: dict[str, Any] = json.loads(process.stdout.readline())["kubernetes"]
        server = ("--server", ready["url"], "--certificate-authority", ready["ca_file"])

        def run(*arguments: str, given: Any = None) -> Any:
            return subprocess.run(
                ["kubectl", *server, "--token", ready["admin_token"], *arguments],
                env={**os.environ, "KUBECONFIG": str(folder / "none")},
                input=json.dumps(given) if given else "",
                text=True,
                capture_output=True,
                timeout=60,
            )

        yield run
        process.stdin.close()
        process.wait(20)


def _create(kubectl: Kubectl, given: Any) -> None:
    made = kubectl("create", "--validate=false", "-f", "-", given=given)
    assert made.returncode == 0, made.stderr


def test_get(kubectl: Kubectl) -> None:
    """A table, as the server prints it."""
    lines = kubectl("get", "nodes").stdout.splitlines()
    assert lines[0].split() == ["NAME", "STATUS", "ROLES", "AGE", "VERSION"]
    assert lines[1].split()[:2] == ["simulated-node", "Ready"]


def test_apply_twice(kubectl: Kubectl) -> None:
    """Made, then unchanged, then configured."""
    given = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a"},
        "data": {"k": "v"},
    }
    apply = ("apply", "--validate=false", "-f", "-")
    assert "configmap/a created" in kubectl(*apply, given=given).stdout
    assert "configmap/a unchanged" in kubectl(*apply, given=given).stdout
    changed = {**given, "data": {"k": "w"}}
    assert "configmap/a configured" in kubectl(*apply, given=changed).stdout
    shown = kubectl("get", "configmap", "a", "-o", "jsonpath={.data.k}")
    assert shown.stdout == "w"


def test_a_jobs_life(kubectl: Kubectl) -> None:
    """Created, described with its events, waited for, deleted with its pod."""
    container = {"name": "c", "image": IMAGE, "command": ["true"]}
    _create(
        kubectl,
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "j"},
            "spec": {
                "backoffLimit": 0,
                "template": {
                    "spec": {"restartPolicy": "Never", "containers": [container]}
                },
            },
        },
    )
    pods = ("get", "pods", "-l", "job-name=j", "-o", "name")
    waited = kubectl("wait", "--for=create", "pod", "-l", "job-name=j", "--timeout=20s")
    assert waited.returncode == 0, waited.stderr
    assert kubectl(*pods).stdout.startswith("pod/j-")
    assert "SuccessfulCreate" in kubectl("describe", "job", "j").stdout
    assert 'job.batch "j" deleted' in kubectl("delete", "job", "j").stdout
    kubectl("wait", "--for=delete", "pod", "-l", "job-name=j", "--timeout=60s")
    assert kubectl(*pods).stdout == ""


def test_a_refusal_is_told(kubectl: Kubectl) -> None:
    """What isn't modelled is said to be so, with the file to extend."""
    made = kubectl("create", "namespace", "x")
    assert made.returncode == 1
    assert "does not model protobuf bodies" in made.stderr
    assert "extend harness/simulator/kube_api" in made.stderr
