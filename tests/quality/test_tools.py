"""Lint, format, types and layers: what the tools say of the project is nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
TOOLS = {
    "ruff check": "ruff check --fix",
    "ruff format --check": "ruff format",
    "mypy": "mypy",
    "lint-imports": "lint-imports",
}
"""Each door, and the command that mends, or shows, what it finds."""


def run(command: str, place: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    """Run a script of this Python's environment in a directory."""
    name, *arguments = command.split()
    return subprocess.run(
        [str(Path(sys.executable).parent / name), *arguments],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.parametrize("command", TOOLS)
def test_the_tool_finds_nothing(command: str):
    """As ``tox -e lint`` and ``tox -e type`` ask."""
    ended = run(command)
    words = f"`{TOOLS[command]}`:\n{ended.stdout}{ended.stderr}"
    assert ended.returncode == 0, words


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        ("ruff check", "import os\n"),
        ("ruff format --check", "x  =  1\n"),
        ("mypy", "def half(x: int) -> str:\n    return x / 2\n"),
    ],
    ids=lambda value: value.split()[0],
)
def test_the_tool_finds_a_mistake(tmp_path: Path, command: str, wrong: str):
    """With the project's own settings; a tool that is switched off proves nothing."""
    for package in ("harness", "worker_wrapper"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text('"""A package."""\n')
    for folder in ("fixtures/worker/qfc_worker", "fixtures/probe"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / f"{Path(folder).name}_part.py").write_text('"""A."""\n')
    settings = (REPOSITORY / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(settings)
    assert run(command, tmp_path).returncode == 0
    (tmp_path / "harness" / "wrong.py").write_text(f'"""A module."""\n\n{wrong}')
    ended = run(command, tmp_path)
    assert ended.returncode == 1
    assert "wrong.py" in ended.stdout


def test_a_layer_that_is_skipped_is_found(tmp_path: Path):
    """The lowest layer importing the highest is what import-linter is there for."""
    for folder in ("harness", "worker_wrapper"):
        (tmp_path / folder).symlink_to(REPOSITORY / folder)
    (tmp_path / "harness").unlink()
    copied = tmp_path / "harness"
    copied.mkdir()
    for path in (REPOSITORY / "harness").iterdir():
        if path.name not in ("errors.py", "__pycache__"):
            (copied / path.name).symlink_to(path)
    (copied / "errors.py").write_text("from . import cli\n")
    settings = (REPOSITORY / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(settings)
    ended = run("lint-imports", tmp_path)
    assert ended.returncode == 1
    assert "harness.errors" in ended.stdout
