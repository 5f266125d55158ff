"""``pytest -k scenario``: each cell is an item, nothing else is, and how one fails."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from .conftest import QUICK, Place

REPOSITORY = Path(__file__).parents[2]
BACKENDS = ("docker", "kubernetes")


def pytest_of(
    place: Path, *arguments: str, **environ: str
) -> "subprocess.CompletedProcess[str]":
    """A session of its own; not one of this session's workers."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=place,
        env={**kept, **environ},
        capture_output=True,
        text=True,
        timeout=180,
    )


def collected(*arguments: str) -> list[str]:
    """The ids of the items that are selected in this repository."""
    ended = pytest_of(REPOSITORY, "--collect-only", "-q", *arguments)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return [line for line in ended.stdout.splitlines() if "::" in line]


def test_the_word_selects_each_cell_and_nothing_else():
    """As many as there are scenarios on their backends, by readable names."""
    listed = subprocess.run(
        [sys.executable, "-m", "harness", "scenarios", "list", "--json"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    cells = {
        f"scenario[{one['name']}-{backend}-simulated]"
        for one in json.loads(listed.stdout)
        for backend in one["backends"]
    }
    assert "scenario[package-trees-kubernetes-simulated]" in cells
    items = collected("-k", "scenario")
    assert [one for one in items if not one.startswith("scenarios/")] == []
    names = [re.sub(r"^.*?::", "", one) for one in items]
    assert len(names) == len(cells)
    assert set(names) == cells


def test_a_failed_cell_shows_its_findings(place: Place):
    """Expected, actual, why, what to do, the command to repeat it; no traceback."""
    folder = place.here / "scenarios"
    folder.mkdir()
    (folder / "one.yaml").write_text(QUICK.replace("exit_code: 0", "exit_code: 3"))
    (folder / "bad.yaml").write_text("name: [\n")
    mutant = REPOSITORY / "tests" / "mutants" / "exit_code_lost.py"
    arguments = [f"--rootdir={place.here}", f"--subject={mutant}", "--tb=long"]
    ended = pytest_of(
        place.here,
        *arguments,
        "-k",
        "docker",
        "--continue-on-collection-errors",
        TMPDIR=str(place.temporary),
    )
    out = ended.stdout
    assert ended.returncode == 1, out + ended.stderr
    assert "scenario[quick-one-docker-simulated]" in out
    assert "FAIL row.exit-code: " in out
    shown = re.search(r"row\.exit-code:.*?\n\n", out, re.DOTALL)
    assert shown is not None
    for line in ("expected: 3", "actual:   0", "why:  ", "fix:  ", "where:    job."):
        assert line in shown[0]
    assert "repeat: qfc-harness run " in out
    assert "bad.yaml:" in out  # a file that can't be read is named, in words too
    assert "Traceback" not in out + ended.stderr
    assert "pytest_plugin.py" not in out
    assert place.left() == []


def test_no_other_plugin_is_needed(place: Place):
    """Only an extra brings pytest-kind, of which the option --kubeconfig is."""
    folder = place.here / "scenarios"
    folder.mkdir()
    (folder / "one.yaml").write_text(QUICK)
    arguments = ["--collect-only", "-q", f"--rootdir={place.here}"]
    ended = pytest_of(place.here, *arguments, "-p", "no:pytest-kind")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "scenario[quick-one-docker-simulated]" in ended.stdout
