"""The Kubernetes objects of one worker, compared as a whole."""

import pytest
from samples import JOB_ID, PROJECT_ID, settings, spec

from worker_wrapper import manifest
from worker_wrapper.run_spec import Worker

NAME = f"qfc-prod-{JOB_ID}"
LABELS = {
    "app.kubernetes.io/managed-by": "qfieldcloud-worker-wrapper",
    "app": "prod_worker",
    "type": "package",
    "job_id": JOB_ID,
    "project_id": PROJECT_ID,
}


def lost(state: str, seconds: int) -> dict:
    """A toleration for a node that doesn't answer."""
    return {
        "key": f"node.kubernetes.io/{state}",
        "operator": "Exists",
        "effect": "NoExecute",
        "tolerationSeconds": seconds,
    }


def test_the_job_of_the_default_settings():
    """Every key, so that none appears or goes unnoticed."""
    claim, grids = "qfieldcloud-worker-io", "transformation-grids"
    safe = {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}
    assert manifest.job(spec(), settings()) == {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": NAME, "labels": LABELS, "annotations": {}},
        "spec": {
            "backoffLimit": 0,
            "completions": 1,
            "parallelism": 1,
            "activeDeadlineSeconds": 300 + 300 + 930 + 300,
            "ttlSecondsAfterFinished": 3600,
            "template": {
                "metadata": {"labels": LABELS, "annotations": safe},
                "spec": {
                    "restartPolicy": "Never",
                    "activeDeadlineSeconds": 930,
                    "terminationGracePeriodSeconds": 5,
                    "automountServiceAccountToken": False,
                    "enableServiceLinks": False,
                    "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
                    "tolerations": [lost("not-ready", 60), lost("unreachable", 60)],
                    "containers": [
                        {
                            "name": "qgis",
                            "image": "qgis:1",
                            "imagePullPolicy": "IfNotPresent",
                            "args": ["python3", "entrypoint.py", "package"],
                            "env": [{"name": "JOB_ID", "value": JOB_ID}],
                            "envFrom": [{"secretRef": {"name": NAME}}],
                            "resources": {
                                "limits": {"memory": "1000Mi"},
                                "requests": {"memory": "1000Mi", "cpu": "500m"},
                            },
                            "securityContext": {"allowPrivilegeEscalation": False},
                            "volumeMounts": [
                                {
                                    "name": "io",
                                    "mountPath": "/io",
                                    "subPath": f"jobs/{JOB_ID}",
                                },
                                {
                                    "name": grids,
                                    "mountPath": "/transformation_grids",
                                    "readOnly": True,
                                },
                            ],
                        }
                    ],
                    "volumes": [
                        {"name": "io", "persistentVolumeClaim": {"claimName": claim}},
                        {
                            "name": grids,
                            "persistentVolumeClaim": {
                                "claimName": grids,
                                "readOnly": True,
                            },
                        },
                    ],
                },
            },
        },
    }


def pod(spec_=None, **more) -> dict:
    """The pod's spec with these settings."""
    made = manifest.job(spec_ or spec(), settings(**more))
    return made["spec"]["template"]["spec"]


@pytest.mark.parametrize(
    "text",
    ["$(HOME)", "$$(HOME)", "$HOME", "$", "$$", "a$(b)c$", "$($(A))", "plain", "()"],
)
def test_the_kubelets_expansion_gives_the_text_back(text):
    """Its rules (third_party/forked/golang/expansion), written out here."""

    def expanded(value: str) -> str:
        result, i = "", 0
        while i < len(value):
            if value[i] == "$" and i + 1 < len(value):
                if value[i + 1] == "$":
                    result, i = result + "$", i + 2
                    continue
                end = value.find(")", i)
                if value[i + 1] == "(" and end > 0:
                    result, i = result + "EXPANDED", end + 1
                    continue
            result, i = result + value[i], i + 1
        return result

    assert expanded(manifest.escaped(text)) == text


def test_arguments_and_environment_are_escaped():
    """A project may be called $(HOME).qgs."""
    made = spec(args=("package", "$(HOME).qgs"), env={"A": "$(B)"})
    container = pod(made)["containers"][0]
    assert container["args"] == ["package", "$$(HOME).qgs"]
    assert container["env"] == [{"name": "A", "value": "$$(B)"}]


def test_inline_environment_needs_no_secret():
    """For operators whose Role can't make one."""
    container = pod(inline_env=True)["containers"][0]
    assert "envFrom" not in container
    assert {"name": "QFIELDCLOUD_TOKEN", "value": "t0ken"} in container["env"]


