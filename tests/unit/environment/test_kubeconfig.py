"""A namespace of somebody else's cluster is used only where that harms nobody."""

from pathlib import Path
from typing import Any

import pytest

from harness import settings as harness_settings
from harness.environment import kubeconfig, kubeconfig_access
from harness.environment.kube_api import KubeApi
from harness.errors import EnvironmentMissing, UsageError
from harness.settings import Settings


class Cluster(KubeApi):
    """As much of a cluster as is asked beforehand."""

    def __init__(self, *, denied: str = "", jobs: tuple[Any, ...] = ()) -> None:
        self.denied = denied
        self.jobs = jobs

    def call(
        self, method: str, path: str, body: Any = None, *, parameters: Any = None
    ) -> dict[str, Any]:
        """Version, reviews of access, and Jobs."""
        if path == "/version":
            return {"gitVersion": "v1.34.3"}
        if method == "POST":
            asked = body["spec"]["resourceAttributes"]
            resource = "/".join(filter(None, (asked["resource"], asked["subresource"])))
            allowed = f"{asked['verb']} {resource}" != self.denied
            return {"status": {"allowed": allowed and asked["namespace"] == "mine"}}
        return {"items": list(self.jobs)}


def job(**labels: str) -> dict[str, Any]:
    """A Job with labels."""
    return {"metadata": {"name": "a-job", "labels": labels}}


def test_a_free_namespace_is_taken() -> None:
    """Jobs that have nothing to do with QFieldCloud don't matter."""
    api = Cluster(jobs=(job(app="backup"), job()))
    assert kubeconfig._checked(api, "mine") == "v1.34.3"


@pytest.mark.parametrize(
    "labels",
    [
        {"app.kubernetes.io/managed-by": "qfieldcloud-worker-wrapper"},
        {"app": "prod_worker"},
        {"qfc-harness.run": "12345678"},
    ],
    ids=str,
)
def test_a_namespace_with_foreign_workers_is_refused(labels: dict[str, str]) -> None:
    """QFieldCloud's own, of any wrapper, and another run's."""
    with pytest.raises(EnvironmentMissing, match="a-job"):
        kubeconfig._checked(Cluster(jobs=(job(**labels),)), "mine")


@pytest.mark.parametrize("right", ["create pods/proxy", "update roles", "list jobs"])
def test_a_right_that_lacks_is_named(right: str) -> None:
    """Before anything is made."""
    with pytest.raises(EnvironmentMissing, match=f"you may not: {right}"):
        kubeconfig._checked(Cluster(denied=right), "mine")


KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: here
clusters: [{name: c, cluster: {server: "https://192.0.2.1:6443"}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: here, context: {cluster: c, user: u}}]
"""


def settings(tmp_path: Path, **changes: str) -> Settings:
    """Those of an operator."""
    path = tmp_path / "kubeconfig"
    path.write_text(KUBECONFIG)
    given = {"kubeconfig": str(path), "namespace": "mine", "app_image": "r/app:1"}
    return harness_settings.with_options(
        harness_settings.from_environ({}), given | changes
    )


def test_the_plan_names_every_object_of_the_base(tmp_path: Path) -> None:
    """Namespace, server, images and names, before anything is made."""
    words = " ".join(kubeconfig.plan(settings(tmp_path)))
    for part in (
        "namespace mine of https://192.0.2.1:6443",
        "r/app:1",
        "Role qfieldcloud-worker-<run>",
        "PersistentVolumeClaim qfieldcloud-worker-io-<run>",
        "PersistentVolumeClaim transformation-grids-<run>",
    ):
        assert part in words


@pytest.mark.parametrize("option", ["namespace", "app_image"])
def test_what_was_not_said_is_asked_for(option: str) -> None:
    """There is no default for where to work."""
    given = {"namespace": "mine", "app_image": "r/app:1", option: ""}
    found = harness_settings.with_options(harness_settings.from_environ({}), given)
    named = f"--{option.replace('_', '-')} is not given"
    with pytest.raises(UsageError, match=named):
        kubeconfig.plan(found)


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, "there is no such file"), ("x\n", "it is no kubeconfig")],
)
def test_a_kubeconfig_that_is_none_is_said_to_be_none(
    tmp_path: Path, text: str | None, words: str
) -> None:
    """In words, not in those of the client library's code."""
    file = tmp_path / "config"
    if text is not None:
        file.write_text(text)
    with pytest.raises(EnvironmentMissing, match=words):
        kubeconfig_access.access_of(file)
