"""The report of a validation that was killed, from its journal."""

import json
from dataclasses import replace

import pytest

from harness.errors import UsageError
from harness.preflight import model
from harness.preflight.journal import Journal
from harness.preflight.killed import from_journal
from harness.preflight.model import (
    Evidence,
    Kind,
    Made,
    Plan,
    Result,
    Scope,
    Severity,
    Status,
    Word,
)
from harness.preflight.registry import CHECKS

SCOPE = Scope(
    command="qfc-harness validate --yes",
    kubeconfig="k",
    context="c",
    server="https://10.0.0.1",
    namespace="qfc",
    user="u",
    subject="worker_wrapper",
    service_account="sa",
    replicas=2,
    real_jobs=True,
)
PLAN = Plan(
    calls=(),
    objects=(),
    images=("i",),
    cpu="1",
    memory="1Gi",
    storage="",
    minutes=1.0,
    clean_up="kubectl -n qfc delete jobs -l run=<run>",
)


def passed(check: str) -> Result:
    """A result of the registry's check."""
    return Result(
        id=check,
        check=check,
        title=CHECKS[check].title,
        category=CHECKS[check].category,
        status=Status.PASS,
        severity=Severity.BLOCKER,
    )


@pytest.fixture
def journal(tmp_path):
    """What is on the disk in the middle of the real jobs."""
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        run = {"run_id": "a1b2c3", "started": "2026-05-03T12:00:00.000000Z"}
        journal.note("run", run)
        journal.note("scope", SCOPE)
        journal.enter("read-only")
        journal.saw(Evidence(id="version", call="GET /version", at=at(1), status=200))
        journal.note("planned", PLAN)
        for check in list(CHECKS)[:30]:
            journal.note("result", passed(check))
        journal.enter("real jobs")
        made = Made(kind="Job", name="one", uid="1", gone=False)
        journal.note("made", made)
        journal.note("gone", replace(made, gone=True))
        journal.note("made", replace(made, name="two", uid="2"))
        journal.saw(
            Evidence(
                id="job:two", call="POST /jobs", at=at(191), status=201, kind=Kind.WRITE
            )
        )
        yield path, journal


def at(second: int) -> str:
    """So many seconds after the start."""
    return f"2026-05-03T12:{second // 60:02d}:{second % 60:02d}.000000Z"


def test_it_says_where_it_ended_and_what_is_left(journal):
    """NO-GO, though no check had failed."""
    path, _ = journal
    report = from_journal(path.read_text(), "journal.jsonl")
    assert report.decision.word is Word.NO_GO
    assert report.ended == (
        f"Ended at 12:03:11 UTC in check 31 of {len(CHECKS)}, phase real jobs, "
        "after 2 calls"
    )
    assert report.ended in report.decision.sentence
    assert {one.name: one.gone for one in report.made} == {"one": True, "two": False}
    assert (report.run_id, report.scope, report.plan) == (
        "a1b2c3",
        replace(SCOPE, real_jobs=False),
        PLAN,
    )
    assert [one.id for one in report.evidence] == ["version", "job:two"]
    assert [(one.phase, one.writes) for one in report.calls] == [
        ("read-only", 0),
        ("real jobs", 1),
    ]


def test_the_last_line_may_be_cut_off(journal):
    """A kill asks nobody."""
    path, _ = journal
    text = path.read_text()
    whole = from_journal(text, "j")
    assert from_journal(text[:-40], "j").results == whole.results
    half = from_journal("\n".join(text.splitlines()[:20]), "j")
    assert len(half.results) == 15
    assert f"in check 16 of {len(CHECKS)}" in half.ended


def test_a_journal_with_its_end_is_the_report_that_was_made(journal):
    """Nothing is made up then."""
    path, open_journal = journal
    report = replace(from_journal(path.read_text(), "j"), ended="Ctrl-C")
    open_journal.end(report)
    assert from_journal(path.read_text(), "j") == report


def test_secrets_are_masked_in_every_line(tmp_path):
    """As it is written: nobody can mask it after a kill."""
    path = tmp_path / "j.jsonl"
    with Journal(path, lambda line: line.replace("hunter2", "…")) as journal:
        journal.note("scope", replace(SCOPE, command="validate --x hunter2"))
    assert "hunter2" not in path.read_text()
    assert "validate --x …" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("{", "line 1 is no line of a journal"),
        ('[]\n{"kind": "phase", "data": {}}\n', "line 1 is no line"),
        ('{"kind": "phase", "data": {}}\n', "a line of kind phase doesn't fit: 'name'"),
        ('{"kind": "made", "data": {"kind": 1}}\n', "kind made doesn't fit"),
    ],
)
def test_what_is_no_journal_is_told(text, said):
    """With the line."""
    with pytest.raises(UsageError) as raised:
        from_journal(text, "j.jsonl")
    assert said in str(raised.value)


def test_lines_of_a_later_version_are_left_out(journal):
    """And everything else is read."""
    path, _ = journal
    more = json.dumps({"kind": "weather", "data": "fine"})
    text = f"{more}\n{path.read_text()}"
    assert from_journal(text, "j") == from_journal(path.read_text(), "j")
    assert model.dumped(from_journal(text, "j"))
