"""What a wrapper leaves on the shared claim."""

from pathlib import Path

from harness.environment import claim_files
from harness.environment.claim_files import LocalFiles
from harness.environment.place import NEIGHBOUR


def test_only_the_neighbours_directory_is_not_a_leftover(tmp_path: Path) -> None:
    """Folders of structure are the wrapper's way; what lies in them isn't."""
    files = LocalFiles(tmp_path)
    files.put(claim_files.neighbours(["jobs/other", "other"]))
    assert (tmp_path / "jobs/other" / NEIGHBOUR).is_file()
    assert claim_files.left(files.listing(), "mine") == []
    mine = tmp_path / "jobs" / "mine"
    mine.mkdir()
    (mine / "feedback.json").write_text("{}")
    (tmp_path / "stray").write_text("")
    (tmp_path / "qgis-mine").mkdir()
    assert claim_files.left(files.listing(), "mine") == [
        "jobs/mine",
        "jobs/mine/feedback.json",
        "qgis-mine",
        "stray",
    ]


def test_a_link_is_listed_and_not_followed(tmp_path: Path) -> None:
    """A worker's link must not lead the harness out of the claim."""
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "link").symlink_to("/etc")
    listed = LocalFiles(tmp_path).listing()
    assert {"path": "jobs/link", "directory": False} in listed
    assert len(listed) == 2
