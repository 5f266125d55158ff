"""What a Job and its pods say of a worker; a pure function of their versions."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from .quantity import number, shares, whole_bytes
from .seen import LogSeen, MountGiven, State, WorkerSeen

Object = Mapping[str, Any]
Version = tuple[datetime, str, str, Object]
"""When it was seen, the watch event's type, the kind, the object."""

NEVER_STARTED = ("StartError", "ContainerCannotRun")
"""Reasons of a container that ended without having run: 128 is no exit code of its."""
CONDITIONS = ("SuccessCriteriaMet", "FailureTarget", "Complete", "Failed")
_SOURCES = {
    "persistentVolumeClaim": ("claim", "claimName"),
    "hostPath": ("hostPath", "path"),
    "secret": ("secret", "secretName"),
    "configMap": ("configMap", "name"),
}
"""How a kind of volume is called here, and which key of it names its source."""


def container_state(pod: Object) -> dict[str, Any]:
    """The state of a pod's first container: ``waiting``, ``running``, …"""
    statuses = (pod.get("status") or {}).get("containerStatuses") or [{}]
    first = (pod["spec"].get("containers") or [{}])[0].get("name")
    for status in statuses:
        if status.get("name") == first:
            return status.get("state") or {}
    return {}


def _restarts(pod: Object) -> int:
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    return sum(int(status.get("restartCount", 0)) for status in statuses)


def worker_of(
    versions: Sequence[Version], *, removed: bool, log: LogSeen | None
) -> WorkerSeen:
    """The worker that a Job, or a pod without one, is.

    :param versions: of the Job, its pods and the events about them, in order
    """
    last: dict[str, tuple[str, Object]] = {}
    for _, _, kind, found in versions:
        if kind in ("Job", "Pod"):
            last[found["metadata"]["uid"]] = (kind, found)
    jobs = [found for kind, found in last.values() if kind == "Job"]
    pods = [found for kind, found in last.values() if kind == "Pod"]
    top = jobs[0] if jobs else pods[0]
    spec = top["spec"]["template"]["spec"] if jobs else top["spec"]
    container = (spec.get("containers") or [{}])[0]
    ended = _ended(versions)
    started_in_vain = ended.get("reason") in NEVER_STARTED
    resources = container.get("resources") or {}
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    return WorkerSeen(
        backend="kubernetes",
        id=top["metadata"]["uid"],
        name=top["metadata"]["name"],
        image=str(container.get("image", "")),
        labels=top["metadata"].get("labels") or {},
        args=tuple(container["args"]) if "args" in container else None,
        replaced_entrypoint=tuple(container["command"])
        if container.get("command")
        else None,
        env={
            item["name"]: str(item.get("value", ""))
            for item in container.get("env") or ()
            if "valueFrom" not in item
        },
        env_sources=_env_sources(container),
        mounts=_mounts(spec, container),
        memory_limit=whole_bytes(limits["memory"]) if "memory" in limits else None,
        memory_request=whole_bytes(requests["memory"])
        if "memory" in requests
        else None,
        cpu_weight=shares(requests.get("cpu", limits.get("cpu", "0"))),
        cpu_cap=float(number(limits["cpu"])) if "cpu" in limits else None,
        pods=len(pods),
        restarts=sum(map(_restarts, pods)),
        states=_states(versions),
        exit_code=None if started_in_vain else ended.get("exitCode"),
        oom_killed=ended.get("reason") == "OOMKilled",
        ended=bool(ended) or (removed and not any(map(_ran, pods))),
        started_at=_time(ended.get("startedAt")) or _running_since(pods),
        finished_at=_time(ended.get("finishedAt")),
        removed=removed,
        log=log,
        objects=(*jobs, *pods),
    )


def _ran(pod: Object) -> bool:
    return bool({"running", "terminated"} & set(container_state(pod)))


def _ended(versions: Sequence[Version]) -> dict[str, Any]:
    """The last ``terminated`` state that any pod showed."""
    found: dict[str, Any] = {}
    for _, _, kind, thing in versions:
        if kind == "Pod" and "terminated" in container_state(thing):
            found = container_state(thing)["terminated"]
    return found


def _running_since(pods: Sequence[Object]) -> datetime | None:
    for pod in pods:
        running = container_state(pod).get("running") or {}
        if running:
            return _time(running.get("startedAt"))
    return None


def _env_sources(container: Object) -> tuple[str, ...]:
    sources = []
    for item in container.get("envFrom") or ():
        for key, kind in (("secretRef", "secret"), ("configMapRef", "configMap")):
            if key in item:
                sources.append(f"{kind}/{item[key]['name']}")
    for item in container.get("env") or ():
        for key, kind in (("secretKeyRef", "secret"), ("configMapKeyRef", "configMap")):
            reference = (item.get("valueFrom") or {}).get(key)
            if reference:
                sources.append(f"{kind}/{reference['name']}")
    return tuple(dict.fromkeys(sources))


def _mounts(spec: Object, container: Object) -> tuple[MountGiven, ...]:
    volumes = {volume["name"]: volume for volume in spec.get("volumes") or ()}
    return tuple(
        _mount(mount, volumes.get(mount["name"], {}))
        for mount in container.get("volumeMounts") or ()
    )


def _mount(mount: Object, volume: Object) -> MountGiven:
    key = next((key for key in volume if key != "name"), "")
    source = volume.get(key) or {}
    kind, name = _SOURCES.get(key, (key, ""))
    return MountGiven(
        target=str(mount["mountPath"]),
        kind=kind,
        source=str(source.get(name, "")) if isinstance(source, Mapping) else "",
        sub_path=str(mount.get("subPath", "")),
        read_only=bool(mount.get("readOnly")),
    )


def _states(versions: Sequence[Version]) -> tuple[State, ...]:
    """Each state once, in order: of the Job, of its pods, and the events' words."""
    states: list[State] = []
    shown: set[tuple[str, str]] = set()
    for at, change, kind, found in versions:
        for what, detail in _words(change, kind, found):
            if (what, detail) not in shown:
                shown.add((what, detail))
                states.append(State(at=at, what=what, detail=detail))
    return tuple(states)


def _words(change: str, kind: str, found: Object) -> list[tuple[str, str]]:
    if kind == "Event":
        return [(f"Event {found.get('reason', '')}", str(found.get("message", "")))]
    words = [(f"{kind} {change.lower()}", "")] if change != "MODIFIED" else []
    status = found.get("status") or {}
    if kind == "Job":
        for condition in status.get("conditions") or ():
            if condition["type"] in CONDITIONS and condition["status"] == "True":
                words.append((f"Job {condition['type']}", condition.get("reason", "")))
        return words
    for name, state in container_state(found).items():
        detail = state.get("reason", "")
        if name == "terminated":
            detail = f"{detail} {state.get('exitCode')}"
        words.append((f"container {name}", detail))
    if found["metadata"].get("deletionTimestamp"):
        words.append(("Pod terminating", ""))
    if status.get("phase"):
        words.append((f"Pod {status['phase']}", status.get("reason", "")))
    return words


def _time(text: str | None) -> datetime | None:
    """A time of the API; 1970 stands for a container that never started."""
    if not text or text.startswith("1970-"):
        return None
    return datetime.fromisoformat(text.rstrip("Z")).replace(tzinfo=timezone.utc)
