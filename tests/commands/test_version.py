"""The version, as every command line tells it."""

from importlib import metadata

from typer.testing import CliRunner

from harness import cli


def test_the_version_needs_no_command():
    """One line, for a report of a mistake."""
    result = CliRunner().invoke(cli.app, ["--version"])
    assert result.exit_code == 0
    assert result.output == metadata.version("qfieldcloud-worker-harness") + "\n"
