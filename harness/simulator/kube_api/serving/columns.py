"""The columns of each kind's Table (kubernetes `pkg/printers/internalversion`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from harness.simulator.kube_api.objects import (
    Object,
    condition_of,
    has_condition,
    is_deleting,
    labels_of,
    meta,
    name_of,
    parse_time,
)
from harness.simulator.kube_api.serving import pod_columns
from harness.simulator.kube_api.serving.durations import since

Cell = Callable[[Object, datetime], Any]
_UNSET = "<none>"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; priority 1 is shown by `-o wide` alone."""

    name: str
    cell: Cell
    type: str = "string"
    priority: int = 0

    def definition(self) -> dict[str, Any]:
        """Return the entry of columnDefinitions."""
        return {
            "name": self.name,
            "type": self.type,
            "format": "name" if self.name == "Name" else "",
            "description": "",
            "priority": self.priority,
        }


def columns_of(kind: str) -> Sequence[Column]:
    """Return a kind's columns; Name and Age where it has none of its own."""
    return _COLUMNS.get(kind, (_NAME, _AGE))


def _at(*path: str, unset: Any = _UNSET) -> Cell:
    def cell(obj: Object, _now: datetime) -> Any:
        value: Any = obj
        for key in path:
            value = (value or {}).get(key)
        return unset if value in (None, "", []) else value

    return cell


def _count(key: str, *more: str) -> Cell:
    return lambda obj, _now: sum(len(obj.get(k) or ()) for k in (key, *more))


def _age(obj: Object, now: datetime) -> str:
    return since(meta(obj).get("creationTimestamp"), now)


_NAME = Column("Name", lambda obj, _now: name_of(obj))
_AGE = Column("Age", _age)
_CREATED = Column("Created At", _at("metadata", "creationTimestamp"), "date")


def _job_status(job: Object, _now: datetime) -> str:
    if has_condition(job, "Complete"):
        return "Complete"
    if has_condition(job, "Failed"):
        return "Failed"
    if is_deleting(job):
        return "Terminating"
    if has_condition(job, "Suspended"):
        return "Suspended"
    if has_condition(job, "FailureTarget"):
        return "FailureTarget"
    return (
        "SuccessCriteriaMet" if has_condition(job, "SuccessCriteriaMet") else "Running"
    )


def _completions(job: Object, _now: datetime) -> str:
    done = (job.get("status") or {}).get("succeeded", 0)
    wanted = job["spec"].get("completions")
    if wanted is not None:
        return f"{done}/{wanted}"
    parallel = job["spec"].get("parallelism", 0)
    return f"{done}/1 of {parallel}" if parallel > 1 else f"{done}/1"


def _duration(job: Object, now: datetime) -> str:
    status = job.get("status") or {}
    start, end = status.get("startTime"), status.get("completionTime")
    failed = condition_of(job, "Failed")
    if failed and failed.get("status") == "True":
        end = end or failed.get("lastTransitionTime")
    if not start:
        return ""
    return since(start, parse_time(end) if end else now)


def _of_template(key: str) -> Cell:
    def cell(job: Object, _now: datetime) -> str:
        containers = job["spec"]["template"]["spec"].get("containers") or ()
        return ",".join(str(c.get(key, "")) for c in containers)

    return cell


def _selector(selector: Object | None) -> str:
    pairs = ((selector or {}).get("matchLabels") or {}).items()
    return ",".join(f"{k}={v}" for k, v in sorted(pairs)) or _UNSET


_SHORT_MODES = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}


def _modes(*path: str) -> Cell:
    at = _at(*path, unset=())

    def cell(obj: Object, now: datetime) -> str:
        return ",".join(_SHORT_MODES.get(mode, mode) for mode in at(obj, now))

    return cell


def _volume_phase(obj: Object, _now: datetime) -> str:
    phase = (obj.get("status") or {}).get("phase", "")
    return "Terminating" if is_deleting(obj) else phase


