"""Which fields of a pod and a Job the simulator models, and which it refuses.

A field that would change what happens and isn't modelled must not be ignored: the
object is answered 501. `HARMLESS` fields are kept and have no effect here, for the
reason given. Everything else that the schema knows is modelled.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.simulator.kube_api.objects import Object

_ANY = object()

POD_REFUSED: Mapping[str, Any] = {
    # path below the pod's spec -> the values that are refused (all for _ANY)
    "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution": _ANY,
    "affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution": _ANY,
    "dnsConfig": _ANY,
    "ephemeralContainers": _ANY,
    "hostAliases": _ANY,
    "hostIPC": (True,),
    "hostPID": (True,),
    "hostUsers": (False,),
    "hostnameOverride": _ANY,
    "os": _ANY,
    "overhead": _ANY,
    "readinessGates": _ANY,
    "resourceClaims": _ANY,
    "resources": _ANY,
    "runtimeClassName": _ANY,
    "setHostnameAsFQDN": (True,),
    "shareProcessNamespace": (True,),
    "securityContext.supplementalGroups": _ANY,
    "securityContext.supplementalGroupsPolicy": ("Strict",),
    "securityContext.sysctls": _ANY,
    "securityContext.windowsOptions": _ANY,
}
CONTAINER_REFUSED: Mapping[str, Any] = {
    "lifecycle": _ANY,
    "livenessProbe": _ANY,
    "readinessProbe": _ANY,
    "startupProbe": _ANY,
    "resizePolicy": _ANY,
    "resources.claims": _ANY,
    "restartPolicyRules": _ANY,
    "securityContext.procMount": ("Unmasked",),
    "securityContext.windowsOptions": _ANY,
    "stdin": (True,),
    "stdinOnce": (True,),
    "tty": (True,),
    "volumeDevices": _ANY,
}
MOUNT_REFUSED: Mapping[str, Any] = {
    "mountPropagation": ("HostToContainer", "Bidirectional"),
    "recursiveReadOnly": ("Enabled", "IfPossible"),
}
VOLUMES = (
    *("configMap", "downwardAPI", "emptyDir", "hostPath", "persistentVolumeClaim"),
    *("projected", "secret"),
)
PROJECTIONS = ("configMap", "downwardAPI", "secret", "serviceAccountToken")
JOB_REFUSED: Mapping[str, Any] = {
    "backoffLimitPerIndex": _ANY,
    "completionMode": ("Indexed",),
    "maxFailedIndexes": _ANY,
    "successPolicy": _ANY,
}
HARMLESS: Mapping[str, str] = {
    "affinity.*.preferredDuringSchedulingIgnoredDuringExecution": (
        "a preference decides between nodes that all fit; the simulator takes the "
        "emptiest"
    ),
    "dnsPolicy": "every container resolves names as the simulator's machine does",
    "hostNetwork": "every container is on the network of the simulator's machine",
    "imagePullSecrets": "images are registered, with the outcome of their pull",
    "preemptionPolicy": "nothing is preempted",
    "subdomain": "there is no cluster DNS",
    "topologySpreadConstraints (ScheduleAnyway)": "a preference, as above",
    "containers[].ports": "informative; published by hostPort only, which is refused",
    "containers[].securityContext.capabilities, seccompProfile, seLinuxOptions, "
    "appArmorProfile, privileged, allowPrivilegeEscalation": (
        "a container is unprivileged already; Pod Security checks them"
    ),
    "securityContext.fsGroupChangePolicy": "group ids are not changed",
}


def refused_in_pod(spec: Object, path: str) -> list[str]:
    """Return the paths of fields of a pod's spec that are not modelled."""
    found = list(_matching(spec, POD_REFUSED, path))
    for index, rule in enumerate(spec.get("topologySpreadConstraints") or ()):
        if rule.get("whenUnsatisfiable") != "ScheduleAnyway":
            found.append(f"{path}.topologySpreadConstraints[{index}]")
    for index, volume in enumerate(spec.get("volumes") or ()):
        here = f"{path}.volumes[{index}]"
        for kind in volume:
            if kind != "name" and kind not in VOLUMES:
                found.append(f"{here}.{kind}")
        for number, source in enumerate(
            (volume.get("projected") or {}).get("sources", ())
        ):
            found += [
                f"{here}.projected.sources[{number}].{kind}"
                for kind in source
                if kind not in PROJECTIONS
            ]
    for kind in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(kind) or ()):
            found += _refused_in_container(kind, container, f"{path}.{kind}[{index}]")
    return found


def refused_in_job(spec: Object) -> list[str]:
    """Return the paths of fields of a Job's spec that are not modelled."""
    pod = (spec.get("template") or {}).get("spec") or {}
    return [
        *_matching(spec, JOB_REFUSED, "spec"),
        *refused_in_pod(pod, "spec.template.spec"),
    ]


def _refused_in_container(kind: str, container: Object, path: str) -> list[str]:
    found = list(_matching(container, CONTAINER_REFUSED, path))
    if kind != "initContainers" or container.get("restartPolicy") != "Always":
        found += _matching(container, {"restartPolicy": _ANY}, path)
    for index, port in enumerate(container.get("ports") or ()):
        if port.get("hostPort"):
            found.append(f"{path}.ports[{index}].hostPort")
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        found += _matching(mount, MOUNT_REFUSED, f"{path}.volumeMounts[{index}]")
    for index, variable in enumerate(container.get("env") or ()):
        if "fileKeyRef" in (variable.get("valueFrom") or {}):
            found.append(f"{path}.env[{index}].valueFrom.fileKeyRef")
    return found


def _matching(obj: Object, table: Mapping[str, Any], path: str) -> Iterator[str]:
    for dotted, values in table.items():
        value: Any = obj
        for key in dotted.split("."):
            value = (value or {}).get(key)
        if value is None or value == []:
            continue
        if values is _ANY or value in values:
            yield f"{path}.{dotted}"
