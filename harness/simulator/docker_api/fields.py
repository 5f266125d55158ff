"""Every field of a container's creation, and what becomes of it here.

*modelled* does what it does in the engine; *kept* is shown by inspect and has no
effect, as is said in the docs; *refused* is answered 501 unless it has the value that
changes nothing. Fields that API 1.41 doesn't have are ignored, as the engine does.
"""

import enum
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from harness.simulator.docker_api import go_json
from harness.simulator.docker_api.errors import ApiError, GapError, not_modelled


class Policy(enum.Enum):
    """What becomes of a field."""

    MODELLED = "modelled"
    KEPT = "kept"
    REFUSED = "refused"


class Field(NamedTuple):
    """One field: its type in Go, and its value where nothing was given."""

    name: str
    go_type: str
    default: Any
    policy: Policy
    harmless: tuple[Any, ...] = ()
    """Values that a refused field may have besides empty ones."""


_M, _K, _R = Policy.MODELLED, Policy.KEPT, Policy.REFUSED

_MASKED_PATHS = [
    *("/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys"),
    *("/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats"),
    *("/proc/sched_debug", "/proc/scsi", "/sys/firmware"),
]
_READONLY_PATHS = [
    *("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"),
]

CONFIG = (
    Field("Hostname", "string", "", _M),
    Field("Domainname", "string", "", _R),
    Field("User", "string", "", _M),
    Field("AttachStdin", "bool", False, _K),
    Field("AttachStdout", "bool", False, _K),
    Field("AttachStderr", "bool", False, _K),
    Field("ExposedPorts", "map[string]any", None, _M),
    Field("Tty", "bool", False, _R),
    Field("OpenStdin", "bool", False, _R),
    Field("StdinOnce", "bool", False, _K),
    Field("Env", "[]string", None, _M),
    Field("Cmd", "any", None, _M),
    Field("Healthcheck", "object", None, _R),
    Field("ArgsEscaped", "bool", None, _K),
    Field("Image", "string", "", _M),
    Field("Volumes", "map[string]any", None, _M),
    Field("WorkingDir", "string", "", _M),
    Field("Entrypoint", "any", None, _M),
    Field("NetworkDisabled", "bool", None, _R),
    Field("MacAddress", "string", "", _R),
    Field("OnBuild", "[]string", None, _K),
    Field("Labels", "map[string]string", None, _M),
    Field("StopSignal", "string", "", _M),
    Field("StopTimeout", "int", None, _M),
    Field("Shell", "[]string", None, _K),
)
OMITTED = (
    *("ExposedPorts", "Healthcheck", "ArgsEscaped", "NetworkDisabled"),
    *("MacAddress", "StopSignal", "StopTimeout", "Shell"),
)
"""Fields that Go leaves out of its answers where they are empty."""

