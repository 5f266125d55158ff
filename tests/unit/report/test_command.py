"""``qfc-harness report``: what is written anew, and with which exit code."""

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.preflight.journal import Journal
from harness.preflight.model import Made
from harness.report import save
from harness.report.validation import save as validations

from . import samples
from .validation import samples as validation_samples
from .validation.given import SCOPE


def report(*arguments: object):
    """The command's exit code and words."""
    result = CliRunner().invoke(app, ["report", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("sample", "code"),
    [("few", 4), ("all-real", 0), ("none-run", 4), ("interrupted", 130)],
)
def test_a_run_is_written_anew_with_its_exit_code(tmp_path, sample, code):
    """The page is the same; the data that was read stays as it is."""
    made = samples.SAMPLES[sample]()
    save.write({save.DATA: save.dumped(made)}, tmp_path)
    before = (tmp_path / save.DATA).stat().st_mtime_ns
    found, said = report(tmp_path / save.DATA)
    assert found == code
    assert "Report: " in said
    assert (tmp_path / save.PAGE).read_text("utf-8") == save.texts(made)[save.PAGE]
    assert (tmp_path / save.DATA).stat().st_mtime_ns == before


@pytest.mark.parametrize(("sample", "code"), [("go", 0), ("no-go", 4), ("killed", 1)])
def test_a_validation_is_written_anew_with_its_exit_code(tmp_path, sample, code):
    """Elsewhere, if that is asked for; with annotations."""
    made = validation_samples.SAMPLES[sample]()
    file = tmp_path / "some.json"
    file.write_text(validations.texts(made)[validations.DATA], encoding="utf-8")
    found, said = report(file, "--report-dir", tmp_path / "new", "--github")
    assert found == code
    assert "::stop-commands::" in said
    assert f"title={made.decision.word.value}%2C qfieldcloud-prod::" in said
    assert {one.name for one in (tmp_path / "new").iterdir()} == {
        save.PAGE,
        save.JUNIT,
        validations.DATA,
    }


def test_a_validation_is_compared_with_an_earlier_one(tmp_path):
    """In the page and on the terminal."""
    for name in ("no-go", "go"):
        text = validations.texts(validation_samples.SAMPLES[name]())[validations.DATA]
        (tmp_path / f"{name}.json").write_text(text, encoding="utf-8")
    code, said = report(tmp_path / "go.json", "--compare", tmp_path / "no-go.json")
    assert code == 0
    assert "19 fixed" in said
    assert 'id="comparison"' in (tmp_path / save.PAGE).read_text("utf-8")


def test_a_killed_validation_gets_its_report_from_the_journal(tmp_path):
    """NO-GO, exit 1, and what is left."""
    file = tmp_path / "journal.jsonl"
    with Journal(file) as journal:
        journal.note("run", {"run_id": "a1", "started": "2026-05-03T12:00:00Z"})
        journal.note("scope", SCOPE)
        journal.note("made", Made(kind="Job", name="left", uid="u", gone=False))
    code, said = report(file)
    assert code == 1
    assert "NO-GO: Ended at 12:00:00 UTC" in said
    assert "Still in the cluster: Job/left" in said
    assert (tmp_path / save.PAGE).exists()


def test_what_is_no_report_is_told(tmp_path):
    """And nothing is written."""
    file = tmp_path / "x.json"
    file.write_text("{}")
    save.write({"run.json": save.dumped(samples.few())}, tmp_path)
    for arguments, words in (
        ([file], "no report of a run"),
        ([tmp_path / "absent.json"], "can't be read"),
        ([tmp_path / "run.json", "--compare", file], "only validations are compared"),
    ):
        code, said = report(*arguments)
        assert (code, words in said) == (2, True), said
    assert not (tmp_path / save.PAGE).exists()
