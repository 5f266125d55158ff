"""Whether a refusal's rule can be read where somebody looks."""

from types import SimpleNamespace
from typing import Any

import pytest

from harness.expectations import rights
from harness.scenario.schema import WithoutRule

WORDS = 'jobs.batch is forbidden: cannot list resource "jobs" in API group "batch"'
RULE = 'lacks the rule apiGroups ["batch"], resources ["jobs"], verbs ["list"]'


def seen(status: str, error: str = "", log: str = "") -> Any:
    """A cell in which ``list jobs`` was refused."""
    expect = SimpleNamespace(denied=(WithoutRule(resource="jobs", verb="list"),))
    return SimpleNamespace(
        granted=(),
        cell=SimpleNamespace(scenario=SimpleNamespace(expect=expect)),
        feedback={"error": error},
        row={"status": status, "output": ""},
        subjects=[SimpleNamespace(log=log)],
    )


@pytest.mark.parametrize(
    ("found", "ok"),
    [
        (seen("failed", error=WORDS), True),
        (seen("failed", error=RULE), True),
        (seen("failed", error="Permission denied"), False),
        (seen("failed", error=RULE.replace("list", "get")), False),
        (seen("failed", log=WORDS), False),  # nobody with a failed job sees the log
        (seen("finished", log=WORDS), True),
        (seen("finished", log="Orphans can't be looked for"), False),
    ],
)
def test_verb_and_resource_are_looked_for(found: Any, ok: bool):
    """In the row of a failed job; else in the wrapper's log too."""
    assert [one.ok for one in rights.denial_is_named(found)] == [ok]
