"""A pod's status from its containers: phase and conditions, as a pure function."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.simulator.kube_api.kubelet.container_state import (
    ContainerView,
    Running,
    Terminated,
    Waiting,
)
from harness.simulator.kube_api.objects import Object, meta

_ENDED = ("Succeeded", "Failed")


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What a status says beside its containers."""

    now: str
    node_ip: str
    pod_ip: str
    start_time: str
    has_sandbox: bool
    is_over: bool
    """The kubelet has done with the pod: only then is its final phase shown."""
    reason: str = ""
    message: str = ""


def build(
    pod: Object,
    main: Sequence[ContainerView],
    init: Sequence[ContainerView],
    facts: Facts,
) -> Object:
    """Return the status to write; conditions keep their times where they hold on."""
    known = pod.get("status") or {}
    policy = "Never" if facts.is_over else pod["spec"].get("restartPolicy", "Always")
    phase = "Failed" if facts.reason else _phase(policy, main, init)
    shown = phase
    if phase in _ENDED and not facts.is_over:
        before = str(known.get("phase"))
        shown = "Running" if before in _ENDED else before
    generation = meta(pod).get("generation")
    status: Object = {"observedGeneration": generation, "phase": shown}
    status["conditions"] = _conditions(pod, phase, main, init, facts)
    if facts.reason and facts.is_over:
        status |= {"reason": facts.reason, "message": facts.message}
    elif known.get("reason"):  # somebody else wrote it: a kubelet lets it stand
        status |= {key: known[key] for key in ("reason", "message") if key in known}
    status |= {"hostIP": facts.node_ip, "hostIPs": [{"ip": facts.node_ip}]}
    if facts.pod_ip:
        status |= {"podIP": facts.pod_ip, "podIPs": [{"ip": facts.pod_ip}]}
    status["startTime"] = facts.start_time
    spec = pod["spec"]
    if init:
        status["initContainerStatuses"] = [
            _container(view, container, is_init=True)
            for view, container in zip(init, spec["initContainers"], strict=True)
        ]
    status["containerStatuses"] = [
        _container(view, container, is_init=False)
        for view, container in zip(main, spec["containers"], strict=True)
    ]
    status["qosClass"] = known.get("qosClass", "BestEffort")
    return status


def rejected(pod: Object, reason: str, message: str, now: str) -> Object:
    """Return the status of a pod that the node does not take."""
    return {
        "observedGeneration": meta(pod).get("generation"),
        "phase": "Failed",
        "message": f"Pod was rejected: {message}",
        "reason": reason,
        "startTime": now,
        "qosClass": (pod.get("status") or {}).get("qosClass", "BestEffort"),
    }


def _phase(
    policy: str, main: Sequence[ContainerView], init: Sequence[ContainerView]
) -> str:
    for view in init:
        if view.is_initialized:
            continue
        failed = isinstance(view.state, Terminated)
        return "Failed" if failed and policy == "Never" else "Pending"
    if any(isinstance(v.state, Waiting) and v.last is None for v in main):
        return "Pending"
    if any(view.is_running for view in main):
        return "Running"
    if policy == "Always":
        return "Running"
    if all(view.succeeded for view in main):
        return "Succeeded"
    return "Failed" if policy == "Never" else "Running"


def _conditions(
    pod: Object,
    phase: str,
    main: Sequence[ContainerView],
    init: Sequence[ContainerView],
    facts: Facts,
) -> list[Object]:
    sandbox = facts.has_sandbox and not facts.is_over
    never_ran = any(view.never_ran for view in (*init, *main))
    ready = _readiness("Pending" if never_ran else phase, main)
    wanted: list[tuple[str, bool, str, str]] = [
        ("PodReadyToStartContainers", sandbox, "", ""),
        ("Initialized", *_initialized(phase, init)),
        ("Ready", *ready),
        ("ContainersReady", *ready),
        ("PodScheduled", True, "", ""),
    ]
    known = {c["type"]: c for c in (pod.get("status") or {}).get("conditions") or ()}
    found = []
    for kind, holds, reason, message in wanted:
        value = "True" if holds else "False"
        before = known.pop(kind, None)
        same = before is not None and before["status"] == value
        condition: Object = {
            "type": kind,
            "observedGeneration": meta(pod).get("generation"),
            "status": value,
            "lastProbeTime": None,
            "lastTransitionTime": before["lastTransitionTime"]
            if before is not None and same
            else facts.now,
        }
        if reason:
            condition["reason"] = reason
        if message:
            condition["message"] = message
        found.append(condition)
    # what others have noted, for instance that the pod is being disrupted
    return [*found, *known.values()]


def _initialized(phase: str, init: Sequence[ContainerView]) -> tuple[bool, str, str]:
    open_ = [view.name for view in init if not view.is_initialized]
    if open_:
        text = f"containers with incomplete status: [{' '.join(open_)}]"
        return False, "ContainersNotInitialized", text
    return True, "PodCompleted" if phase == "Succeeded" else "", ""


def _readiness(phase: str, main: Sequence[ContainerView]) -> tuple[bool, str, str]:
    if phase in _ENDED:
        return False, "PodCompleted" if phase == "Succeeded" else "PodFailed", ""
    unready = [view.name for view in main if not view.is_running]
    if unready:
        text = f"containers with unready status: [{' '.join(unready)}]"
        return False, "ContainersNotReady", text
    return True, "", ""


def _container(view: ContainerView, container: Object, *, is_init: bool) -> Object:
    started = isinstance(view.state, Running)
    has_run = bool(view.container_id)
    status: Object = {
        "name": view.name,
        "state": view.state.as_json(),
        "lastState": view.last.as_json() if view.last else {},
        "ready": view.succeeded if is_init and not view.is_sidecar else started,
        "restartCount": view.restarts,
        "image": view.image or container["image"],
        "imageID": view.image_id,
    }
    if has_run:
        status["containerID"] = view.container_id
    status["started"] = started
    resources = container.get("resources") or {}
    if has_run:
        if resources.get("requests"):
            status["allocatedResources"] = resources["requests"]
        status["resources"] = resources
    mounts = [_mount(mount) for mount in container.get("volumeMounts") or ()]
    if mounts:
        status["volumeMounts"] = mounts
    return status


def _mount(mount: Object) -> Object:
    shown = {"name": mount["name"], "mountPath": mount["mountPath"]}
    if mount.get("readOnly"):
        shown |= {"readOnly": True, "recursiveReadOnly": "Disabled"}
    return shown
