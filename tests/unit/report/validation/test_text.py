"""A validation on a terminal, and as annotations."""

import io

import pytest
from rich.console import Console

from harness.preflight.model import Decision, Status, Word
from harness.preflight.registry import CHECKS
from harness.report.validation.github import github
from harness.report.validation.terminal import print_validation
from harness.report.validation.words import checks_note, in_brief

from . import samples
from .given import result, validation


def printed(name: str) -> str:
    """What a wide terminal without colours shows."""
    console = Console(file=io.StringIO(), width=160, color_system=None)
    print_validation(console, samples.SAMPLES[name](), page_path="here/report.html")
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_what_must_be_done_and_the_verdict_last():
    """Where a reader's eye is when the prompt is back."""
    text = printed("no-go")
    lines = text.splitlines()
    assert "✘ must be mended QFV-304 The worker's pod is accepted" in lines
    assert "  do:            Raise the quota." in lines
    assert "and" not in lines[-1]
    assert lines[-1] == "Report: here/report.html"
    assert lines[-3].startswith("✘ NO-GO: 3 must be mended")
    counts = f"13 failed, 6 warned, {len(CHECKS) - 20} passed, 1 not applicable."
    assert lines[-2].startswith(counts)
    (leads,) = [one for one in lines if "leads to:" in one]
    assert leads.endswith("QFV-912, 4 more")


def test_go_is_short():
    """Own calls, verdict, counts, proof, report."""
    assert printed("go").strip().splitlines() == [
        "Own calls: read-only: 0 writes, 14 dry-runs, 73 reads; "
        "real jobs: 8 writes, 0 dry-runs, 20 reads",
        "",
        "✔ GO: Every check passed.",
        f"{len(CHECKS)} passed. {len(CHECKS)} of {len(CHECKS)} checks gave a result. "
        "Weakest proof of a blocker: read.",
        "Report: here/report.html",
    ]


def test_what_is_left_is_told_with_its_end():
    """On the terminal, in the summary to copy, and in the annotations."""
    for text in (
        printed("killed"),
        in_brief(samples.killed()),
        github(samples.killed()),
    ):
        assert "Still in the cluster: Job/qfv-4f2a91c0-2" in text
        assert "delete jobs,configmaps -l qfc-harness/run=4f2a91c0" in text


def test_hostile_text_is_no_markup():
    """Square brackets of a cluster's text are text."""
    text = "[bold]x[/nothing] [link=x]"
    bad = result("QFV-304", Status.FAIL, seen=text, title=text)
    console = Console(file=io.StringIO(), width=160, color_system=None)
    print_validation(console, validation([bad], ended=text), page_path=text)
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert f"  seen:          {text}" in said
    assert f"Report: {text}" in said


def test_annotations_name_verdict_blockers_and_warnings():
    """Blockers are errors, the rest warnings, and GO is a notice."""
    lines = github(samples.no_go()).splitlines()
    assert lines[0].startswith("::error title=NO-GO%2C qfieldcloud-prod::3 must be")
    assert lines[1].startswith("::error title=QFV-304::The worker's pod is accepted")
    assert "Raise the quota. Run this validation again." in lines[1]
    assert lines[1].endswith("(16 checks because of it)")
    (notice,) = github(samples.go()).splitlines()
    assert notice.startswith("::notice title=GO%2C qfieldcloud-prod::Every check")
    warned = github(samples.go_with_warnings()).splitlines()
    assert len(warned) == 6
    assert all(one.startswith("::warning ") for one in warned)


@pytest.mark.parametrize(
    ("counts", "more"),
    [
        ({"passed": 68}, "."),
        (
            {"passed": 67, "not_proven": 1},
            "; 1 result says that nothing could be seen.",
        ),
        (
            {"not_proven": 60, "skipped": 8},
            "; 68 results say that nothing could be seen.",
        ),
    ],
)
def test_how_many_could_not_look(counts: dict[str, int], more: str):
    """That a check gave a result doesn't say that it saw something."""
    decision = Decision(
        word=Word.NO_GO,
        sentence="",
        counts=counts,
        checks_run=68,
        checks_demanded=68,
    )
    assert checks_note(decision) == f"68 of 68 checks gave a result{more}"
