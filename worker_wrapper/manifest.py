"""The Kubernetes objects of one worker, as pure functions of what is to be run."""

from pathlib import PurePosixPath
from typing import Any

from . import units
from .naming import app_label, label_value, worker_name
from .run_spec import (
    CONTAINER_NAME,
    GRIDS_TARGET,
    IO_TARGET,
    MANAGED_LABEL,
    RunSpec,
    Worker,
)
from .settings import KubernetesSettings

MANAGED_BY = "qfieldcloud-worker-wrapper"
GRACE_S = 5
SUB_DIRECTORY = "jobs"
"""Below the root of the shared claim; each job has one directory in it."""


def escaped(text: str) -> str:
    """The text so that the kubelet passes it on as it is.

    It would expand ``$(NAME)``, and takes every ``$$`` for an escaped ``$``: ``$$(`` in
    a text that holds ``$$(NAME)`` already would be expanded all the same.
    """
    return text.replace("$", "$$")


def labels(spec: RunSpec, settings: KubernetesSettings) -> dict[str, str]:
    """QFieldCloud's labels for a worker, made legal, and the operator's own."""
    own = {key: label_value(value) for key, value in spec.labels.items()}
    managed = {MANAGED_LABEL: MANAGED_BY}
    return {**settings.extra_labels, **managed, **own}


def selector(environment: str) -> str:
    """The label selector for all workers of an ENVIRONMENT."""
    app = label_value(app_label(environment))
    return f"app={app},{MANAGED_LABEL}={MANAGED_BY}"


def job_seconds(spec: RunSpec, settings: KubernetesSettings) -> int:
    """The longest that the Job may last; its pods and their logs go when it is over.

    The pod has the run's own deadline, so that its log stays readable after a time-out;
    this one only catches a Job that nobody looks after any more.
    """
    waiting = settings.schedule_timeout_s + settings.start_timeout_s
    return waiting + pod_seconds(spec, settings) + 300


def pod_seconds(spec: RunSpec, settings: KubernetesSettings) -> int:
    """The pod's deadline; it counts from when the kubelet took it, pulls included."""
    return settings.start_timeout_s + spec.timeout_s + 30


def job(spec: RunSpec, settings: KubernetesSettings) -> dict[str, Any]:
    """The Job that runs the worker."""
    meta_labels = labels(spec, settings)
    annotations = dict(settings.extra_annotations)
    pod_annotations = {
        # an autoscaler must not move a worker away to save a node
        "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
        **annotations,
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": worker_name(spec.environment, spec.job_id),
            "labels": meta_labels,
            "annotations": annotations,
        },
        "spec": {
            "backoffLimit": 0,
            "completions": 1,
            "parallelism": 1,
            "activeDeadlineSeconds": job_seconds(spec, settings),
            "ttlSecondsAfterFinished": settings.ttl_s,
            "template": {
                "metadata": {"labels": meta_labels, "annotations": pod_annotations},
                "spec": _pod_spec(spec, settings),
            },
        },
    }


def _pod_spec(spec: RunSpec, settings: KubernetesSettings) -> dict[str, Any]:
    pod: dict[str, Any] = {
        "restartPolicy": "Never",
        "activeDeadlineSeconds": pod_seconds(spec, settings),
        "terminationGracePeriodSeconds": GRACE_S,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "containers": [_container(spec, settings)],
        "volumes": _volumes(settings),
        "tolerations": [*_node_loss_tolerations(settings), *settings.tolerations],
    }
    optional = {
        "serviceAccountName": settings.worker_service_account,
        "imagePullSecrets": [{"name": name} for name in settings.image_pull_secrets],
        "nodeSelector": dict(settings.node_selector),
        "affinity": dict(settings.affinity),
        "priorityClassName": settings.priority_class,
        "runtimeClassName": settings.runtime_class,
        "securityContext": _pod_security(settings),
    }
    return pod | {key: value for key, value in optional.items() if value}


