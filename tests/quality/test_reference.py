"""The reference is as the code says it, and the code is as its commands do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness import cli, errors
from harness.exit_codes import EXIT_CODES

from . import reference

COMMANDS = dict(reference.commands())
NAMES = [name.replace("scenarios", "files") for name in COMMANDS]
"""As ids: `pytest -k scenario` selects cells, and nothing else."""


@pytest.mark.parametrize("name", reference.PAGES, ids=range(len(reference.PAGES)))
def test_a_page_is_fresh(name: str):
    """`python tests/quality/reference.py` writes them all."""
    path = reference.FOLDER / name
    assert path.is_file(), reference.COMMAND
    assert path.read_text(encoding="utf-8") == reference.page(name), reference.COMMAND


def test_no_page_is_left_over():
    """One whose writer is gone."""
    assert {one.name for one in reference.FOLDER.iterdir()} == set(reference.PAGES)


def test_every_command_has_its_exit_codes():
    """And none is told of that there is not."""
    assert set(EXIT_CODES) == set(COMMANDS)


def test_every_error_has_an_exit_code_that_is_told():
    """Whatever a command may raise: `run` may raise all of them."""
    found = {one.exit_code for one in errors.HarnessError.__subclasses__()}
    assert found <= set(EXIT_CODES["run"])


@pytest.mark.parametrize("words", COMMANDS, ids=NAMES)
def test_help_has_an_example_that_parses(words: str):
    """It begins with this very command, and its options are ones that there are."""
    example = COMMANDS[words].epilog or ""
    assert example.startswith(f"Example: `qfc-harness {words}"), words
    line = example.split("`")[1].split(" | ")[0]
    arguments = [*line.split()[1:], "--help"]
    assert CliRunner().invoke(cli.app, arguments).exit_code == 0


@pytest.mark.parametrize("words", COMMANDS, ids=NAMES)
def test_wrong_usage_ends_with_2(words: str):
    """On every command."""
    found = CliRunner().invoke(cli.app, [*words.split(), "--no-such-option"])
    assert found.exit_code == 2


SEEN = [
    ("scenarios list", 0),
    ("scenarios list --json", 0),
    ("scenarios check", 0),
    ("scenarios schema", 0),
    ("scenarios show timeout", 0),
    ("scenarios show no-such", 2),
    ("scenarios check no-such", 2),
    ("manifests list", 0),
    ("manifests render --overlay production", 0),
    ("manifests render --overlay no-such", 2),
    ("manifests render --overlay base", 2),
    ("manifests render --overlay kind --values no-such", 2),
    ("report no-such", 2),
    ("validate --namespace n --values no-such", 2),
    ("doctor --json", 0),
    ("status", 0),
    ("status --json", 0),
    ("up no-such", 2),
    ("down no-such", 2),
    ("run no-such", 2),
    ("run --backend podman", 2),
    ("run --environment no-such", 2),
    (
        "run --environment kubeconfig --kubeconfig no-such --namespace n "
        "--app-image a --probe-image p",
        3,
    ),
    ("fidelity --environment no-such", 2),
]


# what another test of this process left to the garbage collector is none of a command's
@pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.parametrize(("line", "code"), SEEN, ids=range(len(SEEN)))
def test_an_exit_code_is_as_it_is_told(
    line: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """From any directory; those of whole runs are seen in tests/commands."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QFC_HARNESS_STATE", str(tmp_path / "state"))
    found = CliRunner().invoke(cli.app, line.split())
    assert found.exit_code == code, found.output
    command = next(one for one in COMMANDS if line.startswith(one))
    assert code in EXIT_CODES[command]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes(shell: str):
    """What the script that `--install-completion` installs asks for."""
    asked = {
        **os.environ,
        "_QFC_HARNESS_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": "qfc-harness scenarios sch",
        "COMP_CWORD": "2",
        "_TYPER_COMPLETE_ARGS": "qfc-harness scenarios sch",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    main = (
        "import sys; sys.argv[0] = 'qfc-harness'; from harness.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", main], env=asked, capture_output=True, text=True
    )
    assert "schema" in done.stdout
