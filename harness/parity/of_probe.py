"""The facts of a worker from inside: what the probe found that it was really given."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..replay.observation import Observation
from .of_worker import env_value

PLACES = ("/io", "/transformation_grids")
_V1_NO_LIMIT = 2**62
_MARK = "/.dockerenv"
"""The engine's own, a file in its image layers; the simulator has to mount it."""
_FLAGS = ("nosuid", "nodev", "noexec")
_NOT_ITS_OWN = {
    *("env HOME", "env PATH", "env QFC_SIMULATOR_CONTAINER"),
    *("env QFC_SIMULATOR_MOUNTS", "process.pid"),
}
"""What a worker without namespaces has of the machine and of how it is simulated."""
_PROCESS = (
    "cwd",
    "executable",
    "pid",
    "uid",
    "gid",
    "groups",
    "umask",
    "capabilities",
    "no_new_privileges",
    "seccomp",
)


def fields(seen: Observation) -> Iterator[tuple[str, Any]]:
    """Name and value of each; nothing where there is no report."""
    if not seen.scripted:
        return
    report = seen.probe
    yield "probe.reports", len(seen.snapshot["probe"])
    if report is None:
        return
    hidden = set() if seen.capabilities.namespaces else _NOT_ITS_OWN
    for name, value in _fields(seen, report):
        if name in hidden:
            continue
        yield f"probe.{name}", value


def _fields(seen: Observation, report: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "argv", report["argv"]
    yield "entrypoint_kept", report["entrypoint_kept"]
    for name, value in report["env"].items():
        yield f"env {name}", env_value(seen, name, value)
    for name in report["env_not_utf8"]:
        yield f"env {name} is UTF-8", False
    for name in _PROCESS:
        yield f"process.{name}", report["process"][name]
    machine = report["machine"]
    yield "hostname", machine["hostname"]
    yield "time_zone", machine["time_zone"]
    yield "python", machine["python"]
    for path in PLACES:
        yield from _mount(path, report["mounts"][path])
    for mount in report["other_mounts"]:
        if mount["path"] != _MARK:
            yield f"other mount {mount['path']}", _writing(mount)
    yield from _io(report["io"])
    yield from _grids(report["transformation_grids"])
    yield from _limits(report["limits"])
    yield "service_account_tokens", len(report["service_account_tokens"])
    yield "docker_sockets", report["docker_sockets"]
    yield "API status", report["api"].get("status") or report["api"].get("error")
    for path, found in report["outside"].items():
        yield f"reads {path}", found["readable"]
    yield "script from", report["script"]["source"]


def _writing(mount: Mapping[str, Any]) -> str:
    return "read-only" if mount["read_only"] else "writable"


def _mount(path: str, mount: Mapping[str, Any] | None) -> Iterator[tuple[str, Any]]:
    yield f"mount {path}", "none" if mount is None else _writing(mount)
    if mount is not None:
        flags = [
            one for one in mount["options"] if one in ("nosuid", "nodev", "noexec")
        ]
        yield f"mount {path} options", ", ".join(flags) or "none"


def _io(io: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "/io writable", io["writable"]
    yield "/io new file", _file(io.get("new_file"))
    yield "/io owner", io["owner"]
    yield "/io other jobs", io["jobs"]
    for name, found in io["files"].items():
        yield f"/io file {name}", _file(found)


def _grids(grids: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "/transformation_grids writable", grids["writable"]
    yield "/transformation_grids refuses with", grids.get("error") or "nothing"
    for name, found in grids["files"].items():
        # its mode is the harness's own doing, not the wrapper's
        yield f"/transformation_grids file {name}", f"{found.get('size')} bytes"


def _file(found: Mapping[str, Any] | None) -> str:
    if found is None or "type" not in found:
        return "none"
    return "{type} {size} bytes, mode {mode}, owner {uid}:{gid}".format(**found)


def _limits(limits: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """In the words of cgroup v2, whichever version the kernel has."""
    memory, weight = limits["memory"], limits["cpu_weight"]
    quota = limits["cpu_quota"]
    yield "limit memory", _bytes(memory["value"]) if memory else "not told"
    yield (
        "limit cpu weight",
        _weight(weight["value"], weight["file"]) if weight else "not told",
    )
    yield "limit cpu quota", _quota(quota["value"]) if quota else "not told"
    yield "limit /dev/shm", limits["shm_bytes"]


def _bytes(value: str) -> str:
    return "none" if value == "max" or int(value) >= _V1_NO_LIMIT else value


def _weight(value: str, file: str) -> str:
    """As runc makes a weight of v1's shares."""
    if not file.endswith("cpu.shares"):
        return value
    return str(1 + (int(value) - 2) * 9999 // 262142)


def _quota(value: str) -> str:
    return "none" if value == "-1" or value.startswith("max ") else value.split()[0]
