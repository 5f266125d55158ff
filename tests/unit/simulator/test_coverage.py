"""Tests of the published coverage."""

from pathlib import Path

import pytest

from harness.simulator import coverage
from harness.simulator.docker_api.routes import ROUTES


def test_page_is_fresh() -> None:
    """`python -m harness.simulator.coverage` writes it; it is committed."""
    assert coverage.PAGE.read_text() == coverage.page(), "the page is stale"


def test_every_request_is_on_the_page() -> None:
    """Answered or refused."""
    text = coverage.page()
    for route in ROUTES:
        assert f"`{route.method} {route.path}`" in text


def test_every_kubernetes_resource_is_on_the_page() -> None:
    """Those of a real server that are refused are listed, and no others."""
    title = "## Refused resources and subresources"
    refused = coverage.page().partition(title)[2].partition("\n## ")[0]
    for line in ("- batch/v1: `cronjobs`", "`pods/exec`", "`services/proxy`"):
        assert line in refused
    assert "`pods/log`" not in refused
    assert "`pods`" not in refused


def test_proofs_come_from_the_records() -> None:
    """Creating a container is proven to be answered 201 and 404, among others."""
    (row,) = (
        line
        for line in coverage.page().splitlines()
        if line.startswith("| `POST /containers/create`")
    )
    proven = row.split("|")[3]
    assert {"201", "400", "404", "409", "500"} <= set(proven.replace(",", " ").split())


def test_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Stale is 1, with what to do; fresh is 0."""
    monkeypatch.setattr(coverage, "PAGE", tmp_path / "page.md")
    assert coverage.main(["--check"]) == 1
    assert "run python -m harness.simulator.coverage" in capsys.readouterr().err
    assert coverage.main([]) == 0
    assert coverage.main(["--check"]) == 0
