"""What the image of stand-in and wrapper is made of."""

from pathlib import Path

import tomllib

from harness import resources
from harness.environment import app_image

ROOT = Path(__file__).parents[3]


def test_its_packages_are_the_projects() -> None:
    """Each line stands in pyproject.toml, so that no version is asked for twice."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    path = resources.fixture("qfieldcloud_app") / "requirements.txt"
    lines = [
        line
        for line in path.read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert lines
    assert set(lines) <= set(project["dependencies"])


def test_it_is_built_of_what_runs_in_pods() -> None:
    """Programs, stand-in and wrapper; other changes need no new image."""
    paths = {path for path, _ in app_image.context()}
    assert app_image.DOCKERFILE in paths
    assert {"harness/incluster/app.py", "worker_wrapper/wrapper.py"} <= paths
    assert not [path for path in paths if "__pycache__" in path]
    assert "harness/run.py" not in paths
    assert not [path for path in paths if path.startswith("harness/simulator")]


def test_another_content_is_another_image() -> None:
    """A tag names what is in it."""
    files = dict(app_image.context())
    changed = files | {"worker_wrapper/wrapper.py": b"# another"}
    assert app_image._digest(files) != app_image._digest(changed)
    assert app_image._digest(files) == app_image._digest(dict(files))
