"""What of the guide needs no cluster: its shape, its files, its commands' order."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from worker_wrapper.settings import KubernetesSettings

from . import guide

PHASES = [
    "1. Preparation: Docker stays the backend",
    "2. Testing: single jobs on Kubernetes",
    "3. Switch",
    "The way back",
]
needs_kubectl = [
    pytest.mark.kubectl,
    pytest.mark.skipif(
        not shutil.which("kubectl") and os.environ.get("QFC_REQUIRE_KUBECTL") != "1",
        reason="no kubectl command on PATH",
    ),
]


@pytest.fixture
def shell(tmp_path: Path) -> guide.Shell:
    """With QFieldCloud's directory, up to the first step that asks a cluster."""
    (tmp_path / "clone").mkdir()
    opened = guide.Shell(tmp_path / "clone", {})
    place = guide.qfieldcloud(
        tmp_path / "qfieldcloud",
        {"POSTGRES_HOST": "db", "SECRET_KEY": "a=b c", "QFIELDCLOUD_K8S_TTL_S": "90"},
        {"POSTGRES_HOST": "db.example.org"},
    )
    (_, settings), *_ = guide.steps()
    opened.run(f"{settings}\nexport QFIELDCLOUD={place}")
    return opened


def blocks(heading: str) -> list[str]:
    """The blocks of a phase."""
    return [block for one, block in guide.steps() if one == heading]


def test_three_phases_and_the_way_back():
    """Each with commands; before them only what all of them use is set."""
    headings = [heading for heading, _ in guide.steps()]
    assert list(dict.fromkeys(headings)) == ["", *PHASES]
    assert headings.count("") == 1


def test_the_wrapper_is_copied_into_qfieldcloud(shell, tmp_path):
    """All of it, with what it requires; then Docker's wrapper is made anew."""
    shell.run(blocks(PHASES[0])[0])
    copied = tmp_path / "qfieldcloud" / "docker-app"
    ours = guide.REPOSITORY / "worker_wrapper"
    assert {one.name for one in (copied / "worker_wrapper").glob("*.py")} == {
        one.name for one in ours.glob("*.py")
    }
    required = (copied / "requirements" / "requirements.txt").read_text()
    assert required.startswith("django\n")
    assert "kubernetes>=29" in required
    image = "registry.example.org/qfieldcloud-app:kubernetes"
    assert shell.asked_of_docker() == [
        "compose build worker_wrapper",
        "compose up -d worker_wrapper",
        f"build -t {image} {copied}",
        f"push {image}",
    ]


def rendered(shell: guide.Shell) -> dict[str, dict]:
    """What kubectl would apply, by kind; the last of each."""
    done = shell.run("kubectl kustomize k8s-manifests/overlays/mine")
    return {one["kind"]: one for one in yaml.safe_load_all(done) if one}


@pytest.mark.parametrize("overlay", ["production", "kind", "minimal-rbac"])
class TestOverlay:
    """The overlay that the guide writes, on top of each of ours."""

    pytestmark = needs_kubectl

    def test_it_waits_first_and_dequeues_after_the_switch(self, shell, overlay):
        """With the image and the namespace of the settings."""
        shell.run(f"export OVERLAY={overlay} NAMESPACE=gis IMAGE=r.example:5000/app:7")
        shell.run(blocks(PHASES[0])[1])
        deployment = rendered(shell)["Deployment"]
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        assert deployment["metadata"]["namespace"] == "gis"
        assert deployment["spec"]["replicas"] == 1
        assert container["image"] == "r.example:5000/app:7"
        assert container["args"][:2] == ["python3", "-c"]
        compile(container["args"][2], "waiting", "exec")
        switch = blocks(PHASES[2])[0].splitlines()
        shell.run("\n".join(one for one in switch if not one.startswith("kubectl")))
        deployment = rendered(shell)["Deployment"]
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        assert deployment["spec"]["replicas"] == 2
        assert container["image"] == "r.example:5000/app:7"
        assert container["args"] == ["python3", "manage.py", "dequeue"]
        names = {one["name"]: one.get("value") for one in container["env"]}
        account = deployment["spec"]["template"]["spec"]["serviceAccountName"]
        assert names["QFIELDCLOUD_K8S_SERVICE_ACCOUNT"] == account
        assert names["QFIELDCLOUD_K8S_IO_PVC"] == KubernetesSettings().io_claim


def test_the_settings_of_the_cluster_win(shell):
    """And neither backend nor Kubernetes' settings come from Docker's."""
    (line,) = (
        one for one in blocks(PHASES[0])[2].splitlines() if one.startswith("cat ")
    )
    shell.run(line.replace("/tmp/", ""))
    made = (shell.directory / "qfieldcloud.env").read_text().splitlines()
    assert sorted(made) == ["POSTGRES_HOST=db.example.org", "SECRET_KEY=a=b c"]


def test_the_waiting_pod_ends_at_once_when_it_is_told_to(shell):
    """As the first process of a container it would ignore SIGTERM otherwise."""
    shell.run(blocks(PHASES[0])[1])
    path = shell.directory / "k8s-manifests/overlays/mine/waiting.yaml"
    (patch,) = yaml.safe_load(path.read_text())
    python, *arguments = patch["value"]
    assert python == "python3"
    process = subprocess.Popen([sys.executable, *arguments])
    try:
        deadline = time.monotonic() + 30
        while not catches_sigterm(process.pid):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()


def catches_sigterm(pid: int) -> bool:
    """As the kernel has it."""
    status = Path(f"/proc/{pid}/status").read_text()
    (caught,) = (one for one in status.splitlines() if one.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
