"""The printed command repeats a cell as it was run."""

import dataclasses
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from harness import resources
from harness.report.repeat import repeat_command
from harness.scenario import load
from harness.scenario.cells import Cell
from harness.settings import Settings
from harness.subject.locate import Subject, locate

GIVEN = {
    "worker_image": "registry.example/qgis:1",
    "wrapper": "host",
    "app_image": "registry.example/app:1",
    "probe_image": "registry.example/probe:1",
    "kubeconfig": "/home/me/kube config",
    "context": "prod",
    "namespace": "qfc",
    "pace": "real",
    "seed": 7,
}


def command(environment: str, subject: Subject | None = None, **given: Any) -> str:
    """The command for a cell in this environment."""
    path = resources.scenarios() / "contract" / "exit-code.yaml"
    (loaded,) = load.load([path])
    cell = Cell(
        scenario=loaded.scenario,
        path=loaded.path,
        backend="kubernetes",
        environment=environment,
    )
    settings = Settings(temporary=Path("/tmp"), cache=Path("/tmp"), **given)
    return repeat_command(cell, subject or locate("worker_wrapper"), settings)


def test_what_is_usual_is_not_said() -> None:
    """The shortest command that does the same."""
    words = shlex.split(command("simulated"))
    assert words[:2] == ["qfc-harness", "run"]
    assert words[3:] == ["--backend", "kubernetes", "--environment", "simulated"]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ("simulated", []),
        ("docker_engine", ["--worker-image"]),
        ("kind_cluster", ["--worker-image", "--wrapper", "--app-image"]),
        (
            "kubeconfig",
            [
                *("--kubeconfig", "--context", "--namespace"),
                *("--app-image", "--probe-image", "--worker-image"),
            ],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_was_given_is_said(environment: str, said: list[str]) -> None:
    """Each option that the environment heeds, with its value, and no other."""
    words = shlex.split(command(environment, **GIVEN))
    options = words[words.index("--environment") + 2 :]
    assert options[::2] == said
    for option, value in zip(options[::2], options[1::2], strict=True):
        assert value == GIVEN[option.removeprefix("--").replace("-", "_")]


def test_pace_and_seed_are_variables() -> None:
    """They have no option."""
    words = shlex.split(command("simulated", pace="real", seed=7))
    assert words[0] == "env"
    assert words[1:3] == ["QFC_HARNESS_PACE=real", "QFC_HARNESS_SEED=7"]
    assert words[3] == "qfc-harness"


def test_subject_and_profile_are_said() -> None:
    """A stranger's wrapper, and what was said of it."""
    subject = dataclasses.replace(
        locate("worker_wrapper"), name="a b.py", profile_path=Path("/p.yaml")
    )
    words = shlex.split(command("simulated", subject))
    assert words[-4:] == ["--subject", "a b.py", "--profile", "/p.yaml"]


@pytest.mark.parametrize("environment", ["docker_engine", "kind_cluster", "kubeconfig"])
def test_the_command_line_knows_what_is_said(environment: str) -> None:
    """Every option is one of ``qfc-harness run``."""
    from harness import cli

    known = CliRunner().invoke(cli.app, ["run", "--help"], env={"COLUMNS": "200"})
    words = shlex.split(command(environment, **GIVEN))
    for word in words:
        if word.startswith("--"):
            assert word in known.output
