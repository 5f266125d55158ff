"""The command line, parsed by position."""

import pytest
from qfc_worker.command import Command, UsageError, parse


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("package p q.qgs", Command("package", "p", "q.qgs", "qgiscore")),
        (
            "package p q.qgs pythonmini",
            Command("package", "p", "q.qgs", "pythonmini"),
        ),
        ("delta_apply p q.qgs", Command("delta_apply", "p", "q.qgs")),
        (
            "apply_deltas p q.qgs --overwrite-conflicts",
            Command("delta_apply", "p", "q.qgs", overwrite_conflicts=True),
        ),
        (
            "process_projectfile p -q.qgs",
            Command("process_projectfile", "p", "-q.qgs"),
        ),
        (
            "delta_apply p --overwrite-conflicts",
            Command("delta_apply", "p", "--overwrite-conflicts"),
        ),
        ("create_project p", Command("create_project", "p")),
    ],
)
def test_good_lines(line: str, expected: Command) -> None:
    """Each form of the contract is understood; a file may look like an option."""
    assert parse(line.split(" ")) == expected


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ([], "no job type given"),
        (["nonsense"], "unknown job type 'nonsense'"),
        (["package", "p"], "package got 1 arguments"),
        (["create_project", "p", "q"], "create_project got 2 arguments"),
        (["package", "p", "q", "zip"], "unknown offliner 'zip'"),
        (["delta_apply", "p", "q", "--force"], "unknown option '--force'"),
    ],
)
def test_bad_lines(line: list[str], said: str) -> None:
    """What is wrong is said."""
    with pytest.raises(UsageError, match=said):
        parse(line)
