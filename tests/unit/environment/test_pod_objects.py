"""A wrapper's pod is the Deployment's, and what the harness puts into it."""

from typing import Any

import pytest

from harness.environment import manifests, pod_objects
from harness.environment.pod_objects import ExtraMounts

LABELS = {"qfc-harness.run": "0badcafe"}
BASE = manifests.base()
DEPLOYMENT = manifests.of_kind(BASE, "Deployment")[0]
TEMPLATE = DEPLOYMENT["spec"]["template"]["spec"]


def pod(**changes: Any) -> dict[str, Any]:
    """A wrapper's pod."""
    given: dict[str, Any] = {
        "name": "wrapper-1",
        "image": "app:1",
        "labels": LABELS,
        "token": "secret-token",
        "tap_secret": "tap",
        "grids_claim": "grids",
        "extra": ExtraMounts(),
        "users": {},
    }
    return pod_objects.wrapper_pod(DEPLOYMENT, **given | changes)


def test_the_pod_runs_as_its_workers_do() -> None:
    """As the Deployment says: else it can't read and remove what they wrote."""
    settings = {
        "QFIELDCLOUD_K8S_RUN_AS_USER": "1000",
        "QFIELDCLOUD_K8S_RUN_AS_GROUP": "1001",
    }
    own, tap = pod(users=pod_objects.users(settings))["spec"]["containers"]
    base = TEMPLATE["containers"][0]["securityContext"]
    users = {"runAsUser": 1000, "runAsGroup": 1001}
    assert own["securityContext"] == {**base, **users}
    assert tap["securityContext"] == base
    assert pod()["spec"]["containers"][0]["securityContext"] == base


def test_the_pod_is_the_deployments() -> None:
    """Account, grace, security and the container's own environment are kept."""
    spec = pod()["spec"]
    for key in (
        "serviceAccountName",
        "terminationGracePeriodSeconds",
        "securityContext",
        "enableServiceLinks",
    ):
        assert spec[key] == TEMPLATE[key]
    container, given = spec["containers"][0], TEMPLATE["containers"][0]
    assert container["securityContext"] == given["securityContext"]
    assert container["readinessProbe"] == given["readinessProbe"]
    assert container["envFrom"] == given["envFrom"]
    assert container["env"][: len(given["env"])] == given["env"]
    assert (
        container["volumeMounts"][: len(given["volumeMounts"])]
        == (given["volumeMounts"])
    )


def test_the_manifest_is_not_changed() -> None:
    """The next cell's pod is made from it too."""
    before = repr(DEPLOYMENT)
    pod(extra=ExtraMounts(io="/io", node_directories=("/tmp",)))
    assert repr(DEPLOYMENT) == before


def test_the_wrapper_takes_the_tap_for_the_api_server() -> None:
    """Its account's files hold the tap's authority, a token, and the namespace."""
    spec = pod()["spec"]
    container = spec["containers"][0]
    environ = {one["name"]: one.get("value") for one in container["env"]}
    assert environ["KUBERNETES_SERVICE_HOST"] == "127.0.0.1"
    mounted = {one["mountPath"]: one["name"] for one in container["volumeMounts"]}
    volumes = {one["name"]: one for one in spec["volumes"]}
    account = volumes[mounted[pod_objects.ACCOUNT_FILES]]["projected"]["sources"]
    assert [next(iter(one)) for one in account] == [
        "serviceAccountToken",
        "secret",
        "downwardAPI",
    ]
    assert account[1]["secret"] == {
        "name": "tap",
        "items": [{"key": "ca.crt", "path": "ca.crt"}],
    }


def test_the_taps_key_is_not_the_wrappers() -> None:
    """Only the container beside it mounts the Secret with the key."""
    wrapper, beside = pod()["spec"]["containers"]
    assert "tap" not in {one["name"] for one in wrapper["volumeMounts"]}
    assert "tap" in {one["name"] for one in beside["volumeMounts"]}


def test_a_profiles_mounts_are_the_wrappers() -> None:
    """The shared claim at another path; directories of the node."""
    spec = pod(extra=ExtraMounts(io="/shared", node_directories=("/tmp", "/data")))[
        "spec"
    ]
    mounts = spec["containers"][0]["volumeMounts"]
    volumes = {one["name"]: one for one in spec["volumes"]}
    by_path = {one["mountPath"]: volumes[one["name"]] for one in mounts}
    shared = by_path["/shared"]["persistentVolumeClaim"]
    assert shared["claimName"] == "qfieldcloud-worker-io"
    assert by_path["/tmp"]["hostPath"]["path"] == "/tmp"
    assert by_path["/data"]["hostPath"]["path"] == "/data"


def names_of(content: Any) -> set[str]:
    """Every text in an object."""
    if isinstance(content, dict):
        return set().union(*map(names_of, content.values()), set())
    if isinstance(content, list):
        return set().union(*map(names_of, content), set())
    return {content} if isinstance(content, str) else set()


def test_a_name_of_the_runs_own_is_used_everywhere() -> None:
    """No object names one of the namespace's own objects any more."""
    renamed = pod_objects.renamed(BASE, "-0badcafe", LABELS)
    own = {
        one["metadata"]["name"]
        for one in BASE
        if one["kind"] not in ("Deployment", "Kustomization")
    }
    said = set().union(*(names_of(one) for one in renamed))
    assert not own & said
    deployment = manifests.of_kind(renamed, "Deployment")[0]
    spec = deployment["spec"]["template"]["spec"]
    assert spec["serviceAccountName"] == "qfieldcloud-worker-0badcafe"
    environ = manifests.deployment_environ(deployment, "somewhere")
    assert environ["QFIELDCLOUD_K8S_IO_PVC"] == "qfieldcloud-worker-io-0badcafe"
    binding = manifests.of_kind(renamed, "RoleBinding")[0]
    assert binding["roleRef"]["name"] == "qfieldcloud-worker-0badcafe"
    assert all(
        one["metadata"]["labels"] == LABELS | (one["metadata"]["labels"])
        for one in renamed
    )


@pytest.mark.parametrize("kind", ["ServiceAccount", "Role", "RoleBinding"])
def test_without_a_suffix_the_names_are_the_manifests(kind: str) -> None:
    """In a namespace of the run's own nothing else is there."""
    renamed = manifests.of_kind(pod_objects.renamed(BASE, "", LABELS), kind)
    assert [one["metadata"]["name"] for one in renamed] == [
        one["metadata"]["name"] for one in manifests.of_kind(BASE, kind)
    ]


def test_the_apps_pod_is_allowed_where_pods_are_restricted() -> None:
    """What the Pod Security Standard `restricted` asks for."""
    spec = pod_objects.app_pod("app", "app:1", LABELS, "token")["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    security = spec["containers"][0]["securityContext"]
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert spec["automountServiceAccountToken"] is False
