"""The overlays: what operators apply is legal, least, and what kubectl renders."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from harness.environment import kustomization, manifests, rendering
from harness.environment.manifests import of_kind
from harness.preflight import values as settings_file
from harness.simulator.kube_api.admission.pod_security_checks import violations
from worker_wrapper import manifest, settings
from worker_wrapper.run_spec import RunSpec

OVERLAYS = ("kind", "minimal-rbac", "production")
VERSIONS = ("1.28", kubernetes_validate.latest_version())
"""The oldest that is supported, and the newest that there is."""
ROLE_OF_THE_MIGRATION = [
    {
        "apiGroups": ["batch"],
        "resources": ["jobs"],
        "verbs": ["create", "delete", "get", "list", "watch"],
    },
    {
        "apiGroups": [""],
        "resources": ["pods", "pods/log"],
        "verbs": ["get", "list", "watch"],
    },
]
kubectl = [
    pytest.mark.kubectl,
    pytest.mark.skipif(
        not shutil.which("kubectl") and os.environ.get("QFC_REQUIRE_KUBECTL") != "1",
        reason="no kubectl command on PATH",
    ),
]


def rendered(overlay: str, **given: Any) -> list[dict[str, Any]]:
    """The objects of an overlay, in its own namespace where nothing else is said."""
    defaults = {"namespace": "", "image": "", "settings": None}
    if overlay == rendering.BASE:
        defaults["namespace"] = "here"
    return rendering.rendered(overlay, **defaults | given)


def by_kubectl(*command: str) -> list[dict[str, Any]]:
    """What kubectl prints."""
    done = subprocess.run(["kubectl", *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def wrapper_of(overlay: str) -> dict[str, Any]:
    """The pod's spec of the wrapper."""
    (deployment,) = of_kind(rendered(overlay), "Deployment")
    return deployment["spec"]["template"]["spec"]


def worker_of(overlay: str) -> dict[str, Any]:
    """The Job that the wrapper makes, with the settings of the overlay's Deployment."""
    (deployment,) = of_kind(rendered(overlay), "Deployment")
    environ = manifests.deployment_environ(deployment, "qfieldcloud") | {
        "QFIELDCLOUD_QGIS_IMAGE_NAME": "qgis:1",
        "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL": "http://app/api/v1/",
    }
    given = settings.load(object(), environ).kubernetes
    spec = RunSpec(
        job_id="a7d2c39e-8f6b-4e2c-ab7b-2aa146890f3e",
        project_id="p",
        job_type="package",
        environment="prod",
        image="qgis:1",
        args=("python3", "entrypoint.py"),
        env={"A": "b"},
        secret_env={"QFIELDCLOUD_TOKEN": "t"},
        io_directory=given.io_mount_path / "jobs" / "1",
        memory_bytes=1000 * 1024**2,
        cpu_shares=512,
        timeout_s=600,
    )
    return manifest.job(spec, given)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_api_knows_every_field(version: str):
    """Strictly, by the published schemas: a key that isn't known is an error too."""
    every = [
        one
        for overlay in (rendering.BASE, *OVERLAYS)
        for one in [*rendered(overlay), worker_of(overlay)]
    ]
    distinct = {json.dumps({**one, "metadata": {}}): one for one in every}
    assert len(distinct) > 15
    for one in distinct.values():
        kubernetes_validate.validate(one, version, strict=True)


def test_a_misspelt_field_is_found():
    """Otherwise the test above would see nothing."""
    (deployment,) = of_kind(rendered("production"), "Deployment")
    deployment["spec"]["template"]["spec"]["container"] = []
    with pytest.raises(kubernetes_validate.ValidationError, match="container"):
        kubernetes_validate.validate(deployment, "1.28", strict=True)