def test_the_token_is_nowhere_in_the_job():
    """It is in the Secret only."""
    assert "t0ken" not in repr(manifest.job(spec(), settings()))


def test_the_secret_goes_with_its_job():
    """Owned by the Job, it needs no right but to create it."""
    owner = Worker(JOB_ID, NAME, "the-uid")
    made = manifest.secret(spec(), settings(), owner)
    (reference,) = made["metadata"]["ownerReferences"]
    assert (reference["kind"], reference["uid"]) == ("Job", "the-uid")
    assert made["stringData"] == {"QFIELDCLOUD_TOKEN": "t0ken"}
    assert made["metadata"]["name"] == NAME


@pytest.mark.parametrize(
    ("setting", "key", "value"),
    [
        ({"worker_service_account": "p"}, "serviceAccountName", "p"),
        ({"image_pull_secrets": ("a",)}, "imagePullSecrets", [{"name": "a"}]),
        ({"node_selector": {"a": "b"}}, "nodeSelector", {"a": "b"}),
        ({"affinity": {"nodeAffinity": {}}}, "affinity", {"nodeAffinity": {}}),
        ({"priority_class": "high"}, "priorityClassName", "high"),
        ({"runtime_class": "gvisor"}, "runtimeClassName", "gvisor"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_an_operator_may_add_to_the_pod(setting, key, value):
    """There where it is set, and not even empty elsewhere."""
    assert pod(**setting)[key] == value
    assert key not in pod()


def test_tolerations_come_beside_those_for_lost_nodes():
    """The setting says how soon a lost node is noticed."""
    own = {"key": "gis", "operator": "Exists"}
    found = pod(tolerations=(own,), node_lost_s=5)["tolerations"]
    assert found == [lost("not-ready", 5), lost("unreachable", 5), own]


def test_another_user():
    """Group and ownership of the volume's files with it; no capabilities then."""
    made = pod(run_as_user=1000, run_as_group=1001, fs_group=1002)
    assert made["securityContext"] == {
        "seccompProfile": {"type": "RuntimeDefault"},
        "runAsUser": 1000,
        "runAsNonRoot": True,
        "runAsGroup": 1001,
        "fsGroup": 1002,
        "fsGroupChangePolicy": "OnRootMismatch",
    }
    container = made["containers"][0]["securityContext"]
    assert container["capabilities"] == {"drop": ["ALL"]}


def test_resources_can_be_overridden():
    """Requests below the limit, and a cap that Docker doesn't have."""
    made = pod(cpu_request="100m", cpu_limit="2", memory_request="200Mi")
    assert made["containers"][0]["resources"] == {
        "limits": {"memory": "1000Mi", "cpu": "2"},
        "requests": {"memory": "200Mi", "cpu": "100m"},
    }


def test_no_grids():
    """Neither volume nor mount."""
    made = pod(grids_claim="")
    assert [one["name"] for one in made["volumes"]] == ["io"]
    assert [one["name"] for one in made["containers"][0]["volumeMounts"]] == ["io"]


def test_an_operators_labels_never_replace_qfieldclouds():
    """The sweep finds workers by them."""
    made = manifest.job(spec(), settings(extra_labels={"app": "x", "team": "gis"}))
    assert made["metadata"]["labels"] == {**LABELS, "team": "gis"}


def test_odd_environments_give_legal_labels():
    """And the sweep's selector finds them."""
    odd = spec(environment="prod/eu")
    app = manifest.labels(odd, settings())["app"]
    assert "/" not in app
    assert f"app={app}," in manifest.selector("prod/eu")


def test_the_jobs_deadline_comes_after_the_pods():
    """A Job's deadline deletes the pod with its log."""
    short = settings(schedule_timeout_s=1, start_timeout_s=1)
    for chosen in (settings(), short):
        pods = manifest.pod_seconds(spec(), chosen)
        waiting = chosen.schedule_timeout_s
        assert manifest.job_seconds(spec(), chosen) > pods + waiting
        assert pods > spec().timeout_s + chosen.start_timeout_s


def test_a_claim_that_the_wrapper_mounts_a_directory_of():
    """The worker's sub-path begins at the claim's root."""
    job = manifest.job(spec(), settings(io_sub_path="shared/io"))
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["volumeMounts"][0]["subPath"] == f"shared/io/jobs/{JOB_ID}"
