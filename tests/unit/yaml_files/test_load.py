"""Reading scenario files: every mistake at once, with file, line and correction."""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.scenario import load
from harness.scenario.load import ScenarioMistakes

from .texts import GOOD, text

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", sorted(p.stem for p in GOLDEN.glob("*.yaml")))
def test_mistakes_have_these_words(name: str) -> None:
    """Each bad file's message is the one that is kept beside it."""
    bad = (GOLDEN / f"{name}.yaml").read_text(encoding="utf-8")
    with pytest.raises(ScenarioMistakes) as raised:
        load.parse(bad, f"{name}.yaml")
    assert f"{raised.value}\n" == (GOLDEN / f"{name}.error").read_text(encoding="utf-8")


def test_every_golden_error_has_its_file() -> None:
    """No message is kept for a file that isn't there."""
    stems = {path.stem for path in GOLDEN.glob("*.yaml")}
    assert stems == {path.stem for path in GOLDEN.glob("*.error")}
    assert len(stems) >= 10


def test_a_good_text_is_a_value() -> None:
    """What was read can't be changed any more."""
    read = load.parse(GOOD, "good.yaml")
    assert read.name == "a-name"
    with pytest.raises(ValueError, match="frozen"):
        read.name = "other"


def test_a_wrong_key_hides_no_contradiction_elsewhere() -> None:
    """But none beside it, which may only follow from it."""
    bad = text(
        worker="{run_sec: 1}",
        given="{config: {WORKER_TIMEOUT: 3}}",
        job="{type: delta_apply, deltafle: trees-create.json}",
    )
    with pytest.raises(ScenarioMistakes) as raised:
        load.parse(bad, "bad.yaml")
    assert {one.key for one in raised.value.mistakes} == {
        "worker.run_sec",
        "given.config.WORKER_TIMEOUT",
        "job.deltafle",
    }


def test_mistakes_of_all_files_come_together(tmp_path: Path) -> None:
    """One bad file doesn't hide the next."""
    (tmp_path / "a.yaml").write_text(text(nmae="x"))
    (tmp_path / "b.yaml").write_text(text(job="{}"))
    with pytest.raises(ScenarioMistakes) as raised:
        load.load([tmp_path])
    assert {Path(one.source).name for one in raised.value.mistakes} == {
        "a.yaml",
        "b.yaml",
    }
    assert "2 mistakes; nothing was run." in str(raised.value)


def test_names_are_unique(tmp_path: Path) -> None:
    """Two files of one name would give two cells of one id."""
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(GOOD)
    with pytest.raises(
        ScenarioMistakes, match=r"'a-name' is also the name of .*a.yaml"
    ):
        load.load([tmp_path])


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    """By itself and by its folder, by a relative path and an absolute one."""
    file = tmp_path / "a.yaml"
    file.write_text(GOOD)
    crooked = tmp_path / ".." / tmp_path.name / "a.yaml"
    assert len(load.load([tmp_path, file, crooked])) == 1


def test_files_come_in_order(tmp_path: Path) -> None:
    """Sorted by path, whatever the file system says."""
    for name in ("b", "a", "c"):
        (tmp_path / f"{name}.yaml").write_text(text(name=name))
    assert [one.scenario.name for one in load.load([tmp_path])] == ["a", "b", "c"]


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    """With what shows the right ones."""
    with pytest.raises(UsageError, match="no such file or folder") as raised:
        load.load([tmp_path / "nowhere.yaml"])
    assert "scenarios list" in raised.value.hint


def test_an_empty_folder_is_a_mistake(tmp_path: Path) -> None:
    """Nothing to run must not look like a success."""
    with pytest.raises(UsageError, match="holds no scenario"):
        load.load([tmp_path])


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    """It hides no mistake of another file."""
    (tmp_path / "a.yaml").write_bytes(b"name: \xff\n")
    (tmp_path / "b.yaml").write_text("- a list\n")
    with pytest.raises(
        UsageError, match=r"a\.yaml:1: \(file\): is not UTF-8"
    ) as caught:
        load.load([tmp_path])
    assert "b.yaml:1" in str(caught.value)


def test_every_shipped_file_is_good() -> None:
    """All of them load together."""
    from harness import resources

    assert len(load.load([resources.scenarios()])) >= 25