def test_production_keeps_to_the_strictest_pod_security():
    """The wrapper's pod and the pods of its Jobs, in a namespace that asks for it."""
    (namespace,) = of_kind(rendered("production"), "Namespace")
    labels = namespace["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert violations("restricted", wrapper_of("production")) == []
    worker = worker_of("production")["spec"]["template"]["spec"]
    assert violations("restricted", worker) == []
    assert violations("restricted", wrapper_of("base")) != []


def test_production_budgets_and_policies_select_the_pods():
    """A selector that fits no pod would protect none."""
    objects = rendered("production")
    worker = worker_of("production")["spec"]["template"]["metadata"]["labels"]
    (deployment,) = of_kind(objects, "Deployment")
    wrapper = deployment["spec"]["template"]["metadata"]["labels"]
    for kind, key in (
        ("PodDisruptionBudget", "selector"),
        ("NetworkPolicy", "podSelector"),
    ):
        wanted = [one["spec"][key]["matchLabels"] for one in of_kind(objects, kind)]
        fits = [
            [labels.items() >= one.items() for labels in (wrapper, worker)]
            for one in wanted
        ]
        assert sorted(fits) == [[False, True], [True, False]], kind


def test_production_can_be_shared_by_nodes_and_replicas():
    """Claims of all nodes, more than one wrapper, and what each is sure to get."""
    objects = rendered("production")
    claims = of_kind(objects, "PersistentVolumeClaim")
    modes = [mode for one in claims for mode in one["spec"]["accessModes"]]
    assert modes == ["ReadWriteMany", "ReadWriteMany"]
    (deployment,) = of_kind(objects, "Deployment")
    assert deployment["spec"]["replicas"] > 1
    resources = wrapper_of("production")["containers"][0]["resources"]
    assert resources["requests"].keys() == {"cpu", "memory"}
    requests = worker_of("production")["spec"]["template"]["spec"]["containers"][0]
    assert requests["resources"]["requests"] == {"cpu": "500m", "memory": "512Mi"}


def test_the_least_role_is_that_of_the_migration():
    """Exactly; the worker's environment is inline, since no Secret can be made."""
    (role,) = of_kind(rendered("minimal-rbac"), "Role")
    assert role["rules"] == ROLE_OF_THE_MIGRATION
    container = worker_of("minimal-rbac")["spec"]["template"]["spec"]["containers"][0]
    assert "envFrom" not in container
    assert {"name": "QFIELDCLOUD_TOKEN", "value": "t"} in container["env"]


@pytest.mark.parametrize("overlay", [rendering.BASE, *OVERLAYS])
def test_all_is_in_one_namespace(overlay: str):
    """RBAC's subjects too: without theirs the API refuses the RoleBinding."""
    objects = rendered(overlay, namespace="mine")
    cluster_wide = of_kind(objects, "Namespace")
    spaces = {
        one["metadata"]["namespace"] for one in objects if one not in cluster_wide
    }
    (binding,) = of_kind(objects, "RoleBinding")
    spaces |= {one["namespace"] for one in binding["subjects"]}
    spaces |= {one["metadata"]["name"] for one in cluster_wide}
    assert spaces == {"mine"}


class TestAsKubectl:
    """The same objects in the same order."""

    pytestmark = kubectl

    @pytest.mark.parametrize("overlay", OVERLAYS)
    def test_overlays(self, overlay: str):
        """As they are."""
        folder = rendering.folder(overlay)
        assert rendered(overlay) == by_kubectl("kustomize", str(folder))

    @pytest.mark.parametrize("overlay", [rendering.BASE, *OVERLAYS])
    def test_namespace_image_and_settings(self, overlay: str, tmp_path: Path):
        """As an operator's own kustomization on top would have them."""
        values = tmp_path / "settings.env"
        values.write_text("# ours\n\nSECRET_KEY=a=b $c 'd'\nENVIRONMENT=prod\n")
        shutil.copytree(rendering.folder(rendering.BASE).parent, tmp_path / "shipped")
        inner = "base" if overlay == rendering.BASE else f"overlays/{overlay}"
        own = tmp_path / "own"
        own.mkdir()
        image = {"name": "qfieldcloud-app", "newName": "reg:5000/app", "newTag": "7"}
        secret = {"name": "qfieldcloud-env", "envs": ["settings.env"]}
        (own / "settings.env").write_text(values.read_text())
        (own / "kustomization.yaml").write_text(
            yaml.safe_dump(
                {
                    "namespace": "mine",
                    "resources": [f"../shipped/{inner}"],
                    "images": [image],
                    "secretGenerator": [secret],
                    "generatorOptions": {"disableNameSuffixHash": True},
                }
            )
        )
        assert rendered(
            overlay,
            namespace="mine",
            image="reg:5000/app:7",
            settings=settings_file.read(values),
        ) == by_kubectl("kustomize", str(own))

    def test_an_operators_own_overlay(self, tmp_path: Path):
        """On top of ours: namespace, image, replicas, a patch in a file of its own."""
        shutil.copytree(rendering.folder(rendering.BASE).parent, tmp_path / "shipped")
        own = tmp_path / "own"
        own.mkdir()
        target = {"kind": "Deployment", "name": "qfieldcloud-worker-wrapper"}
        content = {
            "namespace": "mine",
            "resources": ["../shipped/overlays/production"],
            "images": [{"name": "qfieldcloud-app", "newName": "r/a", "newTag": "7"}],
            "replicas": [{"name": "qfieldcloud-worker-wrapper", "count": 5}],
            "patches": [{"path": "args.yaml", "target": target}],
        }
        (own / "kustomization.yaml").write_text(yaml.safe_dump(content))
        args = "/spec/template/spec/containers/0/args"
        step = {"op": "replace", "path": args, "value": ["sleep", "9"]}
        (own / "args.yaml").write_text(yaml.safe_dump([step]))
        assert rendered(str(own)) == by_kubectl("kustomize", str(own))


def test_a_kustomization_that_only_kubectl_knows(tmp_path: Path):
    """Is refused, and nothing of it left out in silence."""
    own = tmp_path / "kustomization.yaml"
    base = os.path.relpath(rendering.folder(rendering.BASE), tmp_path)
    own.write_text(yaml.safe_dump({"namespace": "own", "resources": [base]}))
    assert len(rendered(str(tmp_path))) == len(rendered(rendering.BASE))
    own.write_text(yaml.safe_dump({"namePrefix": "a-", "resources": [base]}))
    with pytest.raises(rendering.UsageError, match=r"namePrefix.*only resources"):
        rendered(str(tmp_path))


def test_a_patch_for_nothing_is_an_error(tmp_path: Path):
    """As with kubectl, but with a hint."""
    base = os.path.relpath(rendering.folder(rendering.BASE), tmp_path)
    patch = {"target": {"kind": "Role", "name": "rolle"}, "patch": "[]"}
    content = {"resources": [base], "patches": [patch]}
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(rendering.UsageError, match="rolle"):
        rendered(str(tmp_path))


def test_settings_that_the_deployment_overrides_are_refused():
    """A value that would be ignored in silence; the same value is no contradiction."""
    with pytest.raises(rendering.UsageError, match="QFIELDCLOUD_K8S_IO_PVC=other"):
        rendered("production", settings={"QFIELDCLOUD_K8S_IO_PVC": "other"})
    objects = rendered(
        "production", settings={"QFIELDCLOUD_WORKER_BACKEND": "kubernetes"}
    )
    assert of_kind(objects, "Secret")[0]["data"] == {}


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("a", "a"),
        ("a:1", "a"),
        ("r:5000/a", "r:5000/a"),
        ("r:5000/a:1", "r:5000/a"),
        ("a:1@sha256:0", "a"),
    ],
)
def test_names_of_images(image: str, name: str):
    """A registry's port is no tag."""
    pod = {"spec": {"containers": [{"image": image}]}}
    objects = [{"kind": "Deployment", "spec": {"template": pod}}]
    (changed,) = kustomization.with_image(objects, name, "new")
    assert changed["spec"]["template"]["spec"]["containers"][0]["image"] == "new"
