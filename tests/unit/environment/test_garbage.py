"""Whose a container is that hasn't our label; where nobody can look."""

import contextlib
from pathlib import Path

import pytest

from harness.environment import garbage
from harness.environment.garbage import run_of
from harness.settings import Settings
from harness.standin import run_record
from harness.standin.run_directory import open_run_directory

NETWORKS = {"qfc-0badcafe-3": "0badcafe"}


@pytest.mark.parametrize(
    ("labels", "network", "run_id"),
    [
        ({"qfc-harness.run": "12345678"}, "bridge", "12345678"),
        ({}, "qfc-0badcafe-3", "0badcafe"),
        ({"app": "harness-0badcafe-3_worker"}, "bridge", "0badcafe"),
        ({"app": "Prod@Zürich, the long one-0badcafe-12_worker"}, "", "0badcafe"),
        ({"app": "prod_worker", "type": "package"}, "prod_default", ""),
        ({"app": "0badcafe_worker"}, "bridge", ""),
        ({"app": "harness-0badcafe-3"}, "bridge", ""),
        ({}, "qfc-0badcafe-30", ""),
        ({}, "bridge", ""),
    ],
    ids=str,
)
def test_a_container_is_of_a_run_by_label_network_or_environment(
    labels: dict[str, str], network: str, run_id: str
) -> None:
    """Those of a production on the same engine are nobody's."""
    assert run_of(labels, network, NETWORKS) == run_id


def record_in(place: Path, **where: str) -> Settings:
    """Settings with the record of a dead run that was in a namespace."""
    settings = Settings(temporary=place, cache=place, state=place / "state")
    with contextlib.suppress(RuntimeError), open_run_directory(settings) as run:
        run.outlives("kubeconfig", **where)
        raise RuntimeError
    return settings


def test_a_namespace_that_nobody_can_look_into_is_not_forgotten(
    short_tmp: Path,
) -> None:
    """The record stays, and no engine is looked for that the run never used."""
    settings = record_in(
        short_tmp,
        kubeconfig=str(short_tmp / "gone"),
        context="",
        server="https://c",
        namespace="qfc",
    )
    swept = garbage.collect(settings)
    assert len(swept.not_looked) == 1
    assert str(short_tmp / "gone") in swept.not_looked[0]
    with run_record.dead(settings) as records:
        assert len(records) == 1


def test_a_kubeconfig_of_another_cluster_is_not_touched(short_tmp: Path) -> None:
    """What is named like ours there is somebody else's."""
    kubeconfig = short_tmp / "config"
    kubeconfig.write_text(
        "{apiVersion: v1, kind: Config, current-context: c, users: [],"
        " contexts: [{name: c, context: {cluster: c}}],"
        " clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]}"
    )
    settings = record_in(
        short_tmp,
        kubeconfig=str(kubeconfig),
        context="",
        server="https://127.0.0.1:2",
        namespace="qfc",
    )
    (words,) = garbage.collect(settings).not_looked
    assert "names https://127.0.0.1:1 now" in words
    assert "rm " in words