HOST_CONFIG = (
    Field("Binds", "[]string", None, _M),
    Field("ContainerIDFile", "string", "", _K),
    Field("LogConfig", "object", {"Type": "json-file", "Config": {}}, _M),
    Field("NetworkMode", "string", "default", _M),
    Field("PortBindings", "map[string]any", None, _M),
    Field("RestartPolicy", "object", {"Name": "", "MaximumRetryCount": 0}, _M),
    Field("AutoRemove", "bool", False, _M),
    Field("VolumeDriver", "string", "", _R, ("local",)),
    Field("VolumesFrom", "[]string", None, _R),
    Field("CapAdd", "[]string", None, _R),
    Field("CapDrop", "[]string", None, _R),
    Field("CgroupnsMode", "string", "private", _K),
    Field("Dns", "[]string", None, _R),
    Field("DnsOptions", "[]string", None, _R),
    Field("DnsSearch", "[]string", None, _R),
    Field("ExtraHosts", "[]string", None, _M),
    Field("GroupAdd", "[]string", None, _R),
    Field("IpcMode", "string", "private", _R, ("private", "shareable")),
    Field("Cgroup", "string", "", _R),
    Field("Links", "[]string", None, _R),
    Field("OomScoreAdj", "int", 0, _K),
    Field("PidMode", "string", "", _R),
    Field("Privileged", "bool", False, _R),
    Field("PublishAllPorts", "bool", False, _R),
    Field("ReadonlyRootfs", "bool", False, _R),
    # namespaces always come with no_new_privs
    Field("SecurityOpt", "[]string", None, _R, (["no-new-privileges"],)),
    Field("UTSMode", "string", "", _R),
    Field("UsernsMode", "string", "", _R),
    Field("ShmSize", "int64", 64 * 2**20, _M),
    Field("Runtime", "string", "runc", _M),
    Field("ConsoleSize", "any", [0, 0], _K),
    Field("Isolation", "string", "", _R, ("default",)),
    Field("CpuShares", "int64", 0, _M),
    Field("Memory", "int64", 0, _M),
    Field("NanoCpus", "int64", 0, _M),
    Field("CgroupParent", "string", "", _R),
    Field("BlkioWeight", "uint16", 0, _R),
    Field("BlkioWeightDevice", "any", None, _R),
    Field("BlkioDeviceReadBps", "any", None, _R),
    Field("BlkioDeviceWriteBps", "any", None, _R),
    Field("BlkioDeviceReadIOps", "any", None, _R),
    Field("BlkioDeviceWriteIOps", "any", None, _R),
    Field("CpuPeriod", "int64", 0, _M),
    Field("CpuQuota", "int64", 0, _M),
    Field("CpuRealtimePeriod", "int64", 0, _R),
    Field("CpuRealtimeRuntime", "int64", 0, _R),
    Field("CpusetCpus", "string", "", _R),
    Field("CpusetMems", "string", "", _R),
    Field("Devices", "any", None, _R),
    Field("DeviceCgroupRules", "any", None, _R),
    Field("DeviceRequests", "any", None, _R),
    Field("KernelMemory", "int64", 0, _R),
    Field("KernelMemoryTCP", "int64", 0, _R),
    Field("MemoryReservation", "int64", 0, _K),
    Field("MemorySwap", "int64", 0, _K),
    Field("MemorySwappiness", "int64", None, _K),
    Field("OomKillDisable", "bool", False, _R),
    Field("PidsLimit", "int64", None, _K),
    Field("Ulimits", "any", None, _R),
    Field("CpuCount", "int64", 0, _R),
    Field("CpuPercent", "int64", 0, _R),
    Field("IOMaximumIOps", "int64", 0, _R),
    Field("IOMaximumBandwidth", "int64", 0, _R),
    Field("MaskedPaths", "[]string", _MASKED_PATHS, _K),
    Field("ReadonlyPaths", "[]string", _READONLY_PATHS, _K),
    Field("Init", "bool", None, _R),
    Field("Mounts", "any", None, _M),
    Field("StorageOpt", "map[string]string", None, _R),
    Field("Sysctls", "map[string]string", None, _R),
    Field("Tmpfs", "map[string]string", None, _M),
)
OMITTED_HOST = ("Init", "Mounts", "StorageOpt", "Sysctls", "Tmpfs")


def check_types(
    body: Mapping[str, Any], fields: tuple[Field, ...], struct: str
) -> None:
    """Raise Go's error where a value can't be put into its field."""
    for field in fields:
        value = body.get(field.name)
        if go_json.matches(value, field.go_type):
            continue
        if field.go_type.startswith("[]") and isinstance(value, list):
            value = next(v for v in value if not isinstance(v, str))
            wanted = field.go_type[2:]
        else:
            wanted = field.go_type
        raise ApiError(
            f"json: cannot unmarshal {go_json.kind(value)} into Go struct field "
            f"{struct}.{field.name} of type {wanted}"
        )


def with_defaults(body: Mapping[str, Any], fields: tuple[Field, ...]) -> dict[str, Any]:
    """All fields, as inspect shows them; unknown ones are gone."""
    return {
        field.name: field.default if body.get(field.name) is None else body[field.name]
        for field in fields
    }


def refused(body: Mapping[str, Any], fields: tuple[Field, ...]) -> Iterator[GapError]:
    """The fields that would change something here if they were modelled."""
    for field in fields:
        value = body.get(field.name)
        if field.policy is not Policy.REFUSED or not value:
            continue
        if value in (field.default, *field.harmless):
            continue
        yield not_modelled(f"{field.name}={value!r} of a container", "fields.py")
