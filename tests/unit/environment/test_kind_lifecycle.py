"""What is known of kind before one is started, and what is said of its faults."""

from pathlib import Path
from typing import Any

import pytest

from harness.environment import kind_lifecycle
from harness.environment.kind_lifecycle import KindCluster, Tools
from harness.errors import EnvironmentMissing
from harness.settings import Settings


def program(place: Path, name: str, script: str) -> Path:
    path = place / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def settings_with(place: Path, **more: Any) -> Settings:
    return Settings(temporary=place, cache=place, path=f"{place}:/usr/bin:/bin", **more)


@pytest.mark.parametrize(
    ("words", "version"),
    [
        ("kind v0.30.0 go1.24.6 linux/amd64", (0, 30)),
        ("kind v0.17.0-alpha go1.19 linux/amd64", (0, 17)),
        ("v1.2.3", (1, 2)),
        ("command not found", ()),
        ("", ()),
    ],
)
def test_the_version_is_read(words: str, version: tuple[int, ...]) -> None:
    """Of releases, and of what isn't kind."""
    assert kind_lifecycle.version_of(words) == version


def test_tools_are_those_of_the_machine(tmp_path: Path) -> None:
    """On PATH; the node image from the settings."""
    kind = program(tmp_path, "kind", "echo kind v0.30.0 go1.24 linux/amd64")
    kubectl = program(tmp_path, "kubectl", "")
    found = kind_lifecycle.tools(settings_with(tmp_path, kind_image="node:1"))
    assert found == Tools(kind=str(kind), kubectl=str(kubectl), image="node:1")


def test_kind_may_be_named(tmp_path: Path) -> None:
    """By QFC_HARNESS_KIND_BIN, before the one on PATH."""
    program(tmp_path, "kind", "exit 1")
    program(tmp_path, "kubectl", "")
    other = program(tmp_path, "other", "echo kind v0.30.0 go1.24 linux/amd64")
    found = kind_lifecycle.tools(settings_with(tmp_path, kind_bin=str(other)))
    assert found.kind == str(other)


@pytest.mark.parametrize("missing", ["kind", "kubectl"])
def test_a_missing_tool_is_never_downloaded(tmp_path: Path, missing: str) -> None:
    """It is said, with what to do."""
    for name in {"kind", "kubectl"} - {missing}:
        program(tmp_path, name, "echo kind v0.30.0")
    settings = Settings(temporary=tmp_path, cache=tmp_path, path=str(tmp_path))
    with pytest.raises(EnvironmentMissing, match=f"{missing} is not on PATH"):
        kind_lifecycle.tools(settings)


@pytest.mark.parametrize(
    "script", ["echo kind v0.17.0 go1.19 linux/amd64", "echo what >&2; exit 2"]
)
def test_a_kind_that_is_too_old_is_refused(tmp_path: Path, script: str) -> None:
    """Or that isn't kind."""
    program(tmp_path, "kind", script)
    program(tmp_path, "kubectl", "")
    with pytest.raises(EnvironmentMissing, match="too old, or isn't kind") as caught:
        kind_lifecycle.tools(settings_with(tmp_path))
    assert "0.20 or newer" in str(caught.value)


def test_each_node_shares_the_directory(tmp_path: Path) -> None:
    """One control plane; the others are workers."""
    found: Any = kind_lifecycle.cluster_config(tmp_path, 2)
    assert [node["role"] for node in found["nodes"]] == ["control-plane", "worker"]
    for node in found["nodes"]:
        assert node["extraMounts"] == [
            {"hostPath": str(tmp_path), "containerPath": "/qfc-harness"}
        ]


class Engine:
    """A Docker Engine with room, and with no nodes."""

    containers: Any = None

    def info(self) -> dict[str, str]:
        """Its disk is not this machine's."""
        return {"DockerRootDir": "/nowhere"}


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("write /var/lib: no space left on device", "docker system df"),
        ("ERROR: failed to pull image kindest/node:v1", "QFC_HARNESS_KIND_IMAGE"),
        ("dial unix docker.sock: permission denied", "group docker"),
        ("who knows", "kind create cluster"),
    ],
)
def test_what_kind_says_is_shown_with_what_to_do(
    tmp_path: Path, said: str, hint: str
) -> None:
    """And what was begun is deleted again."""
    kind = program(
        tmp_path,
        "kind",
        f'echo "$@" >> {tmp_path}/calls\n'
        f'case "$1 $2" in "create cluster") echo "{said}" >&2; exit 1;; esac',
    )
    tools = Tools(kind=str(kind), kubectl="/bin/true", image="node:1")
    engine: Any = Engine()
    cluster = KindCluster("qfc-00000000", tmp_path, tools, engine)
    with pytest.raises(EnvironmentMissing) as caught:
        cluster.create()
    assert said in caught.value.message
    assert "Traceback" not in caught.value.message
    assert hint in caught.value.hint
    calls = (tmp_path / "calls").read_text()
    assert "create cluster --name=qfc-00000000" in calls
    assert "--image=node:1" in calls
    assert "delete cluster --name=qfc-00000000" in calls
    assert kind_lifecycle.found(tmp_path, tools, engine)[0] is None


def test_a_disk_that_is_too_full_is_said_beforehand(tmp_path: Path) -> None:
    """Not after minutes, by a node that doesn't come up."""

    class Full(Engine):
        def info(self) -> dict[str, str]:
            """Its disk is."""
            return {"DockerRootDir": str(tmp_path)}

    tools = Tools(kind="/bin/false", kubectl="/bin/false", image="")
    engine: Any = Full()
    cluster = KindCluster("qfc-00000000", tmp_path, tools, engine)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind_lifecycle, "ROOM", 2**62)
        with pytest.raises(EnvironmentMissing, match=r"too little room .* a cluster"):
            cluster.create()