def _container(spec: RunSpec, settings: KubernetesSettings) -> dict[str, Any]:
    container: dict[str, Any] = {
        "name": CONTAINER_NAME,
        "image": spec.image,
        "imagePullPolicy": settings.image_pull_policy,
        # args, never command: the image's ENTRYPOINT stays
        "args": [escaped(arg) for arg in spec.args],
        "env": _env(spec, settings),
        "resources": _resources(spec, settings),
        "volumeMounts": _mounts(spec, settings),
        "securityContext": _container_security(settings),
    }
    if not settings.inline_env:
        secret = {"name": worker_name(spec.environment, spec.job_id)}
        container["envFrom"] = [{"secretRef": secret}]
    if spec.debug_port is not None:
        container["ports"] = [{"containerPort": spec.debug_port}]
    return container


def _env(spec: RunSpec, settings: KubernetesSettings) -> list[dict[str, str]]:
    inline = {**spec.env, **spec.secret_env} if settings.inline_env else spec.env
    return [{"name": key, "value": escaped(value)} for key, value in inline.items()]


def _resources(spec: RunSpec, settings: KubernetesSettings) -> dict[str, Any]:
    memory = units.memory_quantity(spec.memory_bytes)
    limits = {"memory": memory}
    if settings.cpu_limit:  # Docker's cpu_shares are a weight without a cap
        limits["cpu"] = settings.cpu_limit
    requests = {
        "memory": settings.memory_request or memory,
        "cpu": settings.cpu_request or units.cpu_request(spec.cpu_shares),
    }
    return {"limits": limits, "requests": requests}


def _volumes(settings: KubernetesSettings) -> list[dict[str, Any]]:
    volumes = [_claim("io", settings.io_claim)]
    if settings.grids_claim:
        volumes.append(_claim("transformation-grids", settings.grids_claim, True))
    return volumes


def _claim(name: str, claim: str, read_only: bool = False) -> dict[str, Any]:
    source: dict[str, Any] = {"claimName": claim}
    if read_only:
        source["readOnly"] = True
    return {"name": name, "persistentVolumeClaim": source}


def _mounts(spec: RunSpec, settings: KubernetesSettings) -> list[dict[str, Any]]:
    inside = spec.io_directory.relative_to(settings.io_mount_path)
    on_claim = str(PurePosixPath(settings.io_sub_path) / inside)
    mounts: list[dict[str, Any]] = [
        {"name": "io", "mountPath": IO_TARGET, "subPath": on_claim}
    ]
    if settings.grids_claim:
        grids = {"name": "transformation-grids", "mountPath": GRIDS_TARGET}
        mounts.append({**grids, "readOnly": True})
    return mounts


def _node_loss_tolerations(settings: KubernetesSettings) -> list[dict[str, Any]]:
    """How long the pod stays bound to a node that doesn't answer (default: 300 s)."""
    return [
        {
            "key": f"node.kubernetes.io/{state}",
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": settings.node_lost_s,
        }
        for state in ("not-ready", "unreachable")
    ]


def _pod_security(settings: KubernetesSettings) -> dict[str, Any]:
    context: dict[str, Any] = {"seccompProfile": {"type": "RuntimeDefault"}}
    if settings.run_as_user is not None:
        context["runAsUser"] = settings.run_as_user
        context["runAsNonRoot"] = settings.run_as_user != 0
    if settings.run_as_group is not None:
        context["runAsGroup"] = settings.run_as_group
    if settings.fs_group is not None:
        context["fsGroup"] = settings.fs_group
        context["fsGroupChangePolicy"] = "OnRootMismatch"
    return context


def _container_security(settings: KubernetesSettings) -> dict[str, Any]:
    context: dict[str, Any] = {"allowPrivilegeEscalation": False}
    if settings.run_as_user:  # as root, tools in the image may need the default set
        context["capabilities"] = {"drop": ["ALL"]}
    return context


def secret(
    spec: RunSpec, settings: KubernetesSettings, owner: Worker
) -> dict[str, Any]:
    """The Secret with the worker's private environment, owned by the worker's Job.

    It goes when the Job goes, so that the wrapper needs no right but to create it.
    """
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "immutable": True,
        "metadata": {
            "name": owner.name,
            "labels": labels(spec, settings),
            "ownerReferences": [
                {
                    "apiVersion": "batch/v1",
                    "kind": "Job",
                    "name": owner.name,
                    "uid": owner.container_id,
                    "controller": True,
                }
            ],
        },
        "stringData": dict(spec.secret_env),
    }