def _claim_of(volume: Object, _now: datetime) -> str:
    ref = volume["spec"].get("claimRef")
    return f"{ref.get('namespace')}/{ref.get('name')}" if ref else ""


def _quota(kind: str) -> Cell:
    def cell(quota: Object, _now: datetime) -> str:
        status = quota.get("status") or {}
        hard, used = status.get("hard") or {}, status.get("used") or {}
        return ", ".join(
            f"{name}: {used.get(name, '0')}/{hard[name]}"
            for name in sorted(hard)
            if name.startswith("limits.") is (kind == "limit")
        )

    return cell


def _node_status(node: Object, _now: datetime) -> str:
    ready = condition_of(node, "Ready")
    text = "Unknown"
    if ready:
        text = "Ready" if ready.get("status") == "True" else "NotReady"
    return text + (",SchedulingDisabled" if node["spec"].get("unschedulable") else "")


def _node_roles(node: Object, _now: datetime) -> str:
    prefix = "node-role.kubernetes.io/"
    roles = (key[len(prefix) :] for key in labels_of(node) if key.startswith(prefix))
    return ",".join(sorted(roles)) or _UNSET


def _last_seen(event: Object, now: datetime) -> str:
    first, last = event.get("firstTimestamp"), event.get("lastTimestamp")
    text = since(last or event.get("eventTime"), now)
    count = event.get("count") or 1
    if count > 1:
        return f"{text} (x{count} over {since(first, now)})"
    return text


def _first_seen(event: Object, now: datetime) -> str:
    return since(event.get("firstTimestamp") or event.get("eventTime"), now)


def _event_object(event: Object, _now: datetime) -> str:
    involved = event.get("involvedObject") or {}
    return f"{str(involved.get('kind', '')).lower()}/{involved.get('name', '')}"


def _role_of(binding: Object, _now: datetime) -> str:
    ref = binding.get("roleRef") or {}
    return f"{ref.get('kind')}/{ref.get('name')}"


def _ports(service: Object, _now: datetime) -> str:
    ports = service["spec"].get("ports") or ()
    return ",".join(f"{p['port']}/{p.get('protocol', 'TCP')}" for p in ports) or _UNSET


def _is_default(obj: Object, _now: datetime) -> bool:
    return bool(obj.get("globalDefault"))


def _subjects(kind: str) -> Cell:
    def cell(binding: Object, _now: datetime) -> str:
        found = (s for s in binding.get("subjects") or () if s["kind"] == kind)
        return ", ".join(
            f"{s['namespace']}/{s['name']}" if s.get("namespace") else s["name"]
            for s in found
        )

    return cell


