"""The Docker Engine under test: a real one, or the simulator's."""

import hashlib
import io
import json
import os
import subprocess
import tarfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from .. import simulator
from ..normalise import Normaliser
from ..recorder import Profile, Recorder
from ..wire import Api

PROFILE = "docker-20.10"
LABEL = "qfc-conformance"
IMAGE = "qfc-conformance:1"
IMAGE_CONFIG = {  # as `docker import --change` and the simulator's control API take it
    "env": {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
    "cmd": ["sh"],
}
ENTRY_IMAGE = "qfc-conformance:entrypoint"
ENTRY_CONFIG = {
    "env": {**IMAGE_CONFIG["env"], "COLOUR": "blue"},
    "entrypoint": ["/bin/sh", "-c", 'exec echo "$@"', "entry"],
    "cmd": ["from", "image"],
    "workdir": "/srv",
    "labels": {"from": "image", "both": "image"},
}

_IGNORED = {
    "body.GraphDriver": "the machine's storage driver",
    "body.ResolvConfPath": "a path of the machine's storage",
    "body.HostnamePath": "a path of the machine's storage",
    "body.HostsPath": "a path of the machine's storage",
    "body.LogPath": "a path of the machine's storage",
    "body.Mountpoint": "a path of the machine's storage",
    "body.AppArmorProfile": "depends on the machine",
    "body.HostConfig.CgroupnsMode": "host on cgroup v1, private on v2",
    "body.[].Status": "an age in words",
}


@pytest.fixture(scope="session")
def docker_url(target: str, ready: dict[str, Any] | None) -> str:
    """Where the engine answers."""
    if ready is not None:
        return f"unix://{ready['docker']['socket']}"
    if target != "docker_engine":
        pytest.skip(f"{target} has no Docker Engine API")
    return os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")


@pytest.fixture(scope="session")
def engine(docker_url: str, ready: dict[str, Any] | None) -> Iterator[Api]:
    """The engine, with the images that the tests run."""
    api = Api(docker_url)
    if ready is not None:
        for name, config in ((IMAGE, IMAGE_CONFIG), (ENTRY_IMAGE, ENTRY_CONFIG)):
            put = simulator.control(ready)("PUT", f"/_simulator/images/{name}", config)
            assert put.status == 200, put.body
    else:
        _make_images(api)
    yield api
    found = api("GET", f"/containers/json?all=1&filters={_label_filter()}").body
    for container in found:
        api("DELETE", f"/containers/{container['Id']}?force=1&v=1")
    for kind in ("volumes", "networks"):
        api("POST", f"/{kind}/prune?filters={_label_filter()}")


@pytest.fixture
def docker(engine: Api) -> Api:
    """One request: ``docker("GET", "/containers/json")``."""
    return engine


@pytest.fixture
def create(
    docker: Api, see: Recorder, request: pytest.FixtureRequest
) -> Iterator["Creator"]:
    """Makes containers of names that no other test uses; removed afterwards."""
    creator = Creator(docker, see, label_of(request.node))
    yield creator
    for name in creator.names:
        docker("DELETE", f"/containers/{name}?force=1&v=1")
    for path in creator.paths:
        docker("DELETE", path)


def label_of(test: pytest.Item) -> str:
    """Part of the names that a test makes up: its own, for any parameters."""
    number = hashlib.sha256(test.nodeid.encode()).hexdigest()[:4]
    return test.name.split("[")[0].removeprefix("test_") + f"-{number}-"


class DockerNormaliser(Normaliser):
    """All of the engine's times that have a fraction have one of nanoseconds."""

    nanoseconds = True


class Creator:
    """Containers of one test."""

    def __init__(self, docker: Api, see: Recorder, test: str) -> None:
        self._docker = docker
        self._see = see
        self._test = test
        self.names: list[str] = []
        self.paths: list[str] = []

    def name(self, suffix: str = "") -> str:
        """A name of this test, shown as ``<c>``."""
        name = f"qfc-conf-{os.getpid()}-{self._test}{suffix}"
        self.names.append(name)
        return self._see.name(name, f"c{suffix}")

    def volume(self, suffix: str = "") -> str:
        """The name of a volume; removed afterwards if it was made."""
        name = f"qfc-conf-vol-{os.getpid()}-{self._test}{suffix}"
        self.paths.append(f"/volumes/{name}?force=1")
        return self._see.name(name, f"volume{suffix}")

    def network(self, suffix: str = "") -> str:
        """The name of a network; removed afterwards if it was made."""
        name = f"qfc-conf-net-{os.getpid()}-{self._test}{suffix}"
        self.paths.append(f"/networks/{name}")
        return self._see.name(name, f"network{suffix}")

    def __call__(self, *cmd: str, suffix: str = "", **config: Any) -> str:
        """Create one with ``sh -c cmd`` (or the arguments given); its name."""
        name = self.name(suffix)
        argv = ["sh", "-c", *cmd] if len(cmd) == 1 else list(cmd)
        body = {"Image": IMAGE, "Cmd": argv or None, **config}
        body["Labels"] = {LABEL: "1", **config.get("Labels", {})}
        answer = self._docker("POST", f"/containers/create?name={name}", body)
        assert answer.status == 201, answer.body
        return name

    def run(self, *cmd: str, suffix: str = "", **config: Any) -> str:
        """Create, start, wait for the end; its name."""
        name = self(*cmd, suffix=suffix, **config)
        started = self._docker("POST", f"/containers/{name}/start")
        assert started.status == 204, started.body
        self._docker("POST", f"/containers/{name}/wait")
        return name


@pytest.fixture(scope="session")
def profile() -> Profile:
    """How Docker's answers are compared."""
    return Profile(PROFILE, _IGNORED, DockerNormaliser)


@pytest.fixture(scope="session")
def origin(engine: Api) -> dict[str, Any]:
    """Proof that a real engine answers; fails for anything else."""
    version = engine("GET", "/version")
    info = engine("GET", "/info").body
    processes = {path.read_text().strip() for path in Path("/proc").glob("*/comm")}
    proofs = {
        "no simulator's header": "X-Qfc-Simulator" not in version.headers,
        "this kernel": info["KernelVersion"] == os.uname().release,
        "a dockerd process": "dockerd" in processes,
        "a containerd process": "containerd" in processes,
        "a containerd commit": bool(info["ContainerdCommit"]["ID"]),
    }
    missing = [name for name, holds in proofs.items() if not holds]
    if missing:
        pytest.fail(f"--record: not proven to be a real engine: {', '.join(missing)}")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True
    )
    return {
        "profile": PROFILE,
        "server": version.body["Version"],
        "api": version.body["ApiVersion"],
        "components": {c["Name"]: c["Version"] for c in version.body["Components"]},
        "kernel": info["KernelVersion"],
        "cgroup": info["CgroupVersion"],
        "recorded": date.today().isoformat(),
        "recorder": commit.stdout.strip(),
    }


