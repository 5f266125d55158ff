"""Of a namespace's objects, those of one run and no others."""

from typing import Any

import pytest

from harness.environment.garbage_namespace import made_by

RUN = "0badcafe"
OURS = {"qfc-harness.run": RUN}


def thing(
    kind: str,
    name: str,
    *,
    labels: dict[str, str] | None = None,
    owner: str = "",
    created: str = "2026-01-02T00:00:00Z",
    spec: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """An object; its UID is its name."""
    meta: dict[str, Any] = {"name": name, "uid": name, "creationTimestamp": created}
    if labels:
        meta["labels"] = labels
    if owner:
        meta["ownerReferences"] = [{"uid": owner}]
    return {"kind": kind, "metadata": meta, "spec": spec or {}}


def job(name: str, pod: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A Job with a pod of this spec."""
    return thing("Job", name, spec={"template": {"spec": pod}}, **more)


APP = thing("Pod", f"qfc-harness-app-{RUN}", labels=OURS)
MOUNTS = {
    "volumes": [{"persistentVolumeClaim": {"claimName": f"qfieldcloud-io-{RUN}"}}]
}
REFERS = {
    **MOUNTS,
    "containers": [{"envFrom": [{"secretRef": {"name": "env"}}]}],
}
OLD = "2026-01-01T00:00:00Z"

MADE = {
    "the harness's own": [APP],
    "by ENVIRONMENT": [job("a", {}, labels={"app": f"harness-{RUN}-3_worker"})],
    "by the run's claim": [job("a", MOUNTS)],
    "by the run's account": [
        thing("Pod", "a", spec={"serviceAccountName": f"worker-pod-{RUN}"})
    ],
    "owned by such a one": [
        job("a", MOUNTS),
        thing("Pod", "a-x", owner="a"),
        thing("Secret", "a-env", owner="a"),
        thing("ConfigMap", "of-the-pod", owner="a-x"),
    ],
    "only such a one refers to": [APP, job("a", REFERS), thing("Secret", "env")],
}
NOT_MADE = {
    "a production": job("prod", {}, labels={"app": "prod_worker"}),
    "another run": thing(
        "Pod", "qfc-harness-app-12345678", labels={"qfc-harness.run": "12345678"}
    ),
    "a copy under another name": thing("Secret", "backup", labels=OURS),
    "another run's worker": job(
        "other", {}, labels={"app": "harness-12345678-3_worker"}
    ),
    "a name like ours": thing("Secret", f"qfieldcloud-env-{RUN}"),
    "no reference": thing("Secret", "registry-login"),
    "an account of its own": thing(
        "Pod", "own", spec={"serviceAccountName": "default"}
    ),
    "owned by a stranger": thing("Pod", "b", owner="c"),
    "nothing at all": thing("ConfigMap", "kube-root-ca.crt"),
}


@pytest.mark.parametrize("objects", MADE.values(), ids=MADE)
def test_what_a_run_made_is_found(objects: list[dict[str, Any]]) -> None:
    """All of it, beside all that is somebody else's."""
    assert made_by([*NOT_MADE.values(), *objects], RUN) == objects


@pytest.mark.parametrize("foreign", NOT_MADE.values(), ids=NOT_MADE)
def test_what_others_made_is_left(foreign: dict[str, Any]) -> None:
    """Also where the run has left something."""
    assert made_by([APP, job("ours", REFERS), foreign], RUN) == [
        APP,
        job("ours", REFERS),
    ]


@pytest.mark.parametrize(
    "other",
    [
        thing("Secret", "env", created=OLD),
        thing("Secret", "env", owner="somebody"),
    ],
    ids=["it was there before", "somebody owns it"],
)
def test_a_secret_that_a_worker_only_used_is_left(other: dict[str, Any]) -> None:
    """An operator's own, to which a wrapper refers."""
    assert other not in made_by([APP, job("a", REFERS), other], RUN)


def test_a_secret_that_others_use_too_is_left() -> None:
    """Whoever made it: they need it."""
    secret = thing("Secret", "env")
    others = job("b", {"containers": REFERS["containers"]})
    assert secret not in made_by([APP, job("a", REFERS), others, secret], RUN)
