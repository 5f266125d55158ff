"""docs/testing-your-wrapper.md: each command in it runs, each example is what it says."""

import inspect
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import yaml
from harness.subject import convention, process
from harness.subject.profile import Profile, load

pytestmark = pytest.mark.namespaces

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "testing-your-wrapper.md").read_text()


def blocks(language: str) -> list[str]:
    """The page's code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines()]
FOUND = {
    "docker_2026/worker_wrapper": "leftovers.token",
    "kube_polling.py": "calls.budget",
    "own_labels.py": "worker.labels",
    "docker_2026 --backend": "leftovers.token",
    "docker_2026 scenarios": "leftovers.token",
}
"""What a command's output has to name, by a part of the command."""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory in which the page's relative paths lead to the repository."""
    for name in ("tests", "scenarios"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    return tmp_path


def run(command: str, place: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of the page, with this Python's scripts."""
    argv = shlex.split(command)
    scripts = Path(sys.executable).parent
    return subprocess.run(
        [str(scripts / argv[0]), *argv[1:]],
        cwd=place,
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
            "PATH": f"{scripts}:{os.environ['PATH']}",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("command", COMMANDS, ids=range(len(COMMANDS)))
def test_a_command_runs(place: Path, command: str):
    """It judges its subject: exit code 0 or 1, and the finding it is there for."""
    ended = run(command, place)
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    words = next((found for part, found in FOUND.items() if part in command), "")
    assert (ended.returncode == 1) == bool(words), ended.stdout + ended.stderr
    assert words in ended.stdout


def test_the_finding_is_shown_as_it_is_printed(place: Path):
    """The example differs from a real one in ids only."""
    (command,) = [one for one in COMMANDS if "own_labels" in one]
    (shown,) = blocks("text")
    printed = run(command, place).stdout

    def stable(text: str) -> list[str]:
        text = re.sub(r"qgis-[0-9a-f-]{36}", "qgis-ID", text)
        return re.sub(r"harness-[0-9a-f]+-\d", "harness-ID", text).splitlines()

    lines = stable(printed)
    assert all(line in lines for line in stable(shown))


def test_the_profile_shows_every_key(tmp_path: Path):
    """The example is a profile, and leaves no key out."""
    (text,) = blocks("yaml")
    path = tmp_path / "profile.yaml"
    path.write_text(text)
    assert load(path).node_directories == ("/tmp",)
    assert set(yaml.safe_load(text)) == set(Profile.model_fields)


def test_the_table_of_texts_is_whole():
    """What a profile's texts may name is what is filled in."""
    written = set(re.findall(r"^\| `\{(\w+)\}` \|", PAGE, re.MULTILINE))
    assert written
    environ = {"QFIELDCLOUD_QGIS_IMAGE_NAME": "x"}
    fill = process._filler(SimpleNamespace(environ=environ), "docker")
    assert [name for name in written if fill(f"{{{name}}}") == f"{{{name}}}"] == []
    known = re.findall(r'^        "(\w+)": ', inspect.getsource(process._filler), re.M)
    assert written == set(known)


def _module(*names: str) -> ModuleType:
    module = ModuleType("wrapper")
    for name in names:
        setattr(module, name, type(name, (), {"run": lambda self: None}))
    return module


def test_the_names_in_the_table_are_found():
    """Each alone, and with a prefix for Kubernetes beside one without it."""
    rows = re.findall(r"^\| `(\w+)` \| (.*`\w+Job(?:Run)?`.*) \|$", PAGE, re.MULTILINE)
    assert len(rows) == 4
    for job_type, cell in rows:
        for name in re.findall(r"`(\w+)`", cell):
            module = _module(name, f"K8s{name}", "Neighbour")
            for backend, wanted in (("docker", name), ("kubernetes", f"K8s{name}")):
                found = convention.find_class([module], job_type, backend)
                assert found.__name__ == wanted


def test_a_file_that_is_named_is_there():
    """Paths in the page lead somewhere."""
    paths = re.findall(r"tests/strangers/[\w./-]+", PAGE)
    assert paths
    assert [path for path in paths if not (REPOSITORY / path).exists()] == []
