"""What is made through testcontainers on a real engine, and the way to the stand-in."""

import dataclasses
from pathlib import Path

import docker
import pytest

from harness import run
from harness.environment import containers, engine, images, reach
from harness.environment.docker_place import RUN_LABEL
from harness.expectations.finding import Verdict
from harness.settings import Settings

pytestmark = pytest.mark.docker_engine
RUN = "0000abcd"


def test_a_network_has_our_label_and_goes(
    settings: Settings, client: docker.DockerClient
) -> None:
    """And testcontainers' own, by which its reaper would find it."""
    socket, name = engine.socket(settings), f"qfc-{RUN}-1"
    with containers.network(socket, name, {RUN_LABEL: RUN}):
        (found,) = client.networks.list(filters={"label": f"{RUN_LABEL}={RUN}"})
        assert found.name == name
        assert found.attrs["Labels"]["org.testcontainers"] == "true"
    assert client.networks.list(filters={"label": f"{RUN_LABEL}={RUN}"}) == []


def test_whether_containers_reach_an_address_is_tried(
    settings: Settings, client: docker.DockerClient
) -> None:
    """The bridge's; one that is nobody's; one that is another for a container."""
    socket, probe = engine.socket(settings), images.build(client, "probe")
    assert reach.unreached(socket, probe, reach.gateway(client), RUN) == ""
    nobodys = reach.unreached(socket, probe, "192.0.2.1", RUN)
    assert "no address of this machine" in nobodys
    assert "don't get through" in reach.unreached(socket, probe, "127.0.0.2", RUN)
    labelled = {"label": f"{RUN_LABEL}={RUN}"}
    assert client.containers.list(all=True, filters=labelled) == []


def test_workers_reach_the_stand_in_through_a_container(
    settings: Settings, client: docker.DockerClient
) -> None:
    """As with Docker Desktop: it listens on loopback, where no container gets, and the
    worker's report arrives all the same."""
    options = run.Options(
        paths=(Path("scenarios/contract/worker-given.yaml"),),
        environment="docker_engine",
        backends=("docker",),
    )
    relayed = dataclasses.replace(settings, relay=True)
    report = run.run(options, relayed, lambda *_: None)
    (cell,) = report.cells
    assert cell.verdict is Verdict.PASS, cell.failures
    reached = [one for one in cell.findings if one.check == "worker.reaches-api"]
    assert [one.verdict for one in reached] == [Verdict.PASS]
    (described,) = report.environments
    assert "through a container, for QFC_HARNESS_RELAY says so" in described.note
