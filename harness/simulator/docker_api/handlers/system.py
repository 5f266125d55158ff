"""The engine itself: is it there, which version, what happens."""

import os
import platform
from typing import Any

from aiohttp import web

from harness.simulator.clock import rfc3339_nano
from harness.simulator.docker_api import query
from harness.simulator.docker_api.call import Call, answer, stream, text
from harness.simulator.docker_api.engine import API_VERSION, MIN_API_VERSION, VERSION
from harness.simulator.docker_api.errors import InvalidError
from harness.simulator.docker_api.go_json import encode

_BUILT = "2023-04-04T18:17:40.000000000+00:00"


async def ping(call: Call) -> web.StreamResponse:
    """Say that the engine is there."""
    response = text("" if call.request.method == "HEAD" else "OK")
    response.headers["Cache-Control"] = "no-cache, no-store, must-revalidate"
    response.headers["Pragma"] = "no-cache"
    return response


async def version(call: Call) -> web.StreamResponse:
    """Tell the engine's version and its API's."""
    about: dict[str, Any] = {
        "ApiVersion": API_VERSION,
        "Arch": call.engine.architecture,
        "BuildTime": _BUILT,
        "Experimental": "false",
        "GitCommit": "simulated",
        "GoVersion": "none",
        "KernelVersion": platform.release(),
        "MinAPIVersion": MIN_API_VERSION,
        "Os": "linux",
    }
    parts: list[dict[str, Any]] = [
        {"Name": "Engine", "Version": VERSION, "Details": about}
    ]
    for name in ("containerd", "runc", "docker-init"):
        commit = {"GitCommit": "simulated"}
        parts.append({"Name": name, "Version": "simulated", "Details": commit})
    shown = {key: value for key, value in about.items() if key != "Experimental"}
    platform_name = {"Name": "QFieldCloud worker harness: simulated"}
    return answer(
        {"Platform": platform_name, "Components": parts, "Version": VERSION, **shown}
    )


async def info(call: Call) -> web.StreamResponse:
    """Describe the engine and its machine."""
    engine = call.engine
    states = [container.state.status for container in engine.containers.all()]
    page = os.sysconf("SC_PAGE_SIZE")
    system = {
        "ID": "SIMULATED",
        "Containers": len(states),
        "ContainersRunning": states.count("running"),
        "ContainersPaused": 0,
        "ContainersStopped": len(states) - states.count("running"),
        "Images": len(engine.images.all()),
        "SystemTime": rfc3339_nano(engine.world.clock.now_ns()),
        "KernelVersion": platform.release(),
        "OperatingSystem": "QFieldCloud worker harness (simulated)",
        "Architecture": platform.machine(),
        "NCPU": os.cpu_count() or 1,
        "MemTotal": os.sysconf("SC_PHYS_PAGES") * page,
        "Name": platform.node(),
        "ServerVersion": VERSION,
        "DockerRootDir": str(engine.world.directory / "docker"),
        "NEventsListener": engine.events.listeners,
        "Driver": "overlay2",
        "DriverStatus": [["Backing Filesystem", "simulated"]],
        "LoggingDriver": "json-file",
        "CgroupDriver": "cgroupfs",
        "CgroupVersion": "2",
        "OSType": "linux",
        "OSVersion": "",
        "DefaultRuntime": "runc",
        "Runtimes": {"runc": {"path": "runc"}},
        "Isolation": "",
        "InitBinary": "docker-init",
        "IndexServerAddress": "https://index.docker.io/v1/",
        "SecurityOptions": [],
        "Warnings": None,
        "Labels": [],
        "NFd": 0,
        "NGoroutines": 0,
        "GenericResources": None,
    }
    return answer({**system, **_CAPABILITIES, **_UNUSED})


_CAPABILITIES = {
    **dict.fromkeys(("MemoryLimit", "SwapLimit", "CpuCfsPeriod", "CpuCfsQuota"), True),
    **dict.fromkeys(("CPUShares", "CPUSet", "PidsLimit", "IPv4Forwarding"), True),
    **dict.fromkeys(("BridgeNfIptables", "BridgeNfIp6tables"), True),
    **dict.fromkeys(("KernelMemory", "KernelMemoryTCP", "OomKillDisable"), False),
    **dict.fromkeys(("Debug", "ExperimentalBuild", "LiveRestoreEnabled"), False),
    **dict.fromkeys(("HttpProxy", "HttpsProxy", "NoProxy"), ""),
}
_UNUSED = {
    "Plugins": {
        "Volume": ["local"],
        "Network": ["bridge", "host", "null"],
        "Authorization": None,
        "Log": ["json-file"],
    },
    "RegistryConfig": {
        "AllowNondistributableArtifactsCIDRs": [],
        "AllowNondistributableArtifactsHostnames": [],
        "InsecureRegistryCIDRs": [],
        "IndexConfigs": {},
        "Mirrors": [],
    },
    "Swarm": {
        "NodeID": "",
        "NodeAddr": "",
        "LocalNodeState": "inactive",
        "ControlAvailable": False,
        "Error": "",
        "RemoteManagers": None,
    },
    **{
        name: {"ID": "simulated", "Expected": "simulated"}
        for name in ("ContainerdCommit", "RuncCommit", "InitCommit")
    },
}


async def events(call: Call) -> web.StreamResponse:
    """Send what has happened since a moment, and what happens until another."""
    since_text, until_text = call.query.get("since", ""), call.query.get("until", "")
    since_ns, until_ns = map(query.timestamp_ns, (since_text, until_text))
    if since_ns is not None and until_ns is not None and since_ns > until_ns:
        raise InvalidError(
            f"`since` time ({since_text}) cannot be after `until` time ({until_text})"
        )
    filters = query.filters(call.query, None)
    response = await stream(call, "application/json")
    found = call.engine.events.read(
        since_ns=since_ns, until_ns=until_ns, filters=filters
    )
    async for event in found:
        await response.write(encode(event))
    await response.write_eof()
    return response