def _label_filter() -> str:
    return json.dumps({"label": [LABEL]}).replace('"', "%22").replace(" ", "")


def _make_images(api: Api) -> None:
    """A base image without configuration, so that both sides start alike."""
    if api("GET", f"/images/{ENTRY_IMAGE}/json").status == 200:
        return
    base = "debian:bookworm-slim"
    made = api("POST", "/containers/create", {"Image": base, "Labels": {LABEL: "1"}})
    assert made.status == 201, f"{base} is needed to make the test image: {made.body}"
    root = api("GET", f"/containers/{made.body['Id']}/export").raw
    api("DELETE", f"/containers/{made.body['Id']}")
    path = IMAGE_CONFIG["env"]["PATH"]
    changes = f"changes=ENV%20PATH={path}&changes=CMD%20%5B%22sh%22%5D"
    repo, tag = IMAGE.split(":")
    api("POST", f"/images/create?fromSrc=-&repo={repo}&tag={tag}&{changes}", root)
    lines = [
        f"FROM {IMAGE}",
        "ENV COLOUR=blue",
        f"ENTRYPOINT {json.dumps(ENTRY_CONFIG['entrypoint'])}",
        f"CMD {json.dumps(ENTRY_CONFIG['cmd'])}",
        f"WORKDIR {ENTRY_CONFIG['workdir']}",
        "LABEL from=image both=image",
    ]
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        data = "\n".join(lines).encode()
        member = tarfile.TarInfo("Dockerfile")
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
    built = api(
        "POST",
        f"/build?t={ENTRY_IMAGE}",
        context.getvalue(),
        headers={"Content-Type": "application/x-tar"},
    )
    assert b"Successfully tagged" in built.raw, built.body
