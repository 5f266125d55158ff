"""Every `qfc-harness` command that a page shows is run, from a directory elsewhere.

Those of docs/testing-your-wrapper.md have tests of their own, beside its wrappers.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .test_pages import BLOCK, PAGES, REPOSITORY

NOT_HERE = {
    r"--environment (docker_engine|kind_cluster)": "tox -e docker and kind run it",
    r"--environment kubeconfig": "tests/engine/test_in_cluster.py runs it on kind",
    r"fidelity --of real": "tests/unit/fidelity has such reports",
    r"qfc-harness validate\b": "tests/preflight/test_page.py runs it",
}
"""What a test here can't run, and what does."""
ENDS_WITH_1 = "worker_left_behind"
SEEN = {
    "worker_left_behind": "FAIL leftovers.worker:",
    "scenarios check": "no mistake",
    "render": "kind: Deployment",
    "doctor": "simulated: ready",
    "scenarios show": "name: timeout",
}
"""What a command has to print, by a part of it."""


def commands() -> list[str]:
    """The commands of all pages, each once, without what they are piped into."""
    lines = [
        re.split(r"\s+#|\s\|\s", line)[0].strip()
        for page in PAGES
        if page != "docs/testing-your-wrapper.md"
        for block in BLOCK.findall((REPOSITORY / page).read_text(encoding="utf-8"))
        for line in block.splitlines()
        if re.match(r"(\w+=\S+ )*qfc-harness ", line)
    ]
    return list(dict.fromkeys(lines))


def elsewhere(command: str) -> str:
    """Why a command isn't run here; "" if it is."""
    found = (why for part, why in NOT_HERE.items() if re.search(part, command))
    return next(found, "")


HERE = [one for one in commands() if not elsewhere(one)]


@pytest.fixture
def place() -> Iterator[Path]:
    """Where the pages' paths lead to the repository, but nothing is written to it."""
    with tempfile.TemporaryDirectory(prefix="q") as directory:
        root = Path(directory)
        root.chmod(0o711)
        for name in ("scenarios", "tests", "docs", "fixtures", "k8s-manifests"):
            (root / name).symlink_to(REPOSITORY / name)
        (root / "settings.env").write_text("SECRET_KEY=s\n")
        yield root


@pytest.mark.parametrize("command", HERE, ids=range(len(HERE)))
def test_a_command_runs(command: str, place: Path):
    """It ends as the page says, and prints what it is there for."""
    words = shlex.split(command)
    given = dict(one.split("=", 1) for one in words if re.match(r"[A-Z_]+=", one))
    arguments = words[words.index("qfc-harness") + 1 :]
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    ended = subprocess.run(
        [sys.executable, "-m", "harness", *arguments],
        cwd=place,
        env={**kept, "TMPDIR": str(place), "PYTHONDONTWRITEBYTECODE": "1", **given},
        capture_output=True,
        text=True,
        timeout=180,
    )
    said = ended.stdout + ended.stderr
    assert ended.returncode == (1 if ENDS_WITH_1 in command else 0), said
    wanted = [text for part, text in SEEN.items() if part in command]
    assert [text for text in wanted if text not in said] == [], said


def test_pages_have_commands():
    """The list isn't empty because of a change in the pages' form."""
    assert len(HERE) > 8
    assert list(NOT_HERE) == [
        part
        for part in NOT_HERE
        if any(re.search(part, command) for command in commands())
    ], "a reason for a command that no page has"
