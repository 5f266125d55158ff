"""docs/validating-a-cluster.md: its `validate` commands, run in its order."""

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness import cli

from .cluster import Cluster

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs" / "validating-a-cluster.md"
COMMANDS = re.findall(r"^qfc-harness (validate .*)$", PAGE.read_text("utf-8"), re.M)


NO_NAME = "QFV-902"
"""The simulator's pods don't know this machine's name, which is no Service's there."""


@pytest.mark.namespaces
def test_the_pages_commands_end_in_a_verdict(
    qfieldcloud: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read-only, then with real jobs, then compared with what those have written."""
    assert len(COMMANDS) == 3
    path = qfieldcloud.directory
    monkeypatch.chdir(path)
    monkeypatch.setenv("KUBECONFIG", str(qfieldcloud.kubeconfig()))
    qfieldcloud.settings()
    for command in COMMANDS:
        words = command.replace(" qfieldcloud ", f" {qfieldcloud.namespace} ")
        found = CliRunner().invoke(cli.app, shlex.split(words))
        written = path / ".qfc-harness" / "validation" / "validation.json"
        results = json.loads(written.read_text("utf-8"))["results"]
        failed = {
            one["id"]
            for one in results
            if one["status"] in ("fail", "error") and one["severity"] == "blocker"
        }
        assert failed <= {NO_NAME}, found.output
        assert found.exit_code == (1 if failed else 0), found.output
        assert ("real job look" in found.output) == ("--yes" in command)
