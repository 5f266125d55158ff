"""Tests with the clients that people use: docker-py and testcontainers."""

import contextlib
import gc
import io
import tarfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import docker.errors
import pytest
from docker.models.containers import Container


@pytest.fixture(autouse=True)
def forgotten_sockets() -> Iterator[None]:
    """docker-py and testcontainers forget sockets: not the next test's fault."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def client(simulator: dict[str, Any]) -> Iterator[docker.DockerClient]:
    """docker-py; containers that a test leaves are removed."""
    client = docker.DockerClient(base_url=f"unix://{simulator['docker']['socket']}")
    yield client
    for container in client.containers.list(all=True):
        container.remove(force=True)
    client.close()


def test_run_and_return_the_output(client: docker.DockerClient) -> None:
    """``run`` in the foreground: attach or logs, wait, remove."""
    assert client.containers.run("test", ["echo", "hello"], remove=True) == b"hello\n"
    assert client.containers.list(all=True) == []


def test_failed_run_raises(client: docker.DockerClient) -> None:
    """With the exit code and stderr."""
    with pytest.raises(docker.errors.ContainerError) as caught:
        client.containers.run("test", ["sh", "-c", "echo why >&2; exit 3"])
    assert caught.value.exit_status == 3
    assert caught.value.stderr == b"why\n"


@pytest.mark.namespaces
def test_wrappers_way(client: docker.DockerClient, tmp_path: Path) -> None:
    """Detached, with limits, mounts and labels; wait, logs, remove."""
    volume = client.volumes.create("grids")
    network = client.networks.create("app")
    container: Container = client.containers.run(
        "test",
        ["sh", "-c", "echo $TOKEN; echo x >/io/made; touch /grids/x; exit 4"],
        environment={"TOKEN": "secret"},
        volumes=[f"{tmp_path}:/io:rw", "grids:/grids:ro"],
        mem_limit="1000m",
        cpu_shares=512,
        network="app",
        labels={"app": "qfc_worker", "type": "package"},
        detach=True,
        auto_remove=False,
    )
    assert container.wait(timeout=10) == {"Error": None, "StatusCode": 4}
    text = container.logs().decode()
    assert "secret\n" in text
    assert "Read-only file system" in text
    assert (tmp_path / "made").read_text() == "x\n"
    container.reload()
    host = container.attrs["HostConfig"]
    assert (host["Memory"], host["CpuShares"]) == (1000 * 2**20, 512)
    assert container.labels == {"app": "qfc_worker", "type": "package", "of": "image"}
    found = client.containers.list(all=True, filters={"label": "app=qfc_worker"})
    assert found == [container]
    container.remove()
    network.remove()
    volume.remove()


def test_timeout_of_wait(client: docker.DockerClient) -> None:
    """A wait that takes too long is an error of the client's connection."""
    import requests

    container = client.containers.run("test", ["sleep", "60"], detach=True)
    before = time.monotonic()
    with pytest.raises((requests.ConnectionError, requests.ReadTimeout)):
        container.wait(timeout=0.3)
    assert time.monotonic() - before < 5
    container.kill()
    assert container.wait()["StatusCode"] == 137


def test_follow_logs(client: docker.DockerClient) -> None:
    """Lines as they come, until the end."""
    container = client.containers.run(
        "test", ["sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.1; done"], detach=True
    )
    with contextlib.closing(container.logs(stream=True, follow=True)) as lines:
        assert b"".join(lines) == b"1\n2\n3\n"


def test_attach(client: docker.DockerClient) -> None:
    """Attached before the start, demultiplexed."""
    container = client.containers.create("test", ["sh", "-c", "echo out; echo err >&2"])
    with contextlib.closing(container.attach(stream=True, demux=True)) as stream:
        container.start()
        found = list(stream)
    assert (b"out\n", None) in found
    assert (None, b"err\n") in found


def test_no_image(client: docker.DockerClient) -> None:
    """docker-py pulls what isn't there, and that fails as with a registry."""
    with pytest.raises(docker.errors.ImageNotFound, match="pull access denied"):
        client.containers.run("nope")
    with pytest.raises(docker.errors.ImageNotFound):
        client.containers.create("nope")


def test_not_found_and_conflict(client: docker.DockerClient) -> None:
    """docker-py tells them apart by their status."""
    with pytest.raises(docker.errors.NotFound):
        client.containers.get("nope")
    client.containers.create("test", name="taken")
    with pytest.raises(docker.errors.APIError, match="is already in use") as caught:
        client.containers.create("test", name="taken")
    assert caught.value.status_code == 409


@pytest.mark.namespaces
def test_archive(client: docker.DockerClient) -> None:
    """A volume is filled through a container that never ran."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        member = tarfile.TarInfo("grid.tif")
        member.size = 4
        tar.addfile(member, io.BytesIO(b"abc\n"))
    helper = client.containers.create("test", volumes=["filled:/grids"])
    assert helper.put_archive("/grids", data.getvalue())
    output = client.containers.run(
        "test", ["cat", "/grids/grid.tif"], volumes=["filled:/grids:ro"], remove=True
    )
    assert output == b"abc\n"
    chunks, about = helper.get_archive("/grids/grid.tif")
    assert (about["name"], about["size"]) == ("grid.tif", 4)
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
        assert tar.getnames() == ["grid.tif"]
    helper.remove()
    client.volumes.get("filled").remove()


def test_events(client: docker.DockerClient) -> None:
    """A listener sees a container's life."""
    events = client.events(decode=True, filters={"type": "container"})
    client.containers.run("test", ["true"], remove=True)
    actions = []
    for event in events:
        actions.append(event["Action"])
        if event["Action"] == "destroy":
            break
    events.close()
    assert actions == ["create", "start", "die", "destroy"]


def test_output_of_many_megabytes(client: docker.DockerClient) -> None:
    """20 MB come back whole."""
    script = "head -c 20000000 /dev/zero | tr '\\0' x | fold -w 199"
    container = client.containers.run("test", ["sh", "-c", script], detach=True)
    container.wait()
    assert len(container.logs()) == 20_000_000 + 20_000_000 // 199


def test_testcontainers(
    simulator: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its containers start, answer and go, without its helper Ryuk."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{simulator['docker']['socket']}")
    from testcontainers.core.config import testcontainers_config
    from testcontainers.core.container import DockerContainer

    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
    container = DockerContainer("test").with_command(["sh", "-c", "echo up; sleep 60"])
    with container.with_env("A", "1").with_exposed_ports(8000) as started:
        wrapped = started.get_wrapped_container()
        with contextlib.closing(wrapped.logs(stream=True, follow=True)) as lines:
            assert next(lines) == b"up\n"
        assert int(started.get_exposed_port(8000)) > 0
    client = docker.DockerClient(base_url=f"unix://{simulator['docker']['socket']}")
    with contextlib.closing(client), pytest.raises(docker.errors.NotFound):
        client.containers.get(wrapped.id)
