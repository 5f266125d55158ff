"""Defaults of a pod's spec, as `pkg/apis/core/v1/defaults.go` sets them."""

from collections.abc import Iterable

from harness.simulator.kube_api.objects import Object

_FILE_MODE = 0o644


def default_spec(spec: Object) -> None:
    """Fill in what holds for a pod and for a Job's template alike."""
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("securityContext", {})
    spec.setdefault("schedulerName", "default-scheduler")
    _join_service_account(spec)
    for volume in spec.get("volumes") or ():
        _volume(volume)
    for kind in ("initContainers", "containers"):
        for container in spec.get(kind) or ():
            _container(container)


def default_pod(pod: Object) -> None:
    """Fill in what holds for a pod alone: requests follow limits."""
    spec = pod.setdefault("spec", {})
    default_spec(spec)
    spec.setdefault("enableServiceLinks", True)
    for kind in ("initContainers", "containers"):
        for container in spec.get(kind) or ():
            resources = container["resources"]
            if resources.get("limits"):
                requests = resources.setdefault("requests", {})
                for name, limit in resources["limits"].items():
                    requests.setdefault(name, limit)


def image_pull_policy(image: str) -> str:
    """Return Always for `latest` and untagged images, else IfNotPresent."""
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    if tag == "latest" or (not tag and not digest):
        return "Always"
    return "IfNotPresent"


def _join_service_account(spec: Object) -> None:
    name = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if name:
        spec["serviceAccountName"] = spec["serviceAccount"] = name


def _volume(volume: Object) -> None:
    if set(volume) <= {"name"}:
        volume["emptyDir"] = {}
    for kind in ("secret", "configMap", "projected", "downwardAPI"):
        if kind in volume:
            volume[kind].setdefault("defaultMode", _FILE_MODE)
    if "hostPath" in volume:
        volume["hostPath"].setdefault("type", "")
    if "projected" in volume:
        for source in volume["projected"].get("sources") or ():
            if "serviceAccountToken" in source:
                source["serviceAccountToken"].setdefault("expirationSeconds", 3600)
            _field_refs((source.get("downwardAPI") or {}).get("items") or ())
    _field_refs((volume.get("downwardAPI") or {}).get("items") or ())


def _container(container: Object) -> None:
    container.setdefault("resources", {})
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    if container.get("image"):
        policy = image_pull_policy(container["image"])
        container.setdefault("imagePullPolicy", policy)
    for port in container.get("ports") or ():
        port.setdefault("protocol", "TCP")
    _field_refs(
        variable["valueFrom"]
        for variable in container.get("env") or ()
        if "valueFrom" in variable
    )


def _field_refs(holders: Iterable[Object]) -> None:
    for holder in holders:
        if "fieldRef" in holder:
            holder["fieldRef"].setdefault("apiVersion", "v1")
        if "resourceFieldRef" in holder:
            holder["resourceFieldRef"].setdefault("divisor", "0")