_BINDING = (
    _NAME,
    Column("Role", _role_of),
    _AGE,
    Column("Users", _subjects("User"), priority=1),
    Column("Groups", _subjects("Group"), priority=1),
    Column("ServiceAccounts", _subjects("ServiceAccount"), priority=1),
)
_COLUMNS: dict[str, Sequence[Column]] = {
    "Pod": (
        _NAME,
        Column("Ready", pod_columns.ready),
        Column("Status", pod_columns.status),
        Column("Restarts", pod_columns.restarts),
        _AGE,
        Column("IP", _at("status", "podIP"), priority=1),
        Column("Node", _at("spec", "nodeName"), priority=1),
        Column("Nominated Node", _at("status", "nominatedNodeName"), priority=1),
        Column("Readiness Gates", lambda _obj, _now: _UNSET, priority=1),
    ),
    "Job": (
        _NAME,
        Column("Status", _job_status),
        Column("Completions", _completions),
        Column("Duration", _duration),
        _AGE,
        Column("Containers", _of_template("name"), priority=1),
        Column("Images", _of_template("image"), priority=1),
        Column(
            "Selector", lambda o, _: _selector(o["spec"].get("selector")), "string", 1
        ),
    ),
    "Namespace": (_NAME, Column("Status", _at("status", "phase", unset="")), _AGE),
    "Secret": (
        _NAME,
        Column("Type", _at("type")),
        Column("Data", _count("data")),
        _AGE,
    ),
    "ConfigMap": (_NAME, Column("Data", _count("data", "binaryData")), _AGE),
    "ServiceAccount": (_NAME, Column("Secrets", _count("secrets")), _AGE),
    "PersistentVolumeClaim": (
        _NAME,
        Column("Status", _volume_phase),
        Column("Volume", _at("spec", "volumeName", unset="")),
        Column("Capacity", _at("status", "capacity", "storage", unset="")),
        Column("Access Modes", _modes("status", "accessModes")),
        Column("StorageClass", _at("spec", "storageClassName", unset="")),
        Column("VolumeAttributesClass", lambda _obj, _now: "<unset>"),
        _AGE,
        Column("VolumeMode", _at("spec", "volumeMode"), priority=1),
    ),
    "PersistentVolume": (
        _NAME,
        Column("Capacity", _at("spec", "capacity", "storage", unset="")),
        Column("Access Modes", _modes("spec", "accessModes")),
        Column("Reclaim Policy", _at("spec", "persistentVolumeReclaimPolicy")),
        Column("Status", _volume_phase),
        Column("Claim", _claim_of),
        Column("StorageClass", _at("spec", "storageClassName", unset="")),
        Column("VolumeAttributesClass", lambda _obj, _now: "<unset>"),
        Column("Reason", _at("status", "reason", unset="")),
        _AGE,
        Column("VolumeMode", _at("spec", "volumeMode"), priority=1),
    ),
    "StorageClass": (
        _NAME,
        Column("Provisioner", _at("provisioner")),
        Column("ReclaimPolicy", _at("reclaimPolicy")),
        Column("VolumeBindingMode", _at("volumeBindingMode")),
        Column("AllowVolumeExpansion", _at("allowVolumeExpansion", unset=False)),
        _AGE,
    ),
    "ResourceQuota": (
        _NAME,
        Column("Request", _quota("request")),
        Column("Limit", _quota("limit")),
        _AGE,
    ),
    "LimitRange": (_NAME, _CREATED),
    "Node": (
        _NAME,
        Column("Status", _node_status),
        Column("Roles", _node_roles),
        _AGE,
        Column("Version", _at("status", "nodeInfo", "kubeletVersion", unset="")),
    ),
    "Event": (
        Column("Last Seen", _last_seen),
        Column("Type", _at("type", unset="")),
        Column("Reason", _at("reason", unset="")),
        Column("Object", _event_object),
        Column("Subobject", _at("involvedObject", "fieldPath", unset=""), priority=1),
        Column("Source", _at("source", "component", unset=""), priority=1),
        Column("Message", _at("message", unset="")),
        Column("First Seen", _first_seen, priority=1),
        Column("Count", _at("count", unset=1), priority=1),
        Column("Name", lambda obj, _now: name_of(obj), priority=1),
    ),
    "Role": (_NAME, _CREATED),
    "ClusterRole": (_NAME, _CREATED),
    "RoleBinding": _BINDING,
    "ClusterRoleBinding": _BINDING,
    "Lease": (_NAME, Column("Holder", _at("spec", "holderIdentity", unset="")), _AGE),
    "PriorityClass": (
        _NAME,
        Column("Value", _at("value", unset=0), "integer"),
        Column("Global-Default", _is_default, "boolean"),
        _AGE,
        Column("PreemptionPolicy", _at("preemptionPolicy")),
    ),
    "NetworkPolicy": (
        _NAME,
        Column("Pod-Selector", lambda o, _: _selector(o["spec"].get("podSelector"))),
        _AGE,
    ),
    "Service": (
        _NAME,
        Column("Type", _at("spec", "type")),
        Column("Cluster-IP", _at("spec", "clusterIP")),
        Column("External-IP", lambda _obj, _now: _UNSET),
        Column("Port(s)", _ports),
        _AGE,
    ),
}
