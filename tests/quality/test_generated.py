"""Generated files are as the commands write them; each test names its command."""

from pathlib import Path

from harness import resources
from harness.scenario import catalogue, load
from harness.simulator import coverage

REPOSITORY = Path(__file__).parents[2]


def _stale(path: str, wanted: str, command: str) -> str:
    """What to do about a file; "" if it is fresh."""
    there = REPOSITORY / path
    if there.is_file() and there.read_text(encoding="utf-8") == wanted:
        return ""
    return f"{path} is stale. Write it anew: {command}"


def test_the_catalogue_is_fresh():
    """`qfc-harness scenarios list --markdown > scenarios/README.md`."""
    found = resources.scenarios()
    assert not _stale(
        "scenarios/README.md",
        catalogue.markdown(load.load([found]), found),
        "qfc-harness scenarios list --markdown > scenarios/README.md",
    )


def test_the_schema_is_fresh():
    """`qfc-harness scenarios schema > scenarios/scenario.schema.json`."""
    assert not _stale(
        "scenarios/scenario.schema.json",
        catalogue.json_schema(),
        "qfc-harness scenarios schema > scenarios/scenario.schema.json",
    )


def test_the_coverage_is_fresh():
    """`python -m harness.simulator.coverage`."""
    assert not _stale(
        "docs/simulator-coverage.md",
        coverage.page(),
        "python -m harness.simulator.coverage",
    )


def test_editors_find_the_schema():
    """Each file names it on its first line, by a path that leads there."""
    key = "# yaml-language-server: $schema="
    for path in resources.scenarios().rglob("*.yaml"):
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        assert first.startswith(key), path
        assert (path.parent / first.removeprefix(key)).is_file(), path


def test_a_stale_file_is_found():
    """Whatever differs, and whatever is missing."""
    assert _stale("scenarios/README.md", "other\n", "do it").endswith(": do it")
    assert "no-such-file" in _stale("no-such-file", "", "do it")
