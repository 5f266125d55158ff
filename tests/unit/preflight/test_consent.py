"""Who agrees to real jobs, and to which."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from harness.preflight.given import Asked
from harness.preflight.model import Plan
from harness.validation import command

PLAN = Plan(
    calls=(),
    objects=(),
    images=("qgis:1",),
    cpu="",
    memory="",
    storage="",
    minutes=1,
    clean_up="kubectl delete …",
    hash="0123456789abcdef",
)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"yes": True}, ""),
        ({"yes_plan": PLAN.hash}, ""),
        ({"yes_plan": "another"}, "another was agreed to"),
        ({"only_plan": True, "yes": True}, "only the plan"),
        ({}, "not agreed to"),
    ],
    ids=["yes", "this-plan", "another-plan", "only-the-plan", "nobody-there"],
)
def test_consent(options: dict[str, Any], words: str, monkeypatch: Any) -> None:
    """The plan is shown; its hash accepts exactly it; without a terminal it is no."""
    monkeypatch.setattr("sys.stdin", io.StringIO())
    shown = io.StringIO()
    asked = Asked(command="", kubeconfig=Path("k"), namespace="n", **options)
    found = command._consent(asked, PLAN, Console(file=shown))
    assert words in found
    assert bool(found) is bool(words)
    assert PLAN.hash in shown.getvalue()
    assert PLAN.clean_up in shown.getvalue()
